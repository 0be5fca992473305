"""A gateway, and SIPp beside it in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from backoffice.voice.contract import Dial, Left, Role, State, Why
from backoffice.voice.sip.hops import Transport
from devstack.telephones.line import free_port
from tests.voice.gateway.exchange import Played, new_key, until

SIPP = shutil.which("sipp")
UAS = "+31205550111"


@dataclass
class Bench:
    """A gateway, and SIPp beside it."""

    it: Played
    folder: Path
    port: int

    async def calls_us(self, text: str, *, transport: Transport = Transport.UDP, calls: int = 1, lost: int = 0) -> None:
        """SIPp plays the calling side. Raises AssertionError unless all calls went as the scenario says."""
        target = f"127.0.0.1:{self.it.running.transports.sent_by(transport)[1]}"
        async with self.started(text, target, transport=transport, calls=calls, lost=lost):
            pass

    @contextlib.asynccontextmanager
    async def is_called(
        self, text: str, *, transport: Transport = Transport.UDP, calls: int = 1, lost: int = 0
    ) -> AsyncIterator[str]:
        """SIPp plays the called side; gives the conversation in which we call it, already dialled. Afterwards all went
        as the scenario says."""
        async with self.started(text, "", transport=transport, calls=calls, lost=lost):
            await self.listens()
            conversation = uuid.uuid4().hex
            await self.dials(conversation)
            yield conversation

    async def dials(self, conversation: str, *, ring_for: float = 10) -> None:
        dial = Dial(key=new_key(), conversation=conversation, role=Role.CUSTOMER, number=UAS, ring_for=ring_for)
        done = await self.it.gateway.do(dial)
        assert isinstance(done, State), done

    async def left(self, conversation: str) -> Why:
        await until(lambda: bool(self.it.office.of(conversation, Left)))
        return self.it.office.of(conversation, Left)[0].why

    async def listens(self) -> None:
        """Until SIPp has its port."""
        kinds = ("/proc/net/udp", "/proc/net/tcp")
        mark = f"0100007F:{self.port:04X} 00000000:0000"
        await until(lambda: any(mark in Path(kind).read_text() for kind in kinds), within=30)

    @contextlib.asynccontextmanager
    async def started(
        self, text: str, target: str, *, transport: Transport, calls: int, lost: int
    ) -> AsyncIterator[None]:
        file = self.folder / f"{uuid.uuid4().hex}.xml"
        file.write_text(text)
        assert SIPP is not None
        flags = ["-m", str(calls), "-l", str(calls), "-r", "20", "-timeout", "40", "-timeout_error", "-nostdin"]
        flags += ["-i", "127.0.0.1", "-p", str(self.port), "-mp", str(free_port()), "-trace_err"]
        flags += ["-t", "u1" if transport is Transport.UDP else "t1", *(["-lost", str(lost)] if lost else [])]
        process = await asyncio.create_subprocess_exec(
            *(SIPP, *([target] if target else []), "-sf", str(file), *flags),
            cwd=self.folder,
            env={"TERM": "dumb", "PATH": os.environ["PATH"]},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield
            status = await asyncio.wait_for(process.wait(), 45)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        errors = "\n".join(
            one.read_text(errors="replace")[-3000:] for one in self.folder.glob(f"{file.stem}*errors.log")
        )
        assert status == 0, f"SIPp ended with {status}\n{errors}"


Plays = Callable[[Callable[[Bench], Awaitable[None]]], None]
