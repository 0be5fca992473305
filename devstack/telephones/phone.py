"""A telephone as a process: `python -m devstack.telephones.phone --name N --port P --rtp FIRST LAST`.

It takes commands as lines of JSON on its standard input and reports on its standard output (see `words.py`); it ends
with its input. The SIP stack is baresip, which can run once in a process. It has one call at a time, and is busy for a
second one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from baresip import Account, Config, Event, Runtime, StackEvent, UserAgent
from baresip.audio import CallAudio
from baresip.call import Call, CallState
from baresip.errors import AudioNotActive, AudioRestarted, BaresipError

from .hearing import Ear
from .line import Line
from .sounds import FRAME, KEYS, RATE, Mouth, NoSound
from .words import Do, Incoming, Report, Transport

_AHEAD = 4 * FRAME * 2
"""The bytes of sound that wait in the stack: enough to live through a pause of 80 ms of this process."""
_RELEASED = "R"
_PATIENCE = 1.0
"""How many seconds key tones may take longer than they last: a phone on hold sends nothing."""
_EVENTS = {
    Event.CALL_INCOMING: Report.CALLED,
    Event.CALL_RINGING: Report.RINGING,
    Event.CALL_ESTABLISHED: Report.ESTABLISHED,
    Event.CALL_HOLD: Report.HELD,
    Event.CALL_RESUME: Report.RESUMED,
    Event.CALL_CLOSED: Report.CLOSED,
}


class NotNow(Exception):
    """A command that does not fit the state of the phone."""


def report(kind: Report, **more: object) -> None:
    """Writes a line for the driver; `at` is monotonic time."""
    sys.stdout.write(json.dumps({"report": kind, "at": round(time.monotonic(), 4), **more}) + "\n")
    sys.stdout.flush()


class Phone:
    """The phone of one line, while `run` runs."""

    def __init__(self, line: Line) -> None:
        self._line, self._incoming = line, line.incoming
        self._runtime = Runtime()
        self._agent: UserAgent | None = None
        self._call: Call | None = None
        self._unclaimed: list[StackEvent] = []
        self._mouth, self._ear = Mouth(), Ear()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Takes calls and commands until its input ends or says so."""
        await self._runtime.start(_config(self._line))
        try:
            self._runtime.subscribe(self._notice)
            self._agent = await UserAgent.create(self._runtime, _account(self._line))
            self._agent.on_incoming(self._called)
            sound = asyncio.create_task(self._sound())
            report(Report.READY, uri=self._line.uri)
            await self._obey(await _standard_input())
            sound.cancel()
        finally:
            self._ear.stop_recording()
            await self._runtime.close()

    # What the stack tells us

    def _notice(self, event: StackEvent) -> None:
        if event.event is Event.CALL_DTMF_START and event.text:
            report(Report.DIGIT, digit=event.text)
        if event.event not in _EVENTS:
            return
        if self._call is None or event.call != self._call.handle:
            self._unclaimed.append(event)
        if event.event is Event.CALL_CLOSED:
            self._ear.forget()
        report(_EVENTS[event.event], text=event.text or "", peer=event.peer or "")

    def _called(self, call: Call) -> None:
        self._call = call
        if self._incoming is not Incoming.RING:
            task = asyncio.create_task(call.answer() if self._incoming is Incoming.ANSWER else call.reject())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # What our driver tells us

    async def _obey(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            told = json.loads(line)
            try:
                if told["do"] == Do.QUIT:
                    return
                await self._do(Do(told["do"]), told)
            except (BaresipError, NotNow, NoSound, OSError, ValueError) as error:
                report(Report.FAILED, number=told["number"], why=f"{type(error).__name__}: {error}")
            else:
                report(Report.DONE, number=told["number"])

    async def _do(self, what: Do, told: dict[str, Any]) -> None:
        match what:
            case Do.DIAL:
                await self._dial(told["uri"])
            case Do.ANSWER:
                await self._current().answer()
            case Do.REJECT:
                await self._current().reject()
            case Do.HANG_UP:
                await self._current().hangup()
            case Do.HOLD:
                await self._current().hold()
            case Do.RESUME:
                await self._current().resume()
            case Do.KEYS:
                await self._press(told["keys"], told["pressed_ms"], told["pause_ms"])
            case Do.KEY_TONES:
                await self._press_tones(told["keys"], told["pressed_ms"], told["pause_ms"])
            case Do.TONE:
                self._mouth.say_tone(told["hertz"], told["amplitude"])
            case Do.PLAY:
                self._mouth.say_file(Path(told["path"]), again=told["again"])
            case Do.RECORD:
                self._ear.record(Path(told["path"]))
            case Do.STOP_RECORDING:
                self._ear.stop_recording()
            case Do.INCOMING:
                self._incoming = Incoming(told["mode"])

    async def _dial(self, uri: str) -> None:
        if self._call is not None and self._call.state is not CallState.CLOSED:
            raise NotNow("this phone has a call already")
        assert self._agent is not None
        self._call, self._unclaimed = None, []
        call = await self._agent.dial(uri)
        for event in self._unclaimed:
            # An answer can arrive before `dial` has returned, and the library drops what comes before its object.
            call._on_stack_event(event)
        self._call = call

    async def _press(self, keys: str, pressed_ms: int, pause_ms: int) -> None:
        if unknown := set(keys.upper()) - set(KEYS):
            raise NoSound(f"{sorted(unknown)} are no keys of a telephone.")
        for key in keys.upper():
            # The library's `send_dtmf` holds each key for 100 ms, and people do not.
            await self._current()._send_digit(key)
            await asyncio.sleep(pressed_ms / 1000)
            await self._current()._send_digit(_RELEASED)
            await asyncio.sleep(pause_ms / 1000)

    async def _press_tones(self, keys: str, pressed_ms: int, pause_ms: int) -> None:
        self._current()
        self._mouth.press(keys, pressed_ms=pressed_ms, pause_ms=pause_ms)
        deadline = time.monotonic() + len(keys) * (pressed_ms + pause_ms) / 1000 + _PATIENCE
        while self._mouth.presses:
            self._current()
            if time.monotonic() > deadline:
                self._mouth.release()
                raise NotNow("nothing is sent, so no tone can be heard")
            await asyncio.sleep(FRAME / RATE)

    def _current(self) -> Call:
        if self._call is None or self._call.state is CallState.CLOSED:
            raise NotNow("this phone has no call")
        return self._call

    # Its sound

    async def _sound(self) -> None:
        while True:
            if self._call is not None and self._call.state is CallState.ESTABLISHED:
                with contextlib.suppress(AudioNotActive, AudioRestarted):
                    self._speak(self._call.audio)
                    self._listen(self._call.audio)
            await asyncio.sleep(FRAME / RATE)

    def _speak(self, audio: CallAudio) -> None:
        info = audio.info()
        if not info.tx_ready:
            return
        for _frame in range(max(0, _AHEAD - info.tx_buffered) // (FRAME * 2)):
            audio.write(self._mouth.next_frame())

    def _listen(self, audio: CallAudio) -> None:
        heard = audio.read(1 << 16)
        for level in self._ear.hear(heard, now=time.monotonic()):
            report(Report.LEVEL, ended=round(level.at, 4), rms=level.rms, hertz=level.hertz)


def _config(line: Line) -> Config:
    more = [
        f"sip_listen {line.address}:{line.port}",
        f"rtp_ports {line.rtp[0]}-{line.rtp[1]}",
        "audio_telev_pt 101",
        "sip_verify_server yes",
    ]
    if line.authorities is not None:
        more.append(f"sip_cafile {line.authorities}")
    if line.certificate is not None:
        more.append(f"sip_certificate {line.certificate}")
    return Config(net_interface=line.address, max_concurrent_calls=1, extra_config_text="\n".join(more) + "\n")


def _account(line: Line) -> Account:
    port = line.port + 1 if line.transport is Transport.TLS else line.port
    return Account(
        line.name,
        f"{line.address}:{port}",
        password="",
        reg_interval=0,
        transport=line.transport.value,
        audio_codecs=line.codecs,
        extra_params=("mediaenc=srtp-mand",) if line.srtp else (),
    )


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _keep_output_for_reports() -> None:
    """What native code prints goes to the standard error, and never between two reports."""
    reports = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = os.fdopen(reports, "w", encoding="utf-8")


if __name__ == "__main__":
    _keep_output_for_reports()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(Phone(Line.from_arguments(sys.argv[1:])).run())
