"""Reports about the streams of a leg (RFC 3550, section 6)."""

from __future__ import annotations

import struct
from datetime import timedelta

import pytest

from backoffice.voice.media.receiving import Ignored
from tests.voice.media.lines import Line, waiting

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


async def test_their_report_tells_what_is_lost_on_the_way(line: Line) -> None:
    report = struct.pack("!BBHI", 0x81, 201, 7, 0xABCDEF)
    report += struct.pack("!IIIIII", line.to_customer._sender.ssrc, 64 << 24 | 5, 1000, 80, 0, 0)
    line.customer.rtcp.sendto(report, ("127.0.0.1", line.to_customer.port + 1))
    line.agent.rtcp.sendto(report, ("127.0.0.1", line.to_customer.port + 1))
    await line.run(1)
    quality = line.to_customer.quality

    assert quality is not None
    assert (quality.lost, quality.jitter, quality.round_trip) == (0.25, timedelta(milliseconds=10), None)
    assert line.to_customer.ignored == {Ignored.FOREIGN_ADDRESS: 1}
