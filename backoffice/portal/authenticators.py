"""Which of a customer's authenticators counts for a confirmation, and what they are told when one is added. A thief
with a session and the password can add an authenticator of their own. So a new one does not count for a day, and the
customer is told at once at every address. Only the very first one of an account counts at once, and only if no case was
open when it was added, because then it could confirm nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.messages import telling
from backoffice.staff import rights
from backoffice.staff.models import FormerAuthenticator, User

WAITS = timedelta(hours=24)
ADDED = "authenticator_added"
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def counts_from(authenticator: Authenticator) -> datetime:
    """From when (UTC) the authenticator may confirm a step of a case."""
    added: datetime = authenticator.created_at
    return added if _is_first(authenticator) and not _had_an_open_case(authenticator) else added + WAITS


def counts(authenticator: Authenticator, *, now: datetime) -> bool:
    return counts_from(authenticator) <= now


def of_user(user: User) -> Sequence[Authenticator]:
    """Their authenticator app and their passkeys; no recovery codes, which confirm nothing."""
    return list(Authenticator.objects.filter(user=user, type__in=KINDS).order_by("created_at", "pk"))


@rights.needs(rights.TELL_ADDED)
def tell_added(*, user: User, by: Actor, now: datetime | None = None) -> None:
    """Tells the customer at all addresses in force, and at those that they had in the last 30 days. Staff are not
    told."""
    customer = Customer.objects.filter(user=user).first()
    if customer is None:
        return
    now = now or timezone.now()
    with transaction.atomic():
        telling.tell(
            customer=customer,
            case_id=None,
            case_reference="",
            template=ADDED,
            context={},
            channels=("mail", "sms"),
            urgent=True,
            by=by,
            now=now,
        )
        telling.tell_old_addresses(
            customer=customer, case_id=None, case_reference="", template=ADDED, context={}, by=by, now=now
        )


def _is_first(authenticator: Authenticator) -> bool:
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=KINDS).exclude(pk=authenticator.pk)
    had = FormerAuthenticator.objects.filter(user_id=authenticator.user_id, added_at__lte=authenticator.created_at)
    return not others.filter(created_at__lte=authenticator.created_at).exists() and not had.exists()


def _had_an_open_case(authenticator: Authenticator) -> bool:
    added = authenticator.created_at
    then_open = Q(closed_at=None) | Q(closed_at__gt=added)
    return Case.objects.filter(then_open, customer__user_id=authenticator.user_id, opened_at__lte=added).exists()
