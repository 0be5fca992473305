"""Which numbers we may call: only numbers on file, verified, unchanged for seven days and without a SIM-swap mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.trust.phone_factor import Hindrance, hindrance

_WHY: Mapping[Hindrance, str | Promise] = {
    Hindrance.NO_NUMBER: _("This number is not on file. Write to the customer instead."),
    Hindrance.SUPERSEDED: _("The customer has another number now. Call that one."),
    Hindrance.UNVERIFIED: _("Nobody has verified this number yet. Write to the customer instead."),
    Hindrance.SIM_SWAPPED: _("The SIM of this number was swapped, or it was ported. Write to the customer instead."),
    Hindrance.TOO_YOUNG: _("This number is on file for less than seven days. Write to the customer instead."),
}


def why_not(point: ContactPoint | None, *, now: datetime) -> str:
    """The sentence that says why this number may not be called at `now` (aware); empty when it may."""
    found = hindrance(point, now)
    return str(_WHY[found]) if found else ""


def callable_numbers(*, customer: Customer, now: datetime) -> Sequence[ContactPoint]:
    """The numbers of the customer that may be called at `now` (aware)."""
    points = ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE, superseded_at=None)
    return [point for point in points if not why_not(point, now=now)]
