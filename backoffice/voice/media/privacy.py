"""Whether what a leg says may reach anybody: the other leg, as sound or as keys, or a recording."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from backoffice.voice.media.jitter import START
from backoffice.voice.media.timestamps import FRAME, FRAMES_A_SECOND

QUIET = timedelta(milliseconds=200)
"""How long no key may have been heard, unless somebody says otherwise."""
_GUARD = START // FRAME
_UNHEARD = 5
"""So many ticks without any packet count as one of quiet: an interruption of the network is not quiet, but a telephone
that sends nothing while nobody speaks is."""


class Reason(StrEnum):
    """Why a leg is private."""

    CUT = "cut"
    LISTENING = "listening"
    """Its keys are listened to while no leg is joined with it."""


class Privacy:
    """A leg is private while there is a reason, and then until no key has been heard for some time.

    Even then it stays so for the 60 ms in which its buffer fills anew. What was said before is dropped, so a key whose
    first milliseconds came with the last packet of the private time is still noticed before any of it is passed on.
    """

    def __init__(self) -> None:
        self.active = False
        self._reasons: set[Reason] = set()
        self._needed = self._quiet = self._guard = 0

    def begin(self, reason: Reason) -> None:
        """From now on."""
        self.active = True
        self._reasons.add(reason)
        self._quiet = self._guard = 0

    def end(self, reason: Reason, quiet: timedelta = QUIET) -> None:
        """The reason is gone. If it was the last, privacy ends as soon as no key has been heard for `quiet`."""
        if reason in self._reasons:
            self._reasons.remove(reason)
            self._needed = max(1, round(quiet.total_seconds() * FRAMES_A_SECOND))

    def heard_key(self) -> None:
        """Something was heard that may be of a key."""
        self._quiet = self._guard = 0

    def tick(self, *, heard: bool = True) -> bool:
        """20 ms have passed, in which the telephone was `heard` or not. True when it has been quiet for long enough:
        what was said until now is to be dropped."""
        if not self.active:
            return False
        self._quiet += _UNHEARD if heard else 1
        if (
            self._reasons or self._quiet <= self._needed * _UNHEARD
        ):  # the tick in which a key was heard is none of quiet
            return False
        self._guard += 1
        if self._guard > _GUARD:
            self.active = False
        return self._guard == 1
