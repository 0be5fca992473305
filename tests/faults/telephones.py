"""The telephones of all customers and agents, in the process of the tests: whatever number the voice gateway rings, it
rings here. They outlive the gateway, say nothing, and press keys when a test wants it (RFC 4733).

They are made of our own SIP and our own sound; that these speak with others is shown elsewhere (`tests/voice`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.events import Press
from backoffice.voice.media.keys import DIGITS
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.ports import Ports
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.sdp import Agreement, Negotiation
from backoffice.voice.sip.transports import Listening, Transports
from backoffice.voice.sip.user_agent import Peers, UserAgent

MEDIA = (31_000, 31_999)
PRESSED, PAUSE = 0.06, 0.12
"""Seconds of a key, and until the next: with its end, which is sent three times, about seven keys a second."""
_VOLUME = 10
SILENCE = 0xFF
"""A byte of µ-law."""
_LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


class _Telephone:
    """One call of one number. `heard` are the tunes that it heard, in their order (see `Telephones`)."""

    def __init__(self, call: IncomingCall) -> None:
        self.call = call
        self.leg: Leg | None = None
        self.heard: list[int] = []
        self._tune: int | None = None

    def hear(self) -> None:
        """Beside the leg, once it has heard the frame of this tick."""
        frame = self.leg.hearing.sound if self.leg is not None else None
        values = set(frame or b"")
        tune = values.pop() if len(values) == 1 else None
        if self._tune is not None and tune != self._tune and self._tune != SILENCE:
            self.heard.append(self._tune)
        self._tune = tune

    def speak(self) -> None:
        """The leg does that."""


class Telephones:
    """For `with`; `port` is where the gateway finds them by SIP over UDP. A *tune* is a sound of one and the same byte:
    it is known for certain, and so is its end. Every wait has a limit, and raises `TimeoutError`."""

    def __init__(self, port: int) -> None:
        self.rung: Counter[str] = Counter()
        """How often each number was rung."""
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="telephones", daemon=True)
        self._newest: dict[str, _Telephone] = {}
        self._clock, self._ports = Clock(), Ports(first=MEDIA[0], last=MEDIA[1])
        self._transports: Transports

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def rings(self, number: str, *, times: int = 1, within: float = 90) -> None:
        """Until it was rung so often."""
        self._until(lambda: self.rung[number] >= times, f"{number} is not rung", within)

    def answers(self, number: str, *, times: int = 1, within: float = 90) -> None:
        """Once it was rung so often, the newest call is taken."""
        self.rings(number, times=times, within=within)
        self._do(self._take(self._newest[number]))

    def hears(self, number: str, tune: int, *, within: float = 30) -> None:
        """Until the tune has ended in the newest call."""
        self._until(lambda: tune in self._newest[number].heard, f"{number} does not hear {tune:#x}", within)

    def press(self, number: str, keys: str) -> None:
        """Presses them, one after the other, and does not wait."""
        asyncio.run_coroutine_threadsafe(self._press(self._newest[number], keys), self._loop)

    def _until(self, there: Callable[[], bool], complaint: str, within: float) -> None:
        deadline = time.monotonic() + within
        while not there():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{complaint} within {within:.0f} s")
            time.sleep(0.01)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    async def _start(self) -> None:
        agent: UserAgent
        peers = Peers(_LOOPBACK)
        self._transports = Transports(
            Listening(udp=self._port), takes=lambda message, source: agent.take(message, source), admits=peers.admits
        )
        agent = UserAgent(self._transports, peers=peers)
        agent.on_call = self._rung
        await self._transports.start()
        self._agent = agent
        self._clock.start()

    async def _stop(self) -> None:
        for telephone in self._newest.values():
            await self._close(telephone)
        self._clock.stop()
        self._agent.transactions.end_all()
        await self._transports.stop()

    def _rung(self, call: IncomingCall) -> None:
        call.ring()
        before, telephone = self._newest.get(call.called), _Telephone(call)
        call.on_over = lambda _ending: self._later(self._close(telephone))
        self._newest[call.called] = telephone
        self.rung[call.called] += 1
        if before is not None:
            self._later(self._close(before))

    async def _take(self, telephone: _Telephone) -> None:
        leg = await Leg.open(self._ports, self._clock)
        telephone.leg = leg
        self._clock.add(telephone, beside=leg)
        telephone.call.on_agreement = lambda agreement: leg.agree(_agreed(agreement))
        if not telephone.call.accept(Negotiation(address="127.0.0.1", port=leg.port)):
            await self._close(telephone)

    async def _press(self, telephone: _Telephone, keys: str) -> None:
        for key in keys:
            if telephone.leg is None:
                return
            code = DIGITS.index(key)
            telephone.leg.presses.pass_on(Press(code, _VOLUME, 0, begins=True, ends=False))
            await asyncio.sleep(PRESSED)
            telephone.leg.presses.pass_on(Press(code, _VOLUME, round(PRESSED * 8000), begins=False, ends=True))
            await asyncio.sleep(PAUSE)

    async def _close(self, telephone: _Telephone) -> None:
        leg, telephone.leg = telephone.leg, None
        if leg is not None:
            self._clock.remove(telephone)
            await leg.close()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.create_task(work)


def _agreed(agreement: Agreement) -> Agreed:
    return Agreed(agreement.remote, Codec(agreement.codec.value), agreement.events, agreement.sends, agreement.takes)
