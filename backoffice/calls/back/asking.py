""" "Call me", from the public check page, with the reference of a case: for who has no account at hand.

Whatever is typed, the answer is the same, and takes the same time: the work is done afterwards (`tasks.py`), so that
nobody learns whether there is a case (trust, threat 15). The number that is called is always the one on file, never one
that is typed. Nobody has proven anything: the call counts in full in the contact budget, and the customer is told by
mail and can call it off.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel, system
from backoffice.calls.back import rights
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.opening import phones_of
from backoffice.cases.models import Case, CaseState
from backoffice.cases.opening import open_case
from backoffice.references import tidy_reference
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from backoffice.telephony import numbers
from backoffice.text import digits_of
from backoffice.trust.limits import Limit, allowed
from workflows.call_back.spec import CALL_BACK_SPEC

log = structlog.get_logger(__name__)
PER_NETWORK = Limit("call-me", times=5, per=timedelta(hours=1))
PER_CASE = Limit("call-me-case", times=5, per=timedelta(hours=1))
"""Counted for known and unknown references alike, so that nobody can try all three digits from many networks."""
IN_ALL = Limit("call-me-all", times=600, per=timedelta(hours=1))


@needs(rights.ASK_FOR_CALL)
def check(*, reference: str, network: str, by: Actor, now: datetime) -> None:
    """Counts a wish of the public page. Raises `Conflict` on `reference` after too many, and `CannotCount`."""
    tidy = tidy_reference(reference) or "-"
    within = allowed(PER_NETWORK, network, now=now) and allowed(IN_ALL, "", now=now)
    if not (within and allowed(PER_CASE, tidy, now=now)):
        raise Conflict("too_many_tries", _("Too many wishes. Wait an hour, or call us."), field="reference")


@needs(rights.ASK_FOR_CALL)
def ask(*, reference: str, last_three: str, by: Actor, now: datetime) -> Case | None:
    """Opens a call-back about the case with this reference, if the digits are those of a number on file that may be
    called, and no call about it is under way. Returns it, for tests and operators; the page never learns it."""
    case = Case.objects.filter(reference=tidy_reference(reference) or "-").select_related("customer").first()
    digits = digits_of(last_three[:40])[-3:]
    if case is None or case.state == CaseState.CLOSED or not _fits(case, digits):
        log.info("a wish to be called fits no case")
        return None
    root = case.root_id_or_own
    going_on = CallBack.objects.filter(about_id=root, case__customer=case.customer, survey_of=None)
    is_called = case.process == CALL_BACK_SPEC.name or going_on.exclude(state=CallBackState.OVER).exists()
    if is_called or not numbers.callable_numbers(customer=case.customer, now=now):
        log.info("a wish to be called changes nothing", case=str(case.id))
        return None
    opened, _new = open_case(
        process=CALL_BACK_SPEC.name,
        customer=case.customer,
        by=system(),
        key=f"call-me:{root}:{now:%Y%m%d}",
        content={"about": str(root), "soon": True},
        reason="asked_publicly",
        now=now,
    )
    return opened


def _fits(case: Case, digits: str) -> bool:
    """Whether a number on file of the customer ends so."""
    fits = [hmac.compare_digest(point.value[-3:], digits) for point in phones_of(case.customer)]
    return len(digits) == 3 and True in fits


def anybody(request_id: str) -> Actor:
    """Who uses the public page: nobody has signed in."""
    return Actor(kind=ActorKind.OUTSIDE, id="call me page", channel=Channel.PORTAL, request_id=request_id)
