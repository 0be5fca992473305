"""The gateway as a process of its own: signed commands over HTTP, a canary in its memory, and its sudden end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import msgspec
import pytest

from backoffice.voice.contract import Capture, Captured, Count, Dial, Item, Join, Keying, Look, Role
from backoffice.voice.signing import signed
from devstack.telephones.line import Line, free_port
from devstack.telephones.telephone import Telephone
from devstack.telephones.words import Report, Transport
from tests.voice.gateway.exchange import SECRET, new_key, until
from tests.voice.gateway.listening import CUSTOMER_SAYS, NEEDS_PHONES, is_speech, is_tone
from tests.voice.gateway.process import Process, gateway

CANARY = "4000056655665556"
"""A test number of a Visa debit card, which no other test types."""
OTHER_SECRET = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3Rz"


def test_only_a_fresh_signed_command_is_done(tmp_path: Path) -> None:
    body = msgspec.json.encode(Look(key="k", conversation="c"))

    async def story() -> None:
        async with gateway(tmp_path) as it:
            once = signed(body, secret=SECRET, id="once")
            assert it.post(body, once) == (404, {"code": "unknown"})
            assert it.post(body, once) == (401, {"code": "replay"})
            assert it.post(body, {}) == (401, {"code": "signature"})
            assert it.post(body, signed(body, secret=OTHER_SECRET, id="other"))[0] == 401
            assert it.post(body + b" ", signed(body, secret=SECRET, id="changed"))[0] == 401
            for wrong in (b"{}", b"[]", b'{"command":"dance","key":"k","conversation":"c"}', b"x"):
                assert it.post(wrong, signed_raw(wrong)) == (400, {"code": "unreadable"})
            large = b'{"command":"look","key":"' + b"k" * 20_000 + b'","conversation":"c"}'
            assert it.post(large, signed(large, secret=SECRET, id="large"))[0] == 413
            out_of_range = msgspec.json.encode(
                Dial(key="k", conversation="c", role=Role.AGENT, number="1", ring_for=1e9)
            )
            assert it.post(out_of_range, signed_raw(out_of_range)) == (400, {"code": "out_of_range"})
            elsewhere = msgspec.json.encode(Look(key="k", conversation="../../etc/c"))
            assert it.post(elsewhere, signed_raw(elsewhere)) == (400, {"code": "out_of_range"})
            assert it.events == []
            status, counts = await it.do(Count(key="k", conversation="c"))
            assert status == 200
            assert counts["refused"] == {
                "signature": 3,
                "replay": 1,
                "unreadable": 4,
                "too_large": 1,
                "out_of_range": 2,
            }
            assert it.post(msgspec.json.encode(Count(key="k", conversation="c")), {})[0] == 401

    asyncio.run(story())


def signed_raw(body: bytes) -> dict[str, str]:
    return signed(body, secret=SECRET, id=uuid.uuid4().hex)


@NEEDS_PHONES
def test_what_is_keyed_in_is_nowhere_afterwards_and_the_line_of_a_killed_gateway_goes_dead(tmp_path: Path) -> None:
    """Threat 16 for the gateway: a canary number in its memory, log, prompts and events; then SIGKILL in mid-call."""

    async def story() -> None:
        agent, customer = (Telephone(Line(name=name, port=free_port())) for name in ("agent", "customer"))
        addresses = {"agent": agent.line.uri, "+31205550111": customer.line.uri}
        async with gateway(tmp_path, addresses) as it, agent, customer:
            await customer.say_tone(CUSTOMER_SAYS)
            conversation = uuid.uuid4().hex
            for role, number in ((Role.AGENT, "agent"), (Role.CUSTOMER, "+31205550111")):
                dial = Dial(key=new_key(), conversation=conversation, role=role, number=number)
                assert (await it.do(dial))[0] == 200
            await agent.sees(Report.ESTABLISHED)
            await customer.sees(Report.ESTABLISHED)
            await until(lambda: len(it.events) >= 4)
            assert (await it.do(Join(key=new_key(), conversation=conversation)))[0] == 200
            await agent.heard(is_tone(CUSTOMER_SAYS))
            items = (Item.CARD_NUMBER, Item.EXPIRY)
            capture = Capture(key=new_key(), conversation=conversation, items=items, language="en")
            assert (await it.do(capture))[0] == 200
            for item, keys in zip(items, (f"{CANARY}#", "1131#"), strict=True):
                await is_asked_for(it, item)
                await customer.heard(is_speech)
                await customer.press(keys)
            await until(lambda: bool(it.told(Captured)))
            assert it.told(Captured)[0].token == "pm_1"

            if os.geteuid() == 0:  # nobody else may look into it
                assert await asyncio.to_thread(occurrences, it.process.pid, CANARY.encode()) == 0
            written = [*tmp_path.rglob("*")]
            assert not any(CANARY.encode() in path.read_bytes() for path in written if path.is_file())
            assert not any(CANARY.encode() in body for _headers, body in it.posted)

            await agent.heard(is_tone(CUSTOMER_SAYS))
            it.process.send_signal(signal.SIGKILL)
            it.process.wait(10)
            killed = time.monotonic()
            await until(lambda: time.monotonic() > killed + 1)
            assert [level for level in agent.levels(killed + 0.5) if level.rms > 2000] == []

    asyncio.run(story())


async def is_asked_for(it: Process, item: Item) -> None:
    """Waits until the gateway asks for this item."""
    await until(lambda: bool(told := it.told(Keying)) and told[-1].item is item)


def occurrences(pid: int, wanted: bytes) -> int:
    """How often it is in the memory of a process; none can be told where the system does not let us look."""
    found = 0
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span = re.match("([0-9a-f]+)-([0-9a-f]+) r", line)
            if span is None or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            memory.seek(int(span[1], 16))
            with contextlib.suppress(OSError):
                found += memory.read(int(span[2], 16) - int(span[1], 16)).count(wanted)
    return found


@NEEDS_PHONES
def test_a_gateway_that_is_told_to_stop_hangs_up_first(tmp_path: Path) -> None:
    async def story() -> None:
        agent = Telephone(Line(name="agent", port=free_port(), transport=Transport.UDP))
        async with agent, gateway(tmp_path, {"agent": agent.line.uri}) as it:
            await it.do(Dial(key=new_key(), conversation="c", role=Role.AGENT, number="agent"))
            await agent.sees(Report.ESTABLISHED)

            it.process.terminate()

            await agent.sees(Report.CLOSED)
            assert it.process.wait(10) in (0, -signal.SIGTERM)

    asyncio.run(story())


@pytest.mark.parametrize("name", ["VOICE_CONTROL_SECRET", "VOICE_SIGNING_KEY_PATH"])
def test_a_gateway_that_is_set_up_wrongly_says_why_and_does_not_start(name: str) -> None:
    environment = {"PATH": os.environ["PATH"]}

    ended = subprocess.run(
        [sys.executable, "-m", "backoffice.voice"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr
