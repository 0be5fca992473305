"""The line to a registry: after anything that cannot be understood, it is dead for good."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from epptools.exceptions import ConnectionException, ValidationException

from backoffice.domains.adapters.line import LARGEST, Address, Line

WHOLE = b"<epp>whole</epp>"


@pytest.fixture
def ends() -> Iterator[tuple[Line, socket.socket]]:
    ours, theirs = socket.socketpair()
    line = Line(Address("", 0), cast("Any", ours))
    line.until(time.monotonic() + 30)
    yield line, theirs
    line.close()
    theirs.close()


def framed(content: bytes) -> bytes:
    return struct.pack("!I", len(content) + 4) + content


def test_frames_are_read_one_by_one_and_in_every_script(ends: tuple[Line, socket.socket]) -> None:
    line, theirs = ends
    theirs.sendall(framed("<epp>żółw 王</epp>".encode()) + framed(WHOLE))

    assert [line.read_frame(), line.read_frame()] == ["<epp>żółw 王</epp>", WHOLE.decode()]
    assert line.is_open()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (framed(b"<epp>" + b"<a>" * 40 + b"</a>" * 40 + b"</epp>"), "too deep"),
        (framed(b'<!DOCTYPE a [<!ENTITY b "c">]><epp>&b;</epp>'), "a document type"),
        (framed(b"<epp>&undefined;</epp>"), "no XML"),
        (framed(b"<epp>\xff</epp>"), "no UTF-8"),
        (framed(b"<epp>"), "no XML"),
        (framed(b"<epp/><epp/>"), "no XML"),
        (struct.pack("!I", 3), "wrong length"),
        (struct.pack("!I", 4), "wrong length"),
        (struct.pack("!I", LARGEST + 5), "wrong length"),
        (struct.pack("!I", 0xFFFFFFFF), "wrong length"),
    ],
)
def test_what_is_no_answer_kills_the_line(ends: tuple[Line, socket.socket], sent: bytes, why: str) -> None:
    line, theirs = ends
    theirs.sendall(sent + framed(WHOLE))

    with pytest.raises(ConnectionException, match=why):
        line.read_frame()

    assert not line.is_open()
    for use in (line.read_frame, lambda: line.write_frame("<epp/>")):
        with pytest.raises(ConnectionException, match="the line is dead"):
            use()


def test_half_a_frame_and_then_the_end_kills_the_line(ends: tuple[Line, socket.socket]) -> None:
    line, theirs = ends
    theirs.sendall(framed(WHOLE)[:9])
    theirs.close()

    with pytest.raises(ConnectionException, match="ended"):
        line.read_frame()


def test_the_deadline_counts_the_whole_frame_and_kills_the_line(ends: tuple[Line, socket.socket]) -> None:
    line, theirs = ends
    theirs.sendall(framed(WHOLE)[:9])
    line.until(time.monotonic() + 0.05)

    with pytest.raises(ConnectionException, match="time-out"):
        line.read_frame()

    assert not line.is_open()


def test_a_frame_that_is_too_large_is_not_sent_and_the_line_lives(ends: tuple[Line, socket.socket]) -> None:
    line, theirs = ends

    with pytest.raises(ValidationException):
        line.write_frame("x" * (LARGEST + 1))

    line.write_frame("<epp/>")
    assert theirs.recv(100) == framed(b"<epp/>")
