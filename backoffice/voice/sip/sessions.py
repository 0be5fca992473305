"""Session timers (RFC 4028): both sides agree who asks now and then whether a call still stands, so that one whose
other side has gone without a word ends, also for those on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from backoffice.voice.sip import messages
from backoffice.voice.sip.messages import Message, Request, Response

OPTION = "timer"
SECONDS = 1800
"""What we ask for (section 4)."""
LEAST = 90
"""Seconds below which nobody may ask for it (section 4)."""
_EXPIRES = re.compile(r"([0-9]{1,9})\s*(?:;.*)?", re.ASCII)
_REFRESHER = re.compile(r";\s*refresher\s*=\s*(uac|uas)", re.IGNORECASE)


class Refresher(StrEnum):
    """Who asks, by their part in the request that settled it."""

    UAC = "uac"
    UAS = "uas"


@dataclass(frozen=True, slots=True)
class SessionTimer:
    """So many `seconds` after the last refresh the call is over. `ours` says whether it is we who refresh it."""

    seconds: int
    ours: bool

    @property
    def refresh_after(self) -> float:
        """Seconds (section 7.2)."""
        return self.seconds / 2

    @property
    def ends_after(self) -> float:
        """Seconds after which a call that was not refreshed is ended (section 10)."""
        return self.seconds - min(32, self.seconds / 3)


def ask(request: Request, *, seconds: int, refresher: Refresher | None = None) -> None:
    """Asks for a timer in a request of ours; without `refresher` the other side says who."""
    request.headers.set_single("Supported", OPTION)
    request.headers.set_single("Session-Expires", f"{seconds}" + (f";refresher={refresher}" if refresher else ""))
    request.headers.set_single("Min-SE", f"{LEAST}")


def granted(response: Response) -> SessionTimer | None:
    """What their 2xx settles; None if there is no timer."""
    told = _told(response)
    return SessionTimer(max(told[0], LEAST), ours=told[1] is not Refresher.UAS) if told is not None else None


def answer(request: Request, response: Response) -> SessionTimer | None:
    """Answers in our 2xx what they ask for (section 9, table 2). Who does not know timers, and got one by a proxy on
    the way, cannot be asked to refresh."""
    told = _told(request)
    if told is None:
        return None
    seconds, refresher = told
    knows_timers = OPTION in messages.options_of(request, "supported")
    refresher = refresher or Refresher.UAC if knows_timers else Refresher.UAS
    response.headers.set_single("Session-Expires", f"{seconds};refresher={refresher}")
    if refresher is Refresher.UAC:
        response.headers.set_single("Require", OPTION)
    return SessionTimer(seconds, ours=refresher is Refresher.UAS)


def is_too_short(request: Request) -> bool:
    """Whether it is to be refused with 422."""
    told = _told(request)
    return told is not None and told[0] < LEAST


def least_of(refusal: Response) -> int | None:
    """What a 422 asks for at least, in seconds."""
    found = _EXPIRES.fullmatch((refusal.headers.get_first("min-se") or "").strip())
    return int(found[1]) if found else None


def _told(message: Message) -> tuple[int, Refresher | None] | None:
    raw = (message.headers.get_first("session-expires") or message.headers.get_first("x") or "").strip()
    found = _EXPIRES.fullmatch(raw)
    if found is None:
        return None
    refresher = _REFRESHER.search(raw)
    return int(found[1]), Refresher(refresher[1].lower()) if refresher else None
