"""Two legs that hear each other, and the cut between them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.events import Press
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.privacy import QUIET, Reason
from backoffice.voice.media.windows import Window, WindowCounts


class WrongState(Exception):
    """What was asked does not fit what the bridge or a leg is doing."""


class Bridge:
    """Joins two legs, both ways, sound and keys. A prompt to a leg comes before what the other one says.

    A key reaches the other leg as a telephone-event, if that leg has them; no tone is made for a leg that has none.
    Raises `WrongState` if a leg is joined or closed already.
    """

    def __init__(self, one: Leg, other: Leg) -> None:
        if one is other or any(leg.bridge is not None or leg.is_closed for leg in (one, other)):
            raise WrongState("a bridge joins two legs that are open and alone")
        self._legs = (one, other)
        self._silenced: Leg | None = None
        self._window: Window | None = None
        self._restored: asyncio.Future[WindowCounts] | None = None
        for leg in self._legs:
            leg.joined(self)

    @property
    def is_cut(self) -> bool:
        return self._window is not None

    def cut(self, silenced: Leg) -> Window:
        """From the next frame on `silenced` is sent silence only, and counted; what the legs say reaches nobody.

        A key that is on its way is ended before the window begins, what is played to `silenced` is stopped, and what
        stands in buffers is dropped. Raises `WrongState` if it is cut already, or the leg is none of this bridge.
        """
        if self.is_cut or silenced not in self._legs:
            raise WrongState("only a leg of a bridge that is whole can be cut")
        other = self._other(silenced)
        other.end_presses()
        other.hearing.privacy.begin(Reason.CUT)
        for leg in self._legs:
            leg.hearing.drop()
        self._silenced, self._window = silenced, silenced.silence()
        return self._window

    async def restore(self, *, quiet: timedelta = QUIET) -> WindowCounts:
        """Joins the legs again as soon as no key, neither as event nor as tone, has been heard from the leg that was
        not silenced for `quiet`; returns what the silenced one was sent until then.

        That takes as long as somebody leans on a key. A caller that gives up (a timeout, a cancelled task) leaves the
        bridge cut. If the bridge is closed meanwhile, the window has ended with that. Raises `WrongState` if the bridge
        is not cut, or somebody else waits for it already.
        """
        if self._silenced is None or self._restored is not None:
            raise WrongState("only a bridge that is cut can be restored, by one")
        privacy = self._other(self._silenced).hearing.privacy
        restored: asyncio.Future[WindowCounts] = asyncio.get_running_loop().create_future()
        self._restored = restored
        privacy.end(Reason.CUT, quiet)
        try:
            return await restored
        except asyncio.CancelledError:
            if self._restored is restored:
                self._restored = None
                privacy.begin(Reason.CUT)
            raise

    def close(self) -> None:
        """Parts the legs, which stay open and are sent silence or prompts. What was cut stays private until it is
        quiet. Closing twice is harmless."""
        if self._legs[0].bridge is not self:
            return
        for leg in self._legs:
            leg.parted()
        if self._silenced is not None:
            self._other(self._silenced).hearing.privacy.end(Reason.CUT)
            self._end_window()

    def sound_for(self, leg: Leg) -> tuple[bytes, Codec] | None:
        """What `leg` hears of the other one in this tick; None for silence."""
        hearing = self._other(leg).hearing
        return None if self.is_cut or hearing.sound is None else (hearing.sound, hearing.codec)

    def press(self, leg: Leg, press: Press | None) -> None:
        """Passes a key of `leg` on, unless the bridge is cut. None ends the one that is under way."""
        other = self._other(leg)
        if self.is_cut:
            return
        if press is None:
            other.presses.end()
        elif other.has_events:
            other.presses.pass_on(press)

    def quiet(self, leg: Leg) -> None:
        """What `leg` says from now on may be passed on."""
        if self._silenced is not None and leg is self._other(self._silenced):
            self._silenced.hearing.drop()
            self._end_window()

    def _end_window(self) -> None:
        assert self._silenced is not None
        assert self._window is not None
        self._silenced.unsilence()
        window, restored = self._window, self._restored
        self._silenced = self._window = self._restored = None
        if restored is not None and not restored.done():
            restored.set_result(window.counts)

    def _other(self, leg: Leg) -> Leg:
        return self._legs[1] if leg is self._legs[0] else self._legs[0]
