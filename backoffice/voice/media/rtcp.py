"""Reports of both sides about the two streams of a leg (RFC 3550, section 6), on the port above."""

from __future__ import annotations

import base64
import secrets
import struct
import time
from dataclasses import dataclass
from datetime import timedelta

from aiortp.packet import (
    RtcpByePacket,
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
)
from aiortp.stats import StreamStatistics

from backoffice.voice.media.sending import Sender
from backoffice.voice.media.timestamps import FRAMES_A_SECOND, RATE, WRAP

INTERVAL = 5
"""Seconds between reports, on average: each time between half and one and a half (RFC 3550, section 6.2)."""
_CNAME = 1
_NTP_EPOCH = 2208988800


@dataclass(frozen=True, slots=True)
class Quality:
    """What the other side last reported about what we send: the share that was lost since its report before, the jitter
    and, where it says enough, the round trip."""

    lost: float
    jitter: timedelta
    round_trip: timedelta | None


class Reports:
    """Makes our reports, and reads theirs."""

    def __init__(self, sender: Sender) -> None:
        self.quality: Quality | None = None
        self._sender = sender
        self._name = base64.b64encode(secrets.token_bytes(12))  # RFC 7022, section 5: tells nothing, lasts one call
        self._source: int | None = None
        self._statistics = StreamStatistics(RATE)
        self._reported = 0
        self._their_report: tuple[int, float] | None = None
        self._until_next = self._drawn()

    def heard(self, packet: RtpPacket, *, duration: int = 0) -> None:
        """Counts a packet of theirs. That of a press has the time stamp of its beginning, and was sent `duration` of
        1/8000 s later."""
        if packet.ssrc != self._source:
            self._source, self._statistics = packet.ssrc, StreamStatistics(RATE)
        if duration:
            packet = RtpPacket(sequence_number=packet.sequence_number, timestamp=packet.timestamp + duration)
        self._statistics.add(packet)

    def tick(self) -> bool:
        """20 ms have passed. Whether a report is due."""
        self._until_next -= 1
        if self._until_next > 0:
            return False
        self._until_next = self._drawn()
        return True

    def made(self, *, goodbye: bool = False) -> bytes:
        """Our report, with our name: as sender if we have sent since the last one. With `goodbye` our stream ends."""
        ssrc, sent = self._sender.ssrc, self._sender.packets
        about = self._about_theirs()
        if sent > self._reported:
            report = bytes(RtcpSrPacket(ssrc, self._sender_info(), about))
        else:
            report = bytes(RtcpRrPacket(ssrc, about))
        self._reported = sent
        named = bytes(RtcpSdesPacket([RtcpSourceInfo(ssrc, [(_CNAME, self._name)])]))
        return report + named + (bytes(RtcpByePacket([ssrc])) if goodbye else b"")

    def take(self, packet: bytes) -> None:
        """Reads theirs; what a goodbye means is for SIP to say. Raises `ValueError` for what is no RTCP."""
        try:
            parts = RtcpPacket.parse(packet)
        except (IndexError, struct.error) as error:
            raise ValueError("no RTCP packet") from error
        for part in parts:
            if isinstance(part, RtcpSrPacket):
                self._their_report = ((part.sender_info.ntp_timestamp >> 16) & WRAP, time.monotonic())
            if isinstance(part, RtcpSrPacket | RtcpRrPacket):
                for about in part.reports:
                    self._learn(about)

    def _learn(self, about: RtcpReceiverInfo) -> None:
        if about.ssrc != self._sender.ssrc:
            return
        round_trip = (_middle(_ntp()) - about.lsr - about.dlsr) & WRAP
        plausible = about.lsr != 0 and round_trip < 1 << 20  # below 16 s
        self.quality = Quality(
            lost=about.fraction_lost / 256,
            jitter=timedelta(seconds=about.jitter / RATE),
            round_trip=timedelta(seconds=round_trip / 65536) if plausible else None,
        )

    def _sender_info(self) -> RtcpSenderInfo:
        sender = self._sender
        return RtcpSenderInfo(_ntp(), sender.timestamp, sender.packets & WRAP, sender.octets & WRAP)

    def _about_theirs(self) -> list[RtcpReceiverInfo]:
        if self._source is None:
            return []
        statistics = self._statistics
        theirs, at = self._their_report or (0, time.monotonic())
        return [
            RtcpReceiverInfo(
                ssrc=self._source,
                fraction_lost=min(255, statistics.fraction_lost),
                packets_lost=statistics.packets_lost,
                highest_sequence=(statistics.cycles + (statistics.max_seq or 0)) & WRAP,
                jitter=min(WRAP, statistics.jitter),
                lsr=theirs,
                dlsr=min(WRAP, round((time.monotonic() - at) * 65536)),
            )
        ]

    def _drawn(self) -> int:
        return round(INTERVAL * FRAMES_A_SECOND * secrets.SystemRandom().uniform(0.5, 1.5))


def _ntp() -> int:
    """Now, in 1/2**32 s since 1900 (RFC 3550, section 4)."""
    return round((time.time() + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF


def _middle(ntp: int) -> int:
    return (ntp >> 16) & WRAP
