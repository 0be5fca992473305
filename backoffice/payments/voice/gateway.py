"""What we have the voice gateway do. It takes a command once for each key, so asking again does no harm."""

from __future__ import annotations

from functools import lru_cache

import structlog
from django.conf import settings

from backoffice.telephony.adapters.voice_gateway import GatewayClient
from backoffice.telephony.ports import NoAnswer, ProviderFailed, ProviderRefused
from backoffice.voice.contract import Command, State

log = structlog.get_logger(__name__)


class Gone(Exception):
    """The gateway has another memory than that of this conversation, or none: the call is over."""


ANSWERS_WITHIN, LOOK_ANSWERS_WITHIN = 3.0, 1.5
"""Seconds for a command, and for a look, which changes nothing and comes again at once."""


@lru_cache(maxsize=4)
def _client(url: str, secret: str, read: float) -> GatewayClient:
    """Quicker to give up than other calls of it: somebody holds a telephone to their ear."""
    return GatewayClient(url=url, secret=secret, connect=1, read=read)


def _ours(read: float) -> GatewayClient:
    return _client(settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET, read)


def ask(command: Command) -> State:
    """The state after the command. Raises `ProviderFailed`."""
    client = _ours(ANSWERS_WITHIN)
    try:
        return client.ask(command)
    except NoAnswer:
        return client.ask(command)


def have_done(*commands: Command) -> State | None:
    """Has them done one after the other; the state after the last, or None where one of them was not taken."""
    state = None
    for command in commands:
        try:
            state = ask(command)
        except ProviderFailed as failed:
            log.warning("the voice gateway did not do it", command=type(command).__name__, why=str(failed))
            return None
    return state


def look(command: Command) -> State:
    """Raises `Gone` where the gateway knows nothing of it, and `ProviderFailed` where it does not answer."""
    try:
        return _ours(LOOK_ANSWERS_WITHIN).ask(command)
    except ProviderRefused as refused:
        raise Gone(str(refused)) from None
