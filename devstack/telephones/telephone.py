"""Drives a telephone that runs in a process of its own. Nothing here waits without a limit."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devstack import launch

from .hearing import Level
from .line import Line
from .words import OF_A_CALL, Do, Incoming, Report

_ROOT = Path(__file__).parents[2]
_START, _COMMAND, _STOP = 20.0, 10.0, 3.0
"""The longest that a phone may take to start, to obey and to stop, in seconds."""


class Missing(TimeoutError):
    """What was waited for did not come in time; the text says what it was, and what came instead."""


class PhoneFailed(Exception):
    """A command that the phone could not carry out, or a phone whose process has ended."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An event of a call: what, when (monotonic), the stack's words about it and the address of the other side."""

    what: Report
    at: float
    text: str
    peer: str


@dataclass(frozen=True, slots=True)
class Digit:
    """A key that the other side pressed (RFC 4733), and when its press began (monotonic)."""

    digit: str
    at: float


@functools.cache
def available() -> str:
    """Empty if test phones run on this machine, otherwise a sentence that says why not."""
    if sys.platform != "linux" or importlib.util.find_spec("baresip") is None:
        return "The test phones (baresip) are made for Linux only."
    trial = subprocess.run(
        [sys.executable, "-c", "import baresip.runtime"], capture_output=True, text=True, check=False
    )
    return f"The test phones (baresip) do not start here: {trial.stderr.strip()[-200:]}" if trial.returncode else ""


class Telephone:
    """A phone for `async with`: the process is there inside of it, and gone after it, however that is left. All is in
    one event loop. A call's events are seen in their order, each once (`sees`)."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._news = asyncio.Condition()
        self._ready, self._over = False, False
        self._answers: dict[int, tuple[float, str]] = {}
        self._number = 0
        self._events: list[Seen] = []
        self._next_event = 0
        self._digits: list[Digit] = []
        self._levels: list[Level] = []

    async def __aenter__(self) -> Self:
        """Raises PhoneFailed if it does not start, with what it said."""
        self._folder = tempfile.TemporaryDirectory(prefix="telephone-")
        tie = [str(os.getpid()), str(int(signal.SIGKILL)), "-"]
        phone = [sys.executable, "-m", "devstack.telephones.phone", *self.line.arguments()]
        with self._errors.open("wb") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", launch.__file__, *tie, "--", *phone),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=_ROOT,
                env={**os.environ, "TMPDIR": self._folder.name},
                start_new_session=True,
            )
        self._reading = asyncio.create_task(self._read(self._process))
        try:
            await self._until(lambda: self._ready, within=_START, missing="that it is ready")
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    # What it does

    async def dial(self, uri: str) -> None:
        """Calls this address; what comes of it is seen later."""
        self._digits.clear()
        self._next_event = len(self._events)
        await self._do(Do.DIAL, uri=uri)

    async def answer(self) -> None:
        await self._do(Do.ANSWER)

    async def reject(self) -> None:
        """Says that it is busy (486)."""
        await self._do(Do.REJECT)

    async def hang_up(self) -> None:
        await self._do(Do.HANG_UP)

    async def hold(self) -> None:
        await self._do(Do.HOLD)

    async def resume(self) -> None:
        await self._do(Do.RESUME)

    async def press(self, keys: str, *, pressed_ms: int = 100, pause_ms: int = 120) -> float:
        """Presses keys (0-9, A-D, * and #) one after the other, as RFC 4733 events; returns after the last pause, with
        the moment (monotonic) at which that was over."""
        return await self._press(Do.KEYS, keys, pressed_ms, pause_ms)

    async def press_tones(self, keys: str, *, pressed_ms: int = 100, pause_ms: int = 100) -> None:
        """The same as tones in the sound, in the place of what it says. Returns when all are handed to the stack, about
        80 ms before the last is sent."""
        await self._press(Do.KEY_TONES, keys, pressed_ms, pause_ms)

    async def say_tone(self, hertz: float, *, amplitude: int = 8000) -> None:
        """A tone from now on, in all calls; 0 hertz is silence."""
        await self._do(Do.TONE, hertz=hertz, amplitude=amplitude)

    async def say_file(self, path: Path, *, again: bool = False) -> None:
        """A WAV file (8 kHz, 16 bit, one channel), once and then silence, or again and again."""
        await self._do(Do.PLAY, path=str(path.resolve()), again=again)

    async def record(self, path: Path) -> None:
        """Writes what it hears to a WAV file (8 kHz, 16 bit, one channel), until `stop_recording` or its end."""
        await self._do(Do.RECORD, path=str(path.resolve()))

    async def stop_recording(self) -> None:
        await self._do(Do.STOP_RECORDING)

    async def when_called(self, mode: Incoming) -> None:
        """What it does with the calls to come."""
        await self._do(Do.INCOMING, mode=mode)

    # What it notices

    async def sees(self, what: Report, *, within: float = 10.0) -> Seen:
        """The next event of this kind; those before it are passed over. Raises Missing, or PhoneFailed if it ended."""
        assert what in OF_A_CALL
        await self._until(lambda: any(e.what is what for e in self._unseen()), within=within, missing=f"“{what}”")
        found = next(index for index, event in enumerate(self._unseen(), self._next_event) if event.what is what)
        self._next_event = found + 1
        return self._events[found]

    def digits(self) -> list[Digit]:
        """The keys that the other side pressed in the current or else the last call, in their order."""
        return list(self._digits)

    async def receives(self, digits: str, *, within: float = 10.0) -> None:
        """Waits until these are exactly the keys that the other side pressed in this call."""

        def came() -> bool:
            return "".join(digit.digit for digit in self._digits) == digits

        await self._until(came, within=within, missing=f"the keys {digits}")

    def levels(self, since: float = 0.0) -> list[Level]:
        """What it heard of calls, each 100 ms, after this moment (monotonic)."""
        return [level for level in self._levels if level.at > since]

    async def heard(
        self, wanted: Callable[[Level], bool], *, lasting: float = 0.3, since: float | None = None, within: float = 10.0
    ) -> list[Level]:
        """The first windows in a row for which `wanted` holds, as soon as they last `lasting` seconds. Counts from
        `since`, otherwise from now on. Raises Missing, with the levels that it heard instead."""
        since = time.monotonic() if since is None else since
        number = max(1, round(lasting * 10))
        run: list[Level] = []

        def long_enough() -> bool:
            run.clear()
            for level in self.levels(since):
                if wanted(level):
                    run.append(level)
                else:
                    run.clear()
                if len(run) == number:
                    return True
            return False

        await self._until(long_enough, within=within, missing=f"{lasting} s of the sound that was wanted", since=since)
        return run

    # Its process

    @property
    def _errors(self) -> Path:
        assert self._folder is not None
        return Path(self._folder.name) / "errors.log"

    def _unseen(self) -> list[Seen]:
        return self._events[self._next_event :]

    async def _press(self, what: Do, keys: str, pressed_ms: int, pause_ms: int) -> float:
        within = _COMMAND + len(keys) * (pressed_ms + pause_ms) / 1000
        return await self._do(what, within=within, keys=keys, pressed_ms=pressed_ms, pause_ms=pause_ms)

    async def _do(self, what: Do, *, within: float = _COMMAND, **more: object) -> float:
        """Gives the moment (monotonic) at which the phone had done it."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._number = number = self._number + 1
        line = json.dumps({"do": what, "number": number, **more}) + "\n"
        with contextlib.suppress(ConnectionError):  # its end is reported below
            self._process.stdin.write(line.encode())
            await self._process.stdin.drain()
        await self._until(lambda: number in self._answers, within=within, missing=f"the end of “{what}”")
        at, why = self._answers.pop(number)
        if why:
            raise PhoneFailed(f"{self.line.name}: {what}: {why}")
        return at

    async def _until(
        self, condition: Callable[[], bool], *, within: float, missing: str, since: float = float("inf")
    ) -> None:
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: self._over or condition())
        except TimeoutError:
            saw = ", ".join(f"{event.what} ({event.text})" for event in self._events[-6:]) or "nothing"
            heard = [f"{level.rms}@{level.hertz}Hz" for level in self.levels(since)]
            raise Missing(
                f"{self.line.name}: {missing} did not come within {within:g} s; its last events: {saw};"
                f" received keys: {''.join(d.digit for d in self._digits) or 'none'}; heard: {heard or 'not asked'}"
            ) from None
        if self._over and not condition():
            raise PhoneFailed(f"{self.line.name}: its process has ended. {self._errors.read_text()[-1000:]}")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                async with self._news:
                    self._take(json.loads(line))
                    self._news.notify_all()
        finally:
            async with self._news:
                self._over = True
                self._news.notify_all()

    def _take(self, told: dict[str, Any]) -> None:
        match kind := Report(told["report"]):
            case Report.READY:
                self._ready = True
            case Report.DONE:
                self._answers[told["number"]] = told["at"], ""
            case Report.FAILED:
                self._answers[told["number"]] = told["at"], told["why"]
            case Report.DIGIT:
                self._digits.append(Digit(told["digit"], told["at"]))
            case Report.LEVEL:
                self._levels.append(Level(told["ended"], told["rms"], told["hertz"]))
            case _:
                if kind is Report.CALLED:
                    self._digits.clear()
                self._events.append(Seen(kind, told["at"], told["text"], told["peer"]))

    async def _stop(self) -> None:
        process, folder = self._process, self._folder
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading
        if folder is not None:
            folder.cleanup()
