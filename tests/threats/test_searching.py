"""The search for canaries finds them in the forms that programs make of them, and takes nothing else for one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid

import pytest

from tests.threats import memory
from tests.threats.searching import Canaries

ONES = Canaries("400005736182", ("0739",))
NUMBER = ONES.number(7)


@pytest.mark.parametrize(
    "content",
    [
        NUMBER,
        f"x{NUMBER}x",
        NUMBER[:11],
        NUMBER[3:15],
        " ".join(NUMBER[at : at + 4] for at in range(0, 16, 4)),
        "-".join(NUMBER[at : at + 4] for at in range(0, 16, 4)),
        NUMBER[::-1],
        ",".join(NUMBER),
        f"\\x{NUMBER.encode().hex()}",
        json.dumps({"body": base64.b64encode(f'["{NUMBER}"]'.encode()).decode()}),
        json.dumps({"body": base64.b64encode(f'[["{NUMBER}"]'.encode()).decode()}),
        json.dumps({"body": base64.b64encode(f'[["{NUMBER}", 1]'.encode()).decode()}),
        hashlib.sha256(NUMBER.encode()).hexdigest(),
        "the code is 0739",
        '{"cvc": "0739"}',
        "cvc=0739&expiry=",
    ],
)
def test_a_number_or_a_code_is_found_however_it_is_written(content: str) -> None:
    assert ONES.in_text(content.encode())


@pytest.mark.parametrize(
    "content",
    [
        "",
        NUMBER[-4:],
        NUMBER[12:] * 9,
        "10739",
        "2026-11-30 10:07:39,0739.5",
        "0.0739",
        f"{uuid.UUID(int=0x0739 << 64)}",
    ],
)
def test_what_may_be_kept_is_not_found(content: str) -> None:
    assert ONES.in_text(content.encode()) == []


@pytest.mark.parametrize("form", [NUMBER.encode("utf-16-le"), bytes.fromhex(NUMBER), NUMBER.encode()])
def test_a_number_is_found_between_other_bytes(form: bytes) -> None:
    assert ONES.in_bytes(os.urandom(1000) + form + os.urandom(1000))


def test_what_a_process_holds_is_found_in_its_memory() -> None:
    held = ["07" + "39", bytearray(NUMBER.encode())]

    content = [piece for one in memory.mappings(os.getpid()) for piece in memory.pieces(os.getpid(), one)]

    assert held
    found = {hit.partition(":")[0] for piece in content for hit in ONES.in_memory(piece)}
    assert {"code", "plain"} <= found, "and what other tests of this file have left"
