"""Reports about the streams of a leg (RFC 3550, section 6)."""

from __future__ import annotations

import struct
from datetime import timedelta

import pytest

from backoffice.voice.media.agreed import SrtpKeys
from backoffice.voice.media.receiving import Ignored
from tests.voice.media.lines import Line, Phone, waiting

pytestmark = pytest.mark.anyio


async def test_the_other_side_learns_how_it_is_heard_and_that_we_leave(line: Line) -> None:
    await line.run(400)
    reports = waiting(line.customer.rtcp)
    await line.to_customer.close()
    goodbye = waiting(line.customer.rtcp)[-1]

    assert 1 <= len(reports) <= 4
    kind, ssrc, packets = reports[0][1], reports[0][4:8], struct.unpack("!I", reports[0][20:24])[0]
    about, lost = reports[0][28:32], reports[0][32]
    assert (kind, ssrc) == (200, struct.pack("!I", line.to_customer._sender.ssrc))
    assert 100 <= packets <= 400
    assert (about, lost) == (struct.pack("!I", line.customer.next.ssrc), 0)
    assert goodbye[-8:-4] == b"\x81\xcb\x00\x01"


def report_about(line: Line, *, lost: int) -> bytes:
    """A report of the customer's telephone: so many of 256 packets were lost, and the jitter is 80/8000 s."""
    report = struct.pack("!BBHI", 0x81, 201, 7, 0xABCDEF)
    return report + struct.pack("!IIIIII", line.to_customer._sender.ssrc, lost << 24 | 5, 1000, 80, 0, 0)


async def test_their_report_tells_what_is_lost_on_the_way(line: Line) -> None:
    report = report_about(line, lost=64)
    line.customer.rtcp.sendto(report, ("127.0.0.1", line.to_customer.port + 1))
    line.agent.rtcp.sendto(report, ("127.0.0.1", line.to_customer.port + 1))
    await line.run(1)
    quality = line.to_customer.quality

    assert quality is not None
    assert (quality.lost, quality.jitter, quality.round_trip) == (0.25, timedelta(milliseconds=10), None)
    assert line.to_customer.ignored == {Ignored.FOREIGN_ADDRESS: 1}


async def test_reports_of_a_sealed_line_are_sealed_and_only_sealed_ones_are_read() -> None:
    keys = SrtpKeys(b"a" * 30, b"b" * 30)
    line = await Line.open(customer=Phone(keys=keys))
    line.to_customer.agree(line.customer.agreed(srtp=keys))
    await line.run(400)
    theirs = line.customer.sealing.open_rtcp(waiting(line.customer.rtcp)[0])
    to = ("127.0.0.1", line.to_customer.port + 1)
    forged = report_about(line, lost=255)
    for datagram in (line.customer.sealing.seal_rtcp(report_about(line, lost=64)), forged, b"\x80\xc8\x00\x00" * 10):
        line.customer.rtcp.sendto(datagram, to)
    await line.run(1)
    quality, ignored = line.to_customer.quality, dict(line.to_customer.ignored)
    await line.close()

    assert theirs[1] == 200
    assert quality is not None
    assert quality.lost == 0.25
    assert ignored == {Ignored.UNAUTHENTICATED: 2}
