"""Relays the calls of `voice.py`: by the gateway's media engine (`gateway`; `recorded`: with a recording of each leg;
`cut`: while keys are taken), or by an event loop that sends on what it receives (`baseline`).

Lines of JSON on standard input: `{"calls": N, "telephones": PORT}` makes so many calls and gives the ports of their
legs, `{"measure": SECONDS}` what they cost meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol, cast

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.bridges import Bridge
from backoffice.voice.media.clock import LATE, Clock
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.ports import Ports
from backoffice.voice.media.recording import Recorder

HOST = "127.0.0.1"
FIRST, LAST = 36_000, 39_999


class Engine(Protocol):
    async def call(self, telephones: int) -> list[int]:
        """Makes one call; the ports of its two legs."""
        ...

    def counts(self) -> tuple[int, int]:
        """Frames until now, and how many of them were late."""
        ...


class Gateway:
    def __init__(self, *, cut: bool = False, recorder: Recorder | None = None) -> None:
        self._clock, self._ports, self._cut, self._recorder = Clock(), Ports(HOST, FIRST, LAST), cut, recorder
        self._legs: list[Leg] = []
        self._clock.start()

    async def call(self, telephones: int) -> list[int]:
        agent = await Leg.open(self._ports, self._clock)
        customer = await Leg.open(self._ports, self._clock, beside=agent)
        for leg in (agent, customer):
            leg.agree(Agreed(remote=(HOST, telephones), codec=Codec.PCMU))
            if self._recorder is not None:
                leg.record(self._recorder.begin(f"{leg.port}.wav"))
        self._legs += [agent, customer]
        bridge = Bridge(agent, customer)
        if self._cut:
            bridge.cut(agent)
            customer.listen(lambda _key: None)
        return [agent.port, customer.port]

    def counts(self) -> tuple[int, int]:
        return self._clock.frames, self._clock.late_frames

    def close(self) -> None:
        """Waits until all recordings are written."""
        self._clock.stop()
        for leg in self._legs:
            leg.stop_recording()
        if self._recorder is not None:
            self._recorder.close()


class Baseline:
    """Each packet is sent on at once. Late is what waited for over 5 ms in this process, by its loop's own delay."""

    def __init__(self) -> None:
        self.frames = self.late = 0
        self._telephones = 0
        self._beat = asyncio.get_running_loop().create_task(self._watch())
        self._behind = 0.0

    async def _watch(self) -> None:
        while True:
            due = time.monotonic() + 0.005
            await asyncio.sleep(0.005)
            self._behind = time.monotonic() - due

    async def call(self, telephones: int) -> list[int]:
        self._telephones = telephones
        ends = [await self._end() for _each in range(2)]
        for end, other in (ends, ends[::-1]):
            end.other = other.transport
        return [end.transport.get_extra_info("sockname")[1] for end in ends]

    async def _end(self) -> _End:
        _transport, end = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _End(self), local_addr=(HOST, 0)
        )
        return end

    def passed(self, transport: asyncio.DatagramTransport, data: bytes) -> None:
        self.frames += 1
        self.late += self._behind > LATE
        transport.sendto(data, (HOST, self._telephones))

    def counts(self) -> tuple[int, int]:
        return self.frames, self.late


class _End(asyncio.DatagramProtocol):
    transport: asyncio.DatagramTransport
    other: asyncio.DatagramTransport

    def __init__(self, engine: Baseline) -> None:
        self._engine = engine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._engine.passed(self.other, data)


async def serve(engine: Engine) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    ports: list[int] = []
    while line := await lines.readline():
        told = json.loads(line)
        while len(ports) < 2 * told.get("calls", 0):
            ports += await engine.call(told["telephones"])
        answer: Any = ports
        if "measure" in told:
            await asyncio.sleep(0.5)
            (frames, late), cpu = engine.counts(), time.process_time()
            await asyncio.sleep(told["measure"])
            now = engine.counts()
            answer = {"frames": now[0] - frames, "late": now[1] - late, "cpu": time.process_time() - cpu}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


async def main() -> None:
    kind = sys.argv[1]
    if kind == "baseline":
        await serve(Baseline())
        return
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(cut=kind == "cut", recorder=Recorder(Path(folder)) if kind == "recorded" else None)
        await serve(gateway)
        gateway.close()


if __name__ == "__main__":
    asyncio.run(main())
