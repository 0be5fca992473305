"""Which datagrams a leg takes: those of the agreed address and port, of the agreed kinds, from one source."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from ipaddress import ip_address

from aiortp.packet import RtpPacket

from backoffice.voice.media.agreed import Agreed
from backoffice.voice.media.jitter import LONGEST
from backoffice.voice.media.srtp import Replayed, Sealing, Unauthenticated

PERSISTENT = 5
"""Packets in a row, 100 ms, after which another source of the same address is the telephone's new one."""
COMFORT_NOISE = 13
"""The payload type of what is sent instead of silence (RFC 3389). We do not offer it; a telephone that sends it all the
same is there, and says nothing."""
_SHORTEST_RTP = 12
_SHORTEST_RTCP = 8


class Ignored(StrEnum):
    """Why a datagram was not taken."""

    NOT_AGREED = "not_agreed"
    """Nothing is agreed yet."""
    FOREIGN_ADDRESS = "foreign_address"
    UNAUTHENTICATED = "unauthenticated"
    REPLAYED = "replayed"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    FOREIGN_SOURCE = "foreign_source"
    ON_HOLD = "on_hold"


class _Source:
    """The SSRC that a stream has. Telephones change it in a re-INVITE, and after a transfer."""

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._other: int | None = None
        self._next = self._run = 0

    def admits(self, ssrc: int, sequence: int) -> bool | None:
        """Whether it is the stream's; None if it has just become it instead of another."""
        if self._ssrc is None or ssrc == self._ssrc:
            self._ssrc, self._other = ssrc, None
            return True
        self._run = self._run + 1 if (ssrc, sequence) == (self._other, self._next) else 1
        self._other, self._next = ssrc, (sequence + 1) & 0xFFFF
        if self._run < PERSISTENT:
            return False
        self._ssrc, self._other = ssrc, None
        return None


class Receiver:
    """Sorts out the datagrams of one leg, and counts by reason what it does not take."""

    def __init__(self, sealing: Sealing) -> None:
        self.ignored: Counter[Ignored] = Counter()
        self.changes = 0
        """How often the stream's source has become another one."""
        self.comfort_noise = 0
        """Packets of it: neither sound nor refused."""
        self._sealing = sealing
        self._agreed: Agreed | None = None
        self._host = ""
        self._source = _Source()

    def agree(self, agreed: Agreed) -> None:
        """Takes from now on what `agreed` says. Another remote is another source."""
        if self._agreed is not None and self._agreed.remote != agreed.remote:
            self._source = _Source()
            self.changes += 1
        self._agreed = agreed
        self._host = str(ip_address(agreed.remote[0]))

    def is_theirs(self, address: tuple[str, int], *, rtcp: bool) -> bool:
        """Whether the telephone sends from there. A datagram of anybody else is counted, and not looked at."""
        if self._agreed is None:
            self.ignored[Ignored.NOT_AGREED] += 1
            return False
        if address != (self._host, self._agreed.remote[1] + rtcp):
            self.ignored[Ignored.FOREIGN_ADDRESS] += 1
            return False
        return True

    def rtp(self, datagram: bytes) -> RtpPacket | None:
        """The packet in a datagram of theirs that is taken; otherwise it is counted."""
        opened = self._opened(datagram, rtcp=False)
        packet = opened if isinstance(opened, Ignored) else self._parsed(opened)
        if packet is None:
            self.comfort_noise += 1
        elif isinstance(packet, Ignored):
            self.ignored[packet] += 1
        else:
            return packet
        return None

    def rtcp(self, datagram: bytes) -> bytes | None:
        """The RTCP packet in a datagram of theirs that is taken; otherwise it is counted."""
        opened = self._opened(datagram, rtcp=True)
        if isinstance(opened, Ignored):
            self.ignored[opened] += 1
            return None
        return opened

    def malformed(self) -> None:
        """Counts a packet whose payload nobody could read."""
        self.ignored[Ignored.MALFORMED] += 1

    def _opened(self, datagram: bytes, *, rtcp: bool) -> bytes | Ignored:
        if len(datagram) < (_SHORTEST_RTCP if rtcp else _SHORTEST_RTP) or datagram[0] >> 6 != 2:
            return Ignored.MALFORMED
        try:
            return self._sealing.open_rtcp(datagram) if rtcp else self._sealing.open(datagram)
        except Unauthenticated:
            return Ignored.UNAUTHENTICATED
        except Replayed:
            return Ignored.REPLAYED

    def _parsed(self, opened: bytes) -> RtpPacket | Ignored | None:
        """None for comfort noise."""
        assert self._agreed is not None
        try:
            packet = RtpPacket.parse(opened)
        except ValueError:
            return Ignored.MALFORMED
        if packet.payload_type == COMFORT_NOISE:
            return None
        if packet.payload_type != self._agreed.codec.value and packet.payload_type != self._agreed.events:
            return Ignored.WRONG_TYPE
        if not 0 < len(packet.payload) <= LONGEST:
            return Ignored.MALFORMED
        admitted = self._source.admits(packet.ssrc, packet.sequence_number)
        if admitted is False:
            return Ignored.FOREIGN_SOURCE
        if admitted is None:
            self.changes += 1
        return packet if self._agreed.takes else Ignored.ON_HOLD
