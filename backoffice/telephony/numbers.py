"""Which telephone numbers may be called: on file, verified, unchanged for seven days, not swapped or ported, and none
that earns somebody money.

The rule is that of `trust.phone_factor` (NIST SP 800-63B: telephones are restricted authenticators): who took over
somebody's number must not be the one whom we call about their account. Another way is always offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.customers.contact_points import PHONE_AGE
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.trust.phone_factor import Hindrance, hindrance
from backoffice.trust.quiet_hours import zone

_SENTENCES: dict[Hindrance, Promise] = {
    Hindrance.NO_NUMBER: _("This is no telephone number on file, and only those are called. %(instead)s"),
    Hindrance.SUPERSEDED: _("This number was replaced by another and is not called any more. %(instead)s"),
    Hindrance.UNVERIFIED: _("It was never verified that this number is the customer's. %(instead)s"),
    Hindrance.SIM_SWAPPED: _(
        "This number was marked as swapped or ported: somebody else may answer it. %(instead)s Only a contact change "
        "makes it good again."
    ),
    Hindrance.TOO_YOUNG: _("This number changed less than seven days ago and may be called from %(when)s. %(instead)s"),
    Hindrance.COSTS_EXTRA: _("It costs extra to ring this number, so nobody does. %(instead)s"),
}
INSTEAD = _("Write to the customer by mail, in the portal or by letter instead.")
"""The other way, which holds whatever is wrong with a number."""


def why_not(point: ContactPoint | None, *, now: datetime) -> str:
    """The sentence for staff that says why this number may not be called at `now` (aware), and what to do instead;
    empty when it may. The number is read again: what the caller holds may be older than a mark on it."""
    fresh = ContactPoint.objects.filter(pk=point.pk).select_related("customer").first() if point else None
    return _why_not(fresh, now)


def callable_numbers(*, customer: Customer, now: datetime) -> Sequence[ContactPoint]:
    """The customer's numbers that may be called at `now` (aware), the oldest first; none means: write instead."""
    numbers = ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE, superseded_at=None)
    return [point for point in numbers.order_by("since", "pk") if hindrance(point, now) is None]


def _why_not(point: ContactPoint | None, now: datetime) -> str:
    reason = hindrance(point, now)
    if reason is None:
        return ""
    when = ""
    if point is not None and reason is Hindrance.TOO_YOUNG:
        allowed = (point.since + PHONE_AGE).astimezone(zone(point.customer.time_zone))
        when = date_format(allowed, "l j F, H:i")
    return str(_SENTENCES[reason]) % {"when": when, "instead": INSTEAD}
