"""Opens a customer's record to staff: only for a case or with a reason, and every opening and refusal is noted (threat
8). The customer may see who looked: `openings_of`. The app of the cases knows which case a person holds; it registers a
function for that with `find_case_with`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind
from backoffice.customers.models import Access, Customer
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.text import kept

OPEN_FOR = timedelta(minutes=30)
MINUTES_OPEN = int(OPEN_FOR.total_seconds() // 60)
SHORTEST_REASON = 10

CaseFinder = Callable[[User, Customer], uuid.UUID | None]
"""Takes a member of staff and a customer; returns the open case for which the record may be read, if there is one."""
_finders: list[CaseFinder] = []


def find_case_with(finder: CaseFinder) -> None:
    """Registers, once, the function that finds such a case. The app of the cases calls this when it is ready."""
    if finder not in _finders:
        _finders.append(finder)


def case_for(*, user: User, customer: Customer) -> uuid.UUID | None:
    """The open case for which the user may read the record; None without one."""
    return next((found for finder in _finders if (found := finder(user, customer)) is not None), None)


@rights.needs(rights.READ, notes_refusals=True)
def open_record(
    *,
    customer: Customer,
    by: Actor,
    user: User,
    now: datetime,
    case_id: uuid.UUID | None = None,
    has_case: bool = False,
    reason: str = "",
    page: str = "",
) -> Access:
    """Lets a member of staff read the record for thirty minutes, and notes it. `now` is UTC.

    `has_case` says that `case_id` is an open case which they hold or which stands in their worklist; `reason` opens it
    without one. Within that time, the same person reads on without a new line. `page` is where they read. Without a
    case and a reason, the refusal is noted and Forbidden is raised, so this must not be called within a transaction
    that would roll the note back. Raises Invalid on `reason` when it is too short to say anything, or holds a
    card number.
    """
    if by.kind != ActorKind.STAFF or by.id != str(user.public_id) or not rights.READ.allows(by):
        _note_refusal(customer=customer, user=user, case_id=case_id, page=page, now=now)
        raise Forbidden(rights.READ.code, str(rights.READ.refusal))
    if has_case and case_id is not None:
        running = _running(customer, user, now).filter(case_id=case_id).first()
        return running or _note(customer=customer, user=user, case_id=case_id, reason="", page=page, now=now)
    given = kept(reason)[:200]
    if given:
        if len(given) < SHORTEST_REASON:
            raise Invalid({"reason": [_("Say in a few words why you open this record. The customer may read it.")]})
        no_card_numbers.refuse(given, field="reason")
        return _note(customer=customer, user=user, case_id=None, reason=given, page=page, now=now)
    running = _running(customer, user, now).exclude(reason="").first()
    if running is None:
        _note_refusal(customer=customer, user=user, case_id=case_id, page=page, now=now)
        raise Forbidden("no_reason", _("Open this record from a case of yours, or say why you need it."))
    return running


def refused(
    *, customer: Customer, user: User, case_id: uuid.UUID, page: str, now: datetime, sentence: str
) -> Forbidden:
    """Notes that this person was refused a case, and gives the refusal to raise. No reason opens it to them."""
    _note_refusal(customer=customer, user=user, case_id=case_id, page=page, now=now)
    return Forbidden("kept_from", sentence)


def is_open(*, customer: Customer, user: User, case_id: uuid.UUID, now: datetime) -> bool:
    """Whether this person opened the record within the last thirty minutes, for this case or with a reason. Nothing is
    noted. `now` is UTC."""
    return _running(customer, user, now).filter(Q(case_id=case_id) | ~Q(reason="")).exists()


def openings_of(*, customer: Customer) -> QuerySet[Access]:
    """Who opened the record, the newest first. Refusals are left out, because nobody saw anything."""
    return Access.objects.filter(customer=customer, refused=False).select_related("user").order_by("-at")


def _running(customer: Customer, user: User, now: datetime) -> QuerySet[Access]:
    return Access.objects.filter(customer=customer, user=user, refused=False, until__gt=now).order_by("-until")


def _note(
    *, customer: Customer, user: User, case_id: uuid.UUID | None, reason: str, page: str, now: datetime
) -> Access:
    return Access.objects.create(
        customer=customer, user=user, at=now, until=now + OPEN_FOR, case_id=case_id, reason=reason, page=page[:80]
    )


def _note_refusal(*, customer: Customer, user: User, case_id: uuid.UUID | None, page: str, now: datetime) -> None:
    with transaction.atomic(durable=True):
        Access.objects.create(customer=customer, user=user, at=now, case_id=case_id, page=page[:80], refused=True)
