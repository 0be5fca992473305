"""The range of UDP ports that the gateway's legs share: RTP on an even port, RTCP one above (RFC 3550, section 11)."""

from __future__ import annotations

import ipaddress
import socket


class PortsExhausted(Exception):
    """Every pair of the range is in use: no call can be taken or placed now."""


class Ports:
    """Pairs of bound sockets from `first` to `last` at one address, which is an IP literal.

    A pair that was given back is the last to be used again, so that what is still under way to it reaches nobody.
    """

    def __init__(self, address: str = "127.0.0.1", first: int = 40000, last: int = 40999) -> None:
        self.address = str(ipaddress.ip_address(address))
        self._family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self._pairs = range(first + first % 2, last, 2)
        self._next = 0

    def bind(self) -> tuple[socket.socket, socket.socket]:
        """Sockets of a free pair, for RTP and for RTCP; they do not block. Raises `PortsExhausted`."""
        for step in range(len(self._pairs)):
            at = (self._next + step) % len(self._pairs)
            if (pair := self._bound(self._pairs[at])) is not None:
                self._next = at + 1
                return pair
        raise PortsExhausted

    def _bound(self, port: int) -> tuple[socket.socket, socket.socket] | None:
        rtp, rtcp = (socket.socket(self._family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            rtp.bind((self.address, port))
            rtcp.bind((self.address, port + 1))
        except OSError:  # somebody else's: the next pair is tried
            rtp.close()
            rtcp.close()
            return None
        rtp.setblocking(False)
        rtcp.setblocking(False)
        return rtp, rtcp
