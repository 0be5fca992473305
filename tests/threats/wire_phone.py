"""Telephones at the wire for `test_canaries`: they press keys as events or as tones, and know when nobody speaks to
them. Many run in one event loop, beside a stack, and cost next to nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

import numpy as np
from aiortp.codecs.g711 import PcmuCodec

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.g711 import SILENCE, is_silent, samples
from backoffice.voice.media.timestamps import FRAME, FRAMES_A_SECOND
from backoffice.voice.sip.calls import Call, Ending
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.outgoing import OutgoingCall
from backoffice.voice.sip.sdp import Agreement, Negotiation
from benchmarks.voice_phone import _HEADER, HOST, Phone
from devstack.telephones.sounds import key_tones

PRESSED_MS, PAUSE_MS = 60, 50


class WirePhone(Phone):
    """Takes each call at once. `heard` is all the sound that it got, of which the tests read keys out again."""

    def __init__(self, *, shows: str = "phone") -> None:
        super().__init__(shows=shows)
        self.heard: list[bytes] = []
        self.events_heard = 0
        self.call: Call | None = None
        self._said: deque[bytes] = deque()
        self._spoke_at = self._pressed_at = 0.0
        self._up = asyncio.Event()
        self._over = asyncio.Event()

    async def dials(self, uri: str, port: int) -> None:
        """Calls; returns when it is answered."""
        self._begin()
        call: OutgoingCall = self._agent.call(
            uri, by=Hop(Transport.UDP, HOST, port), negotiation=Negotiation(address=HOST, port=self._port)
        )
        self._follow(call)
        call.start()
        await asyncio.wait_for(self._up.wait(), 20)

    async def answered(self, *, within: float = 60) -> None:
        """Until it has taken a call."""
        await asyncio.wait_for(self._up.wait(), within)

    def hang_up(self) -> None:
        if self.call is not None:
            self.call.hang_up()

    async def is_over(self, *, within: float = 60) -> None:
        await asyncio.wait_for(self._over.wait(), within)

    async def is_spoken_to(self, *, within: float = 30) -> None:
        """Until somebody says something, from now on."""
        await asyncio.wait_for(self.hears_anew(), within)

    async def is_told_all(self, *, quiet: float = 0.8, within: float = 60) -> None:
        """Until somebody has spoken since the last key, and then nobody for so long."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            while not self._pressed_at < self._spoke_at < loop.time() - quiet:
                await asyncio.sleep(0.05)

    async def keys(self, keys: str, *, tones: bool = False) -> None:
        """Presses them, as events or as tones, and returns when they have left."""
        if tones:
            said = PcmuCodec().encode(key_tones(keys, pressed_ms=PRESSED_MS, pause_ms=PAUSE_MS).astype("<i2").tobytes())
            self._said += [said[at : at + FRAME].ljust(FRAME, b"\xff") for at in range(0, len(said), FRAME)]
            while self._said:
                await asyncio.sleep(0.02)
        else:
            for key in keys:
                self.press(key)
                await asyncio.sleep(0.18)  # a key of 100 ms and a pause: nobody presses twelve in a second
        self._pressed_at = asyncio.get_running_loop().time()

    @property
    def sound(self) -> np.typing.NDArray[np.int16]:
        return np.concatenate([samples(one, Codec.PCMU) for one in self.heard] or [np.zeros(0, np.int16)])

    @property
    def _port(self) -> int:
        return int(self._sock.getsockname()[1])

    def _answer(self, call: IncomingCall) -> None:
        self._begin()
        self._follow(call)
        super()._answer(call)
        self._up.set()

    def _follow(self, call: Call) -> None:
        self.call = call
        call.on_agreement = self._agree
        call.on_over = self._ended

    def _begin(self) -> None:
        self._up.clear()
        self._over.clear()
        self._said.clear()

    def _agree(self, agreement: Agreement) -> None:
        super()._agree(agreement)
        self._up.set()

    def _ended(self, _ending: Ending) -> None:
        self._agreed = None
        self._up.clear()
        self._over.set()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while packet := self._sock.recv(2048):
                if packet[1] & 0x7F != Codec.PCMU.value:
                    self.events_heard += 1
                    continue
                self.heard.append(packet[_HEADER:])
                if not is_silent(packet[_HEADER:], Codec.PCMU):
                    self._spoke_at = asyncio.get_running_loop().time()
                    if not self._heard.done():
                        self._heard.set_result(self._spoke_at)

    async def _send(self) -> None:
        while True:
            await self._up.wait()
            await self._send_in_call()

    async def _send_in_call(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._up.is_set():
            due += 1 / FRAMES_A_SECOND
            await asyncio.sleep(due - loop.time())
            agreed: Agreed | None = self._agreed
            if agreed is None:
                continue
            if (event := self._presses.next()) is not None:
                self._sender.event(event, agreed)
            else:
                said = self._said.popleft() if self._said else SILENCE[Codec.PCMU]
                self._sender.sound(said, Codec.PCMU, agreed)
            self._sender.tick()
