"""The code of a call: the customer has it shown in the portal, says it, and the agent types it.

It is good for ten minutes and once, and bound to the case, to what the caller wants, and to the agent. It is stored
nowhere: `trust.codes` keeps its keyed hash, and the customer's own screen derives it again from the call's nonce.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.calls import rights
from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of
from backoffice.cases import incidents, timeline
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, CaseState, IncidentKind, ItemState, WorkItem
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from backoffice.trust import codes
from backoffice.trust.models import Code
from workflows.base.spec import Nothing
from workflows.phone_authorisation.spec import CODE_DENIED, GIVE_CODE, PERIODS, TRIES, TYPE_CODE

LENGTH = 8
MINUTES = int(PERIODS.code.total_seconds() // 60)


@needs(rights.SHOW_CODE)
def show_another(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Call:
    """Makes a new code for the customer's screen; the one before it is void. Raises `NotFound` for another customer's
    case, `Conflict` when nobody waits for a code any more, `NoMoreCodes`."""
    now = now or timezone.now()
    with changing(case_id) as case:
        return show(_own(case, by=by), by=by, now=now)


@needs(rights.SHOW_CODE)
def deny(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Call:
    """ "I am not talking to you": the code is void, the agent is told at once, and a supervisor looks into
    it. Saying it again changes nothing. Raises `NotFound` for another customer's case, `Conflict` when the code was
    used already, or nobody waits for it any more."""
    now = now or timezone.now()
    with changing(case_id) as case:
        return denied(_own(case, by=by), by=by, now=now)


def show(call: Call, *, by: Actor, now: datetime) -> Call:
    """Within the unit of work of the case."""
    _refuse_unless_awaited(call)
    call.nonce = secrets.token_hex(32)
    code, _clear = codes.issue(
        case_id=call.case_id,
        action=action_of(call),
        target=target_of(call),
        minutes=MINUTES,
        tries=TRIES,
        clear=_clear_of(call),
        now=now,
    )
    call.code, call.shown_at, call.login = code.id, now, by.proof
    call.shown += 1
    call.save(update_fields=["nonce", "code", "shown_at", "login", "shown"])
    timeline.note(call.case, "call.code_shown", by=by, data={"number": str(call.shown)}, at=now)
    return call


def denied(call: Call, *, by: Actor, now: datetime, answering: str = "") -> Call:
    """Within the unit of work of the case. `answering` is the step whose answer says it."""
    if call.state == CallState.DENIED:
        return call
    _refuse_unless_awaited(call)
    call.state = CallState.DENIED
    call.save(update_fields=["state"])
    Code.objects.filter(case_id=call.case_id, used_at=None, void_at=None).update(void_at=now)
    timeline.note(call.case, "call.denied", by=by, at=now)
    suspect(call, by=by, now=now)
    waiting = WorkItem.objects.filter(case=call.case, state=ItemState.OPEN, kind__in=(TYPE_CODE.name, GIVE_CODE.name))
    steps = list(waiting.exclude(step=answering).values_list("step", flat=True))
    withdraw_items(call.case, steps=steps, by=by, now=now)
    signal(call.case, CODE_DENIED, Nothing())
    return call


def suspect(call: Call, *, by: Actor, now: datetime) -> None:
    """Somebody may have pretended to be the customer: the case needs attention until a supervisor has looked into
    it."""
    incidents.open(call.case, IncidentKind.ALARM, by=by, key=call.state, values={"code": call.state}, at=now)


def to_read_out(call: Call, *, by: Actor, now: datetime) -> tuple[str, datetime] | None:
    """The code for the screen of the case's own customer, `7KQ4 MX2R`, and until when it is good. None for everybody
    else, before the customer has it shown, and when it is used, void or late."""
    if by.kind is not ActorKind.CUSTOMER or by.id != str(call.case.customer.public_id):
        return None
    if call.state != CallState.ASKED or call.case.state != CaseState.OPEN or call.code is None:
        return None
    live = Code.objects.filter(id=call.code, used_at=None, void_at=None, expires_at__gt=now).first()
    return (codes.in_groups(_clear_of(call)).replace("-", " "), live.expires_at) if live else None


def is_awaited(call: Call) -> bool:
    """Whether the agent waits for a code now."""
    if call.state != CallState.ASKED or call.case.state != CaseState.OPEN:
        return False
    return WorkItem.objects.filter(case=call.case, kind=TYPE_CODE.name, state=ItemState.OPEN).exists()


def action_of(call: Call) -> str:
    """What the code is good for."""
    return f"call:{call.wants}"[:60]


def target_of(call: Call) -> str:
    """Whom it may be typed by."""
    return str(call.agent.public_id)


def _clear_of(call: Call) -> str:
    bound_to = {"case": str(call.case_id), "action": action_of(call), "target": target_of(call)}
    return codes.derived(nonce=call.nonce, length=LENGTH, **bound_to)


def _own(case: Case, *, by: Actor) -> Call:
    if by.kind is not ActorKind.CUSTOMER or by.id != str(case.customer.public_id):
        raise NotFound("unknown_case", _("There is no such case."))
    return call_of(case, lock=True)


def _refuse_unless_awaited(call: Call) -> None:
    if call.case.state == CaseState.FROZEN:
        raise Conflict("frozen", _("This is paused while we look into something. Give no code to anybody."))
    if not is_awaited(call):
        raise Conflict("over", _("Nobody of us waits for a code any more. Give no code to anybody."))
