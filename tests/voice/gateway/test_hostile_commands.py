"""Ten thousand requests at the control API that are wrong in one way out of many: each gets its answer, and nothing of
any is left."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter
from typing import Any

import msgspec
import pytest
from starlette.requests import Request

from backoffice.voice.contract import Capture, Failure, Item, Refusal
from backoffice.voice.gateway.control import Control
from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.gateway.events import Outbox
from backoffice.voice.gateway.gateway import Gateway
from backoffice.voice.gateway.switchboard import Switchboard
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.ports import Ports
from backoffice.voice.signing import signed
from backoffice.voice.sip.sdp import Secrecy
from tests.voice.gateway.exchange import SECRET
from tests.voice.sip.network import Network
from tests.voice.sip.talking import station
from tests.voice.virtual_time import in_virtual_time

MANY = 10_000
COMMANDS: tuple[dict[str, Any], ...] = (
    {"command": "dial", "role": "customer", "number": "+31205550111", "ring_for": 45.0, "then": ""},
    {"command": "say", "role": "agent", "text": "Hello.", "language": "en"},
    {"command": "ask", "text": "One?", "language": "en", "choices": ["1", "2"], "least": 1, "most": 1, "seconds": 20},
    {"command": "capture", "items": ["card_number", "expiry"], "language": "en", "seconds": 60, "tries": 3},
    {"command": "hang_up", "role": "customer", "after_prompt": True},
    {"command": "find", "number": "+31205550111", "since": "2026-01-05T12:00:00Z", "known": ["c"]},
    *({"command": name} for name in ("answer", "refuse", "join", "part", "look", "count")),
)
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**63, 2**70, 1e308, -0.0, 0.1, "", "x", "\x00", "\ud800", "😀" * 300, "x" * 2_000),
    *("*", "#", "../../etc/passwd", "+31205550111", "2026-13-45T99:99:99Z", "2026-01-05T12:00:00", [], {}, [[]]),
    *([None], ["1"] * 3_000, ["card_number"] * 3, ["expiry"], ["", "12"], {"a": {"a": {}}}),
)
ANSWERS = {200, 400, 401, 404, 409, 413}


def wrong(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    """A request with its headers."""
    told = {**rnd.choice(COMMANDS), "key": f"k{rnd.randrange(200)}", "conversation": f"c{rnd.randrange(20)}"}
    for _each in range(rnd.randrange(3)):
        told[rnd.choice([*told, "digits"])] = rnd.choice(VALUES)
    for name in rnd.sample(list(told), rnd.randrange(2)):
        del told[name]
    body = json.dumps(told).encode()
    kind = rnd.randrange(8)
    if kind == 0:
        body = body[: rnd.randrange(len(body))]
    elif kind == 1:
        mutable = bytearray(body)
        for _each in range(rnd.randrange(1, 9)):
            mutable[rnd.randrange(len(mutable))] = rnd.getrandbits(8)
        body = bytes(mutable)
    elif kind == 2:
        body = rnd.choice([b"", b"[" * 5_000, b'{"a":' * 2_000, rnd.randbytes(200), b"1" * 15_000, b" " * 17_000])
    return body, _headers(rnd, body)


def _headers(rnd: random.Random, body: bytes) -> dict[str, str]:
    try:
        headers = signed(body, secret=SECRET, id=f"cmd_{rnd.getrandbits(64):x}")
    except UnicodeDecodeError:
        headers = signed(b"", secret=SECRET, id="other")
    if rnd.random() < 0.1:
        name = rnd.choice(["webhook-id", "webhook-timestamp", "webhook-signature"])
        headers[name] = rnd.choice(["", "nan", "inf", "-1", "1e400", "v1,", "v1,AAAA", "\xff", "x" * 9_000, "v2,a b"])
    return headers


async def posted(control: Control, body: bytes, headers: dict[str, str], rnd: random.Random) -> tuple[int, Any]:
    """Its status and answer; the body comes in one or more pieces."""
    cut = rnd.randrange(len(body) + 1)
    pieces = iter([{"type": "http.request", "body": body[:cut], "more_body": True}, _last(body[cut:])])

    async def receive() -> dict[str, Any]:
        return next(pieces)

    told = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/v1/commands", "query_string": b"", "headers": told}
    response = await control._command(Request(scope, receive))
    return response.status_code, json.loads(bytes(response.body))


def _last(body: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": False}


def idle_gateway() -> Gateway:
    """It reaches nobody, and can say nothing."""
    failures: Counter[Failure] = Counter()
    missing: Any = None
    return Gateway(
        Switchboard(
            instance="one",
            agent=station(Network()).agent,
            clock=Clock(),
            ports=Ports(first=31_800, last=31_899),
            prompts=missing,
            tokeniser=missing,
            signer=missing,
            dial_plan=DialPlan(),
            media_address="127.0.0.1",
            secrecy=Secrecy.NEVER,
            outbox=lambda conversation: Outbox(missing, instance="one", conversation=conversation, failures=failures),
            failures=failures,
        )
    )


@in_virtual_time
async def test_ten_thousand_hostile_commands_get_their_answers_and_leave_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR, logger="backoffice.voice.gateway.control")
    control, rnd = Control(secret=SECRET), random.Random(20_260_105)
    control.gateway = idle_gateway()
    seen: Counter[int] = Counter()
    codes: Counter[str] = Counter()
    for _each in range(MANY):
        status, told = await posted(control, *wrong(rnd), rnd)
        seen[status] += 1
        codes[told.get("code", "")] += 1

    assert set(seen) == ANSWERS, "each way to be refused was tried"
    assert {"signature", "unreadable", "out_of_range", "too_large", "no_route", "unknown"} <= set(codes)
    assert sum(control.counts.values()) == seen[400] + seen[401] + seen[413]
    assert not control.gateway.conversations
    assert not control.gateway._turns
    assert not control.gateway._going_on
    assert not [one for one in control.gateway._done.values() if isinstance(one[1].result(), Refusal)]
    assert len(asyncio.all_tasks()) == 2, "this one, and the one that waits for it"


@pytest.mark.parametrize(
    ("items", "is_taken"),
    [
        ((Item.CARD_NUMBER, Item.EXPIRY), True),
        ((Item.CARD_NUMBER, Item.EXPIRY, Item.SECURITY_CODE), True),
        ((Item.SECURITY_CODE,), True),
        ((Item.CARD_NUMBER,), False),
        ((Item.EXPIRY,), False),
        ((Item.EXPIRY, Item.SECURITY_CODE), False),
        ((Item.CARD_NUMBER, Item.SECURITY_CODE), False),
        ((), False),
    ],
)
@in_virtual_time
async def test_only_what_the_provider_can_make_a_token_of_is_asked_for(items: tuple[Item, ...], is_taken: bool) -> None:
    control = Control(secret=SECRET)
    control.gateway = idle_gateway()
    body = msgspec.json.encode(Capture(key="k", conversation="c", items=items, language="en"))
    told = await posted(control, body, signed(body, secret=SECRET, id="one"), random.Random(1))

    assert told == ((404, {"code": "unknown"}) if is_taken else (400, {"code": "out_of_range"}))
