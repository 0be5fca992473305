"""What we ask of whatever makes our telephone calls, and what it can answer. The adapters are in `adapters/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from django.conf import settings

BY_HAND = "by_hand"
"""Without a provider: the agent dials on any telephone, and presses each state."""
TWILIO = "twilio"
VOICE_GATEWAY = "voice_gateway"


class Reported(StrEnum):
    """How far a call is, as its provider says."""

    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    """A machine answered; the line is still open."""
    COMPLETED = "completed"
    """Somebody answered, and it is over."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


LINE_CLOSED = frozenset({Reported.COMPLETED, Reported.BUSY, Reported.NO_ANSWER, Reported.FAILED})


@dataclass(frozen=True)
class Line:
    """A call as its provider knows it. `id` is the provider's; `by_machine` says that it was answered by one."""

    id: str
    status: Reported
    by_machine: bool = False


class ProviderFailed(Exception):
    """A request did not do what was asked. The text is a code, without number or content."""


class NotSent(ProviderFailed):
    """It was surely not taken, such as without a connection, or above the provider's rate: it may be sent again."""


class NoAnswer(ProviderFailed):
    """Nobody knows whether it was taken: the answer was lost, or is an error of the provider's. It must not be sent
    again; `find` says what became of it."""


class ProviderRefused(ProviderFailed):
    """The provider refuses it for good, such as a number that nobody has."""


class Telephony(Protocol):
    """Makes calls. Safe to share between threads; each request has a time-out of some seconds.

    `key` is our id of the call. It comes back with each report of the call (`reporting.py`).
    """

    def place(self, *, number: str, key: str) -> Line:
        """Dials the number (E.164), and puts whoever answers through to the desk. Raises `NotSent`, `NoAnswer` or
        `ProviderRefused`."""
        ...

    def find(self, *, number: str, since: datetime, known: frozenset[str]) -> Line | None:
        """The newest call to the number made since then (aware), leaving out the ids in `known`; None when there is
        none. Raises `NotSent` or `NoAnswer`."""
        ...

    def look(self, *, provider_id: str) -> Line | None:
        """The call as it is now; None when the provider does not know it. Raises `NotSent` or `NoAnswer`."""
        ...

    def hang_up(self, *, provider_id: str) -> None:
        """Ends the call; one that is over stays so. Raises `NotSent` or `NoAnswer`."""
        ...


def provider() -> Telephony | None:
    """The adapter that the settings name, one for each OS process; None where calls are made by hand."""
    if name() == TWILIO:
        told = settings.TELEPHONY_ACCOUNT, settings.TELEPHONY_TOKEN, settings.TELEPHONY_NUMBER
        return _twilio(settings.TELEPHONY_URL, *told)
    if name() == VOICE_GATEWAY:
        return _voice_gateway(settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET, settings.DESK_PHONE)
    return None


def name() -> str:
    """By what calls are made now. It loads no adapter: the provider's library costs half a second."""
    if settings.TELEPHONY_URL:
        return TWILIO
    return VOICE_GATEWAY if settings.VOICE_CONTROL_URL else BY_HAND


@lru_cache(maxsize=4)
def _twilio(url: str, account: str, token: str, number: str) -> Telephony:
    from backoffice.telephony.adapters.twilio import TwilioTelephony

    return TwilioTelephony(url=url, account=account, token=token, number=number)


@lru_cache(maxsize=4)
def _voice_gateway(url: str, secret: str, desk: str) -> Telephony:
    from backoffice.telephony.adapters.voice_gateway import VoiceGatewayTelephony, client

    return VoiceGatewayTelephony(client(url, secret), desk=re.sub(r"[^+0-9]", "", desk))
