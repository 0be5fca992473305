"""Has calls made, looked at and hung up by the provider. Each is asked for once: that it will be is written, and
committed, before the request leaves. When the answer is lost, or we are killed, the call is looked for and never
dialled again; when it cannot be found within a minute, it counts as not made, and is hung up if it rings after all.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.telephony import ports, reporting, states
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.telephony.ports import LINE_CLOSED, Line, NoAnswer, NotSent, ProviderFailed, ProviderRefused, Telephony

log = structlog.get_logger(__name__)
PROVIDER = Actor(kind=ActorKind.OUTSIDE, id="telephony", channel=Channel.API, proof="answer")
GIVE_UP_AFTER = timedelta(seconds=60)
SKEW = timedelta(seconds=30)
"""By how much the provider's clock may be behind ours."""
AT_ONCE = 200
"""Lines in one pass of the sweep."""


def see_to_all(*, now: datetime) -> None:
    """Sees to every call whose line is open at the provider. A pass ends when the provider does not answer."""
    open_lines = Call.objects.filter(dialled_at__isnull=False, line_closed_at=None).exclude(adapter=ports.BY_HAND)
    for call_id in open_lines.order_by("dialled_at").values_list("pk", flat=True)[:AT_ONCE]:
        if not see_to(call_id=call_id, now=now):
            return


def see_to(*, call_id: uuid.UUID, now: datetime) -> bool:
    """Does what the provider must do now for a call: make it, hang it up, or say how far it is. Safe to repeat, also at
    the same time. Gives whether the provider answered; whoever comes next tries again what it did not do."""
    provider = ports.provider()
    if provider is None:
        return False
    call, first = _claimed(call_id, now)
    if call is None:
        return True
    try:
        if first:
            _place(provider, call, now)
        elif call.provider_id is None:
            _find(provider, call, now)
        else:
            _look(provider, call, now)
    except ProviderFailed as failed:
        log.warning("the provider of calls did not answer", call=str(call_id), why=str(failed))
        return False
    return True


def _claimed(call_id: uuid.UUID, now: datetime) -> tuple[Call | None, bool]:
    """The call if there is something to do, and whether this is the one and only request to make it."""
    with transaction.atomic():
        call = states.locked(call_id)
        if call.adapter == ports.BY_HAND or call.dialled_at is None or call.line_closed_at is not None:
            return None, False
        if call.requested_at is not None:
            return call, False
        if call.is_over:  # It was called off before anybody asked for it.
            _close(call, now)
            return None, False
        if now - call.dialled_at > GIVE_UP_AFTER:
            _failed(call, now)
            return None, False
        call.requested_at = now
        call.save(update_fields=["requested_at"])
        return call, True


def _place(provider: Telephony, call: Call, now: datetime) -> None:
    assert call.point is not None
    try:
        line = provider.place(number=call.point.value, key=str(call.pk))
    except NotSent:
        Call.objects.filter(pk=call.pk, provider_id=None).update(requested_at=None)
        raise
    except ProviderRefused as refused:
        log.warning("the provider refuses a call", call=str(call.pk), why=str(refused))
        with transaction.atomic():
            _failed(states.locked(call.pk), now)
    except NoAnswer as lost:
        log.warning("nobody knows whether a call was made", call=str(call.pk), why=str(lost))
        _find(provider, call, now)
    else:
        _took(provider, call, line, now)


def _find(provider: Telephony, call: Call, now: datetime) -> None:
    """Looks for a call of which the answer was lost. While another call to the same number is not found either, nobody
    could tell which is which: then only the provider's reports do, which have our key."""
    assert call.point is not None
    assert call.requested_at is not None
    since = call.requested_at - SKEW
    others = Call.objects.filter(point=call.point, requested_at__gte=since - GIVE_UP_AFTER).exclude(pk=call.pk)
    line = None
    if not others.filter(provider_id=None, line_closed_at=None).exists():
        known = frozenset(one for one in others.values_list("provider_id", flat=True) if one)
        line = provider.find(number=call.point.value, since=since, known=known)
    if line is not None:
        _took(provider, call, line, now)
    elif now - call.requested_at > GIVE_UP_AFTER:
        with transaction.atomic():
            _failed(states.locked(call.pk), now)


def _look(provider: Telephony, call: Call, now: datetime) -> None:
    assert call.provider_id is not None
    if call.is_over:
        _hang_up(provider, call, now)
        return
    line = provider.look(provider_id=call.provider_id)
    if line is None:
        with transaction.atomic():
            _failed(states.locked(call.pk), now)
    else:
        _took(provider, call, line, now)


def _took(provider: Telephony, call: Call, line: Line, now: datetime) -> None:
    """Takes the provider's answer; hangs up a line whose call is over by now."""
    reporting.report(line=line, key=str(call.pk), by=PROVIDER, now=now)
    call = Call.objects.get(pk=call.pk)
    if call.is_over and call.provider_id == line.id and line.status not in LINE_CLOSED:
        _hang_up(provider, call, now)


def _hang_up(provider: Telephony, call: Call, now: datetime) -> None:
    assert call.provider_id is not None
    provider.hang_up(provider_id=call.provider_id)
    with transaction.atomic():
        _close(states.locked(call.pk), now)


def _close(call: Call, now: datetime) -> None:
    call.line_closed_at = now
    call.save(update_fields=["line_closed_at"])


def _failed(call: Call, now: datetime) -> None:
    """The call was not made, or the provider knows nothing of it any more."""
    _close(call, now)
    if call.is_over:
        return
    talking = call.answered_at is not None
    to, outcome = (CallState.ENDED, CallOutcome.BROKEN_OFF) if talking else (CallState.NOT_ANSWERED, CallOutcome.FAILED)
    states.move(call_id=call.pk, to=to, by=PROVIDER, now=now, outcome=outcome.value)
