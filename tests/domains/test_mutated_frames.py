"""Ten thousand frames with something wrong in them, in both directions: nobody crashes, and nothing is half done.

The seed is fixed, so that a failure can be repeated.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from epptools import Response
from epptools.exceptions import EppException

from backoffice.domains import ports
from backoffice.domains.adapters import reading
from backoffice.domains.adapters.line import Address, Line
from backoffice.domains.models import RegistryCommand
from backoffice.domains.ports import Registry, RegistryRefusal, RegistryUnavailable, Status
from devstack.registry import wire
from devstack.registry.control import Control
from devstack.registry.sessions import Registry as Simulated
from devstack.registry.sessions import Session
from devstack.registry.store import Store
from tests.domains.registry import RegistryServer
from tests.domains.test_frames import play

SEED = 5730
COMMANDS, ANSWERS, WHOLE = 5000, 4900, 100
READERS: list[Callable[[reading.Told], object]] = [
    reading.domain, reading.transfer, reading.polled, reading.free_names, reading.contact, reading.has_dates,
]  # fmt: skip
PIECES = [
    b"<", b">", b"&", b"&amp;", b"\x00", b"\xff", b"]]>", b"<![CDATA[", b"<!-- ", b"<?x ?>", b"</", b'"', b"'",
    b"2400", b"1000", b"1001", b"9999999999999999", b"-1", b"xmlns=''", b"<a>" * 40, b"&#0;", b"&#x110000;",
    "王".encode()[:2], b"\xed\xa0\x80", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b" " * 3000,
]  # fmt: skip


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The frame with one to three things wrong: bytes changed, taken away, doubled, moved or put in."""
    found = bytearray(content)
    for _time in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(found) + 1), chance.choice((1, 1, 2, 8, 40, 200))
        how = chance.randrange(6)
        if how == 0 and found:
            found[min(at, len(found) - 1)] ^= 1 << chance.randrange(8)
        elif how == 1:
            del found[at : at + length]
        elif how == 2:
            found[at:at] = found[at : at + length]
        elif how == 3:
            found[at:at] = chance.choice(PIECES)
        elif how == 4:
            del found[at:]
        else:
            other = chance.randrange(len(found) + 1)
            found[at : at + length] = found[other : other + length]
    return bytes(found)


def mutated_text(content: bytes, chance: random.Random) -> bytes:
    """Well-formed still: a text or an attribute says something else, or an element is gone, doubled or renamed."""
    root = ElementTree.fromstring(content)
    parents = [(parent, child) for parent in root.iter() for child in parent]
    if parents:
        parent, child = chance.choice(parents)
        how = chance.randrange(5)
        if how == 0:
            parent.remove(child)
        elif how == 1:
            parent.append(child)
        elif how == 2:
            child.tag = chance.choice(["a", child.tag.replace("domain", "contact"), child.tag + "x"])
        elif how == 3:
            child.text = chance.choice(["", "x" * 70_000, "\U0001f600", "2026-99-99T00:00:00Z", "1000", " "])
        else:
            for name in list(child.attrib):
                child.set(name, chance.choice(["", "9999", "1000", "x", "٣"]))
    written: bytes = ElementTree.tostring(root)
    return written


def variants(contents: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for number in range(count):
        yield (mutated, mutated_text)[number % 3 == 0](chance.choice(contents), chance)


@pytest.fixture
def frames(registry_server: RegistryServer) -> dict[str, list[bytes]]:
    """One of each command and answer."""
    play(registry_server)
    return {
        side: [content for told, content in registry_server.frames if told == side] for side in ("command", "answer")
    }


class Deaf:
    """A connection to which answers are sent."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, content: bytes) -> None:
        self.sent = content


@pytest.mark.django_db
def test_the_embedded_registry_answers_every_frame_and_acts_on_whole_ones_only(
    frames: dict[str, list[bytes]], tmp_path: Path
) -> None:
    store = Store(tmp_path / "registry.sqlite3")
    simulated, deaf = Simulated(store, {"countersign": "secret-of-tests"}), Deaf()
    control = Control(simulated)
    for name in ("a.pl", "b.pl"):
        control.seed({"name": name})
    session = Session(simulated, cast("socket.socket", deaf), lambda _side, _content: None)
    session.answer(next(content for content in frames["command"] if b"<login>" in content))
    before = _state(control)
    done = 0
    for content in variants(frames["command"], COMMANDS, SEED):
        session.answer(content)
        code = _code(deaf.sent)
        after = _state(control)
        assert after == before or code in (1000, 1001), content
        done += after != before
        before = after
    assert done > 5


def _state(control: Control) -> str:
    return json.dumps([control.domains(), control.handles()])


def _code(sent: bytes) -> int:
    assert struct.unpack("!I", sent[:4])[0] == len(sent)
    result = ElementTree.fromstring(sent[4:]).find(f".//{{{wire.EPP}}}result")
    return 0 if result is None else int(result.get("code", ""))


@pytest.mark.django_db
def test_we_read_every_answer_or_say_that_we_cannot(frames: dict[str, list[bytes]]) -> None:
    ours, theirs = socket.socketpair()
    read, dead = 0, 0
    line = Line(Address("", 0))
    for content in variants(frames["answer"], ANSWERS, SEED + 1):
        if not line.is_open():
            ours.close()
            theirs.close()
            ours, theirs = socket.socketpair()
            line = Line(Address("", 0), cast("Any", ours))
        line.until(time.monotonic() + 60)
        theirs.sendall(wire.framed(content))
        try:
            told = reading.told(Response.from_xml(line.read_frame()).root)
        except (EppException, reading.Unreadable):
            dead += 1
            line.close()
            continue
        read += 1
        for reader in READERS:
            try:
                reader(told)
            except reading.Unreadable:
                continue
    assert read > 200
    assert dead > 1000
    ours.close()
    theirs.close()


@pytest.mark.django_db
def test_a_change_whose_answer_is_mutated_is_made_once(registry_server: RegistryServer) -> None:
    registry_server.seed("x.pl", registrant="HOLDER-2")
    registry = ports.registry()
    chance = random.Random(SEED + 2)
    for number in range(WHOLE):
        registry_server.seed("m.pl")
        before = registry_server.done("domain:update")
        change = mutated_text if number % 3 == 0 else mutated
        registry_server.embedded.mutate_next("domain:update", partial(change, chance=chance))
        _insist(registry, f"k{number}")

        assert registry_server.domain("m.pl")["statuses"] == ["clientTransferProhibited"]
        assert registry_server.done("domain:update") == before + 1
    assert not RegistryCommand.objects.exclude(state="done").exists()


def _insist(registry: Registry, key: str) -> None:
    """As the engine does: asks again while nothing is known, and once more after a refusal."""
    for _time in range(4):
        try:
            registry.prohibit("m.pl", {Status.CLIENT_TRANSFER}, key)
        except (RegistryUnavailable, RegistryRefusal):
            continue
        return
    raise AssertionError(key)
