"""How far a telephone call is. The tables below say what may follow what; `move` is the only way a state changes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.telephony import budget, minutes, ports, rights, waking
from backoffice.telephony.announcing import check_number
from backoffice.telephony.models import OVER, Call, CallOutcome, CallState
from backoffice.trust.models import Direction

LONGEST_WRAP_UP = 2000
"""Characters."""
FOLLOWS: Mapping[CallState, frozenset[CallState]] = {
    CallState.ANNOUNCED: frozenset({CallState.DIALLING, CallState.ENDED}),
    CallState.DIALLING: frozenset({CallState.RINGING, CallState.ANSWERED, CallState.NOT_ANSWERED, CallState.VOICEMAIL}),
    CallState.RINGING: frozenset({CallState.ANSWERED, CallState.NOT_ANSWERED, CallState.VOICEMAIL}),
    CallState.ANSWERED: frozenset({CallState.COMPANY_PROVEN, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.COMPANY_PROVEN: frozenset({CallState.CUSTOMER_PROVEN, CallState.ENDED}),
    CallState.CUSTOMER_PROVEN: frozenset({CallState.ENDED}),
    CallState.ENDED: frozenset(),
    CallState.NOT_ANSWERED: frozenset(),
    CallState.VOICEMAIL: frozenset(),
}
"""A telephone does not always ring before somebody answers, and an answering machine is not always known at once."""
FOLLOWS_IN: Mapping[CallState, frozenset[CallState]] = {
    **FOLLOWS,
    CallState.ANSWERED: frozenset({CallState.CUSTOMER_PROVEN, CallState.ENDED}),
}
"""Of a call that comes in. Whoever dialled our number knows whom they called, so we prove nothing in it: what we told a
stranger who rings us in the customer's name, they would read out to the customer whom they have on another line."""
BEGINS: Mapping[Direction, CallState] = {Direction.OUT: CallState.ANNOUNCED, Direction.IN: CallState.ANSWERED}
WE_PROVE_NOTHING_TO_CALLERS = _("Whoever dialled our number knows whom they called. We prove nothing in a call to us.")
_TALKED = (CallOutcome.SPOKEN, CallOutcome.RINGS_BACK, CallOutcome.NOT_THE_CUSTOMER, CallOutcome.BROKEN_OFF)
_OUTCOMES: Mapping[CallState, tuple[CallOutcome, ...]] = {
    CallState.ENDED: _TALKED,
    CallState.NOT_ANSWERED: (CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.FAILED),
    CallState.VOICEMAIL: (CallOutcome.VOICEMAIL,),
}
_REFUSALS: Mapping[CallState, str | Promise] = {
    CallState.ANNOUNCED: _("This call was announced already."),
    CallState.DIALLING: _("This call was dialled already. Announce another one to dial again."),
    CallState.RINGING: _("It rings only after it was dialled, and before somebody answers."),
    CallState.ANSWERED: _("Somebody answers only after it was dialled. Dial first."),
    CallState.COMPANY_PROVEN: _("We prove who we are only to somebody who answered, and only once."),
    CallState.CUSTOMER_PROVEN: _("The customer proves who they are only after we have proven who we are."),
    CallState.ENDED: _("This call was not answered, so it cannot be ended. Say that nobody answered."),
    CallState.NOT_ANSWERED: _("Only a call that was dialled, and that nobody answered, can be that."),
    CallState.VOICEMAIL: _("Only a call that was dialled can reach a voicemail."),
}


def outcomes_of(call: Call, to: CallState) -> tuple[CallOutcome, ...]:
    """What can have come of a call that goes from its state to `to`, the most usual first; empty when it is not over
    then."""
    if to == CallState.ENDED and call.answered_at is None:
        return (CallOutcome.CALLED_OFF,)
    return _OUTCOMES.get(to, ())


def next_states(call: Call) -> frozenset[CallState]:
    """What may follow now. Dialling also needs that the sheet was open, and what `move` checks besides."""
    table = FOLLOWS_IN if call.direction == Direction.IN else FOLLOWS
    return table[CallState(call.state)]


def why_not(call: Call, to: CallState) -> str:
    """Why `to` cannot follow now, as `move` would refuse it; empty when it can."""
    if to in next_states(call):
        return ""
    if call.is_over:
        return _t("This call is over. Nothing follows any more.")
    if to == CallState.COMPANY_PROVEN and call.direction == Direction.IN:
        return str(WE_PROVE_NOTHING_TO_CALLERS)
    return str(_REFUSALS[to])


@needs(rights.MAKE_CALLS)
def open_sheet(*, call_id: uuid.UUID, by: Actor, now: datetime) -> Call:
    """Notes that the agent has the sheet of the call open, which must be before they dial. The first time counts.

    Raises `NotFound` for a call that there is not, `Forbidden` for another's.
    """
    with transaction.atomic():
        call = locked(call_id)
        check_own(call, by)
        if call.sheet_opened_at is None and not call.is_over:
            call.sheet_opened_at = call.seen_at = now
            call.save(update_fields=["sheet_opened_at", "seen_at"])
        return call


@needs(rights.SAY_STATE)
def move(*, call_id: uuid.UUID, to: CallState, by: Actor, now: datetime, outcome: str = "") -> Call:
    """Moves a call to a state that may follow its own, and notes the time. Repeating the state changes nothing.

    `outcome` says what came of a call that is over then; without it the most usual one is taken. Raises `NotFound`,
    `Forbidden` for another's call, `Invalid` on `outcome` for one that does not fit, and on `state` `Conflict`
    ("impossible_order") for what cannot follow; for dialling also what `announce` refuses of number and budget, and
    `Conflict` on `number` where the minutes of all our calls are used up.
    """
    to = CallState(to)
    with transaction.atomic():
        call = locked(call_id)
        check_own(call, by, to=to)
        if call.state == to:
            return call
        _check_order(call, to)
        if to == CallState.DIALLING:
            _check_dialling(call, now)
        _enter(call, to, outcome, by, now)
        return call


@needs(rights.SAY_STATE)
def still_on(*, call_id: uuid.UUID, by: Actor, now: datetime) -> Call:
    """The heartbeat of the agent's console: the call is going on. On a call that is over it changes nothing.

    Raises `NotFound`, and `Forbidden` for everybody but the agent of the call.
    """
    with transaction.atomic():
        call = locked(call_id)
        if by.kind is not ActorKind.STAFF or not _is_own(call, by):
            raise Forbidden("not_your_call", _t("This is another agent's call."))
        if not call.is_over and (call.seen_at is None or call.seen_at < now):
            call.seen_at = now
            call.save(update_fields=["seen_at"])
        return call


@needs(rights.WRAP_UP)
def wrap_up(*, call_id: uuid.UUID, text: str, by: Actor, now: datetime, outcome: str = "") -> Call:
    """Writes down what came of a call that is over, which makes its agent free for another one. `outcome` puts right
    what the state alone could not tell. The same text again changes nothing.

    Raises `NotFound`, `Forbidden` for another's call, `Invalid` on `text` when it is empty or too long and on `outcome`
    when it does not fit, and `Conflict` on `state` before the call is over, on `text` when something else was written.
    """
    text = text.strip()
    with transaction.atomic():
        call = locked(call_id)
        check_own(call, by, to=CallState.ENDED)
        if not call.is_over:
            raise Conflict("not_over", _t("This call is not over yet. Say first how it ended."), field="state")
        _check_text(text)
        if call.wrapped_at is not None:
            if call.wrap_up != text:
                raise Conflict("wrapped_up", _t("This call is wrapped up already."), field="text")
            return call
        call.outcome = _outcome(_possible(call), outcome or call.outcome)
        call.wrapped_at, call.wrap_up = now, text
        call.save(update_fields=["outcome", "wrapped_at", "wrap_up"])
        return call


def locked(call_id: uuid.UUID) -> Call:
    """The call under the lock of its row, in the caller's transaction. Raises `NotFound`."""
    calls = Call.objects.select_for_update(of=("self",)).select_related("contact", "customer", "point", "agent")
    call = calls.filter(pk=call_id).first()
    if call is None:
        raise NotFound("unknown_call", _t("There is no such call."))
    return call


def check_own(call: Call, by: Actor, *, to: CallState | None = None) -> None:
    """Raises `Forbidden` unless the call is this agent's, or a supervisor's to end; for a customer, unless it is their
    own and they say that we have proven who we are. What others' machines may say, `rights` says."""
    match by.kind:
        case ActorKind.SYSTEM | ActorKind.OUTSIDE:
            return
        case ActorKind.STAFF:
            ends = to in OVER and bool(rights.ENDS_OTHERS & by.roles)
            if not _is_own(call, by) and not ends:
                raise Forbidden("not_your_call", _t("This is another agent's call."))
        case ActorKind.CUSTOMER:
            if call.customer is None or by.id != str(call.customer.public_id):
                raise NotFound("unknown_call", _t("There is no such call."))
            if to != CallState.COMPANY_PROVEN:
                raise Forbidden("not_your_step", _t("Our staff says how far the call is."), field="state")
        case _:
            assert_never(by.kind)


def _is_own(call: Call, by: Actor) -> bool:
    return call.agent is not None and by.id == str(call.agent.public_id)


def _check_order(call: Call, to: CallState) -> None:
    if refusal := why_not(call, to):
        raise Conflict("impossible_order", refusal, field="state")


def _check_dialling(call: Call, now: datetime) -> None:
    """Minutes may lie between announcing and dialling: the number and the budget are looked at again, under a lock of
    the customer, so that two agents cannot spend the same call."""
    if call.sheet_opened_at is None:
        sentence = _t("Open the sheet of this call before you dial.")
        raise Conflict("sheet_not_open", sentence, field="state")
    assert call.customer is not None
    assert call.point is not None
    check_number(customer=call.customer, point=call.point, now=now)
    budget.refuse_to_dial(call, now=now)
    if ports.name() != ports.BY_HAND:
        minutes.refuse_more(now=now)


def _enter(call: Call, to: CallState, outcome: str, by: Actor, now: datetime) -> None:
    possible = outcomes_of(call, to)
    call.outcome = _outcome(possible, outcome) if possible else ""
    call.state = to
    call.times = {**call.times, to.value: now.isoformat()}
    if to == CallState.DIALLING:
        call.dialled_at, call.adapter = now, ports.name()
    if to == CallState.ANSWERED:
        call.answered_at = now
    if to in OVER:
        call.ended_at = now
    if call.outcome == CallOutcome.CALLED_OFF:
        call.wrapped_at = now  # Nobody was called, so there is nothing to write down.
    if by.kind is ActorKind.STAFF and _is_own(call, by):
        call.seen_at = now
    call.save()
    if call.adapter != ports.BY_HAND and call.line_closed_at is None and (to in OVER or to == CallState.DIALLING):
        transaction.on_commit(lambda: waking.wake(call.pk))


def _possible(call: Call) -> tuple[CallOutcome, ...]:
    """What can have come of a call that is over."""
    return outcomes_of(call, CallState(call.state))


def _outcome(possible: tuple[CallOutcome, ...], told: str) -> str:
    chosen = told or possible[0].value
    if chosen not in possible:
        raise Invalid({"outcome": [_t("This cannot have come of a call that ended so.")]})
    return chosen


def _check_text(text: str) -> None:
    if not text:
        raise Invalid({"text": [_t("Write down what came of the call.")]})
    if len(text) > LONGEST_WRAP_UP:
        sentence = _t("Write at most %(most)d characters. These are %(number)d.")
        raise Invalid({"text": [sentence % {"most": LONGEST_WRAP_UP, "number": len(text)}]})
