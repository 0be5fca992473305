"""Taking digits from a telephone: when an entry is over, and what can be wrong with it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

from backoffice.voice.gateway.secrets_in_memory import Full, SecretBytes
from backoffice.voice.media.keys import Key
from backoffice.voice.media.playing import WAITS

END, STOP = "#", "*"
PAUSE = 4.0
"""Seconds without a key after which an entry that is long enough is over without `#`."""
PAUSE_WHEN_FULL = 1.5
"""The same, when no digit may follow."""
PAUSE_AFTER_CHOICE = 0.5
"""The same after a single key, with which nobody expects to have to do more: long enough that a second one, pressed by
mistake, does not count for what is asked next."""
FASTEST = 12
"""Keys in one second that a person may press."""


class Wrong(Enum):
    """Why an entry is not taken, and is asked for again."""

    NOTHING = auto()
    """`#` came first."""
    TOO_FEW = auto()
    TOO_MANY = auto()
    TOO_SLOW = auto()
    TOO_FAST = auto()
    """No person presses so many keys in a second."""
    NOT_VALID = auto()
    """The number of digits is right, but they can be none of these."""


class Stopped(Exception):
    """The star was pressed."""


@dataclass(frozen=True, slots=True)
class Form:
    """How an entry looks: from `least` to `most` digits within `seconds`. `is_valid` looks at the digits themselves."""

    least: int
    most: int
    seconds: float
    is_valid: Callable[[memoryview], bool] = lambda _digits: True


class Entry:
    """One entry into `digits`. `on_first` is called at its first key, which also ends what is being said."""

    def __init__(self, form: Form, digits: SecretBytes, *, on_first: Callable[[], None]) -> None:
        self._form = form
        self._digits = digits
        self._on_first = on_first
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._times: deque[float] = deque(maxlen=FASTEST + 1)
        self._begun = asyncio.Event()
        self._said: asyncio.Future[bool] | None = None

    def press(self, key: Key) -> None:
        """A key of the telephone, told from the event loop. Letters, which no telephone of a customer has, are passed
        over, and so is a `#` that comes first while this is still being asked for: it is late for a choice before,
        which was over without it."""
        if key.digit not in "0123456789*#" or (key.digit == END and self._is_late()):
            return
        self._times.append(asyncio.get_running_loop().time())
        self._keys.put_nowait(key.digit)
        if not self._begun.is_set():
            self._begun.set()
            self._on_first()

    def _is_late(self) -> bool:
        return not self._begun.is_set() and (self._said is None or not self._said.done())

    async def take(self, said: asyncio.Future[bool]) -> Wrong | None:
        """Waits for the whole entry; None when it is right. The time begins when all is `said`, or with the first key;
        who holds us meanwhile does not keep us for longer than `WAITS`. Raises `Stopped`."""
        self._said = said
        begun: asyncio.Future[bool] = asyncio.ensure_future(self._wait_for_a_key())
        try:
            await asyncio.wait([begun, said], timeout=WAITS, return_when=asyncio.FIRST_COMPLETED)
            async with asyncio.timeout(self._form.seconds):
                return await self._take()
        except TimeoutError:
            return Wrong.TOO_SLOW
        finally:
            begun.cancel()

    async def _wait_for_a_key(self) -> bool:
        return await self._begun.wait()

    async def _take(self) -> Wrong | None:
        too_many = False
        while (key := await self._next()) not in (None, END):
            if key == STOP:
                raise Stopped
            if self._is_too_fast():
                await self._settle()
                return Wrong.TOO_FAST
            try:
                self._digits.add(str(key).encode())
            except Full:
                too_many = True
            too_many = too_many or len(self._digits) > self._form.most
        if too_many:
            return Wrong.TOO_MANY
        return self._judged()

    def _judged(self) -> Wrong | None:
        if len(self._digits) == 0:
            return Wrong.NOTHING
        if len(self._digits) < self._form.least:
            return Wrong.TOO_FEW
        with self._digits.view() as digits:
            return None if self._form.is_valid(digits) else Wrong.NOT_VALID

    async def _next(self) -> str | None:
        """The next key; None when the pause says that the entry is over."""
        try:
            async with asyncio.timeout(self._patience()):
                return await self._keys.get()
        except TimeoutError:
            return None

    def _patience(self) -> float | None:
        if len(self._digits) >= self._form.most:
            return PAUSE_AFTER_CHOICE if self._form.most == 1 else PAUSE_WHEN_FULL
        return PAUSE if len(self._digits) >= self._form.least else None

    def _is_too_fast(self) -> bool:
        return len(self._times) > FASTEST and self._times[-1] - self._times[0] < 1.0

    async def _settle(self) -> None:
        """Waits until nothing more is pressed, so that the rest does not count for the next try. A star still stops."""
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(PAUSE_WHEN_FULL):
                    if await self._keys.get() == STOP:
                        raise Stopped
