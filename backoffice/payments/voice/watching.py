"""Looks at the calls for payments that go on: events may not come, and the gateway may die in the middle of one."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.payments.voice import gateway, hearing
from backoffice.payments.voice.models import VoiceCall
from backoffice.telephony import by_voice
from backoffice.telephony.ports import ProviderFailed
from backoffice.voice.contract import Look, Role, State, TelephoneState

log = structlog.get_logger(__name__)
EVERY = 2.0
"""Seconds between two looks at a call."""
AWAY_FOR = timedelta(seconds=4)
"""Where nothing is known of a call for so long it is taken for lost: with `EVERY` its process knows within 10 s."""
RINGS_AFTER = timedelta(seconds=10)
"""A call that was written, and of which the gateway knows nothing for so long, was never made."""
GATEWAY = Actor(kind=ActorKind.OUTSIDE, id="voice_gateway", channel=Channel.API, proof="answer")
WITHIN = timedelta(seconds=1.5)
"""So long the gateway is asked in one pass. It answers hundreds of looks in that time; whoever is not looked at then is
among the first of the next pass."""


def look_at_all(*, now: datetime) -> None:
    """One pass over the calls that go on, the longest not heard of first; `now` is aware UTC. A gateway that does not
    answer is asked about one call only: waiting for it again for each of the others would keep their processes from
    finding out."""
    ends, answers = time.monotonic() + WITHIN.total_seconds(), True
    for call in VoiceCall.objects.filter(ended_at=None).order_by("heard_at", "placed_at", "pk"):
        if not answers:
            _missed(call, now)
            continue
        answers = _look(call, now)
        if answers and time.monotonic() > ends:
            return


def _look(call: VoiceCall, now: datetime) -> bool:
    """Whether the gateway answers."""
    try:
        state = gateway.look(Look(key="look", conversation=call.conversation))
    except gateway.Gone:
        if call.instance or now - call.placed_at > RINGS_AFTER:
            _missed(call, now)
        return True
    except ProviderFailed as failed:
        log.warning("the voice gateway does not say how a call is", call=str(call.pk), why=str(failed))
        _missed(call, now)
        return False
    _take(call, state, now)
    return True


def _take(call: VoiceCall, state: State, now: datetime) -> None:
    if call.instance not in ("", state.instance):
        hearing.lost(call_id=call.pk, by=GATEWAY, now=now)
        return
    if _is_over(state):
        _missed(call, now)
        return
    goes_on = VoiceCall.objects.filter(pk=call.pk, ended_at=None)
    goes_on.update(heard_at=now, missed_at=None)
    goes_on.filter(last_event__lte=state.events).update(is_cut=state.cut, is_joined=state.joined)
    by_voice.still_on(call_id=call.call_id, now=now)


def _missed(call: VoiceCall, now: datetime) -> None:
    """Nothing of it is known there. The event that says why may still be on its way."""
    since = call.missed_at or now
    if now - since >= AWAY_FOR:
        hearing.lost(call_id=call.pk, by=GATEWAY, now=now)
    elif call.missed_at is None:
        VoiceCall.objects.filter(pk=call.pk, ended_at=None).update(missed_at=now)


def _is_over(state: State) -> bool:
    """The customer is gone, and the event that says so did not come."""
    customer = next((one for one in state.telephones if one.role is Role.CUSTOMER), None)
    return customer is not None and customer.state is TelephoneState.OVER
