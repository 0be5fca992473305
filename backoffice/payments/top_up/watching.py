"""Looks after callers: a line or a gateway that is gone is found out within ten seconds, and whoever has waited long
enough for their bank is told that we do not know yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from backoffice.payments.top_up import calling
from backoffice.payments.top_up.models import Farewell, Step, TopUpCall
from backoffice.telephony.ports import NoAnswer, NotSent, ProviderRefused
from backoffice.voice.contract import Command, Look, State, TelephoneState

log = structlog.get_logger(__name__)
LOOKS_AFTER, GONE_AFTER = timedelta(seconds=3), timedelta(seconds=6)
"""How long a call is not heard of before the gateway is asked about it, and before a gateway that gives no answer is
taken to be gone. With a look every three seconds, that is found out within ten."""
BANK_HAS = timedelta(seconds=20)
"""So long a caller waits on the line for their bank."""
MOST = 200
Asks = Callable[[Command], State]


class _Silent(Exception):
    """The gateway gives no answer."""


def look_after_all(now: datetime, asks: Asks | None = None) -> None:
    """Looks at every call that is going on and was not heard of for some seconds. `now` is aware; `asks` is the
    gateway's control, by default that of the settings. A gateway that is silent is asked once."""
    quiet = list(TopUpCall.objects.filter(ended_at=None, heard_at__lte=now - LOOKS_AFTER).order_by("heard_at")[:MOST])
    asks, silent = asks or _gateway(), False
    for call in quiet:
        there: bool | None = None
        if not silent:
            try:
                there = _is_there(call, asks)
            except _Silent:
                silent = True
        if silent and now - call.heard_at >= GONE_AFTER:
            there = False
        if there is not None:
            _note(call, there, now)


def _note(call: TopUpCall, there: bool, now: datetime) -> None:
    with calling.locked(call) as (fresh, case):
        if fresh.ended_at is not None:
            return
        if not there:
            calling.is_over(fresh, case, now)
        else:
            fresh.heard_at = now
            if fresh.step == Step.BANK and now - fresh.step_at >= BANK_HAS:
                calling.ends(fresh, Farewell.UNKNOWN, now)
        fresh.save()


def _is_there(call: TopUpCall, asks: Asks) -> bool:
    """A gateway that was started anew knows nothing of earlier calls: they are over."""
    try:
        state = asks(Look(key="look", conversation=call.conversation))
    except ProviderRefused:
        return False
    except (NotSent, NoAnswer) as away:
        log.warning("the voice gateway says nothing of a call", why=str(away))
        raise _Silent from None
    return any(one.state is not TelephoneState.OVER for one in state.telephones)


def _gateway() -> Asks:
    from backoffice.telephony.adapters.voice_gateway import client

    return client(settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET).ask
