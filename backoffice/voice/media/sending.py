"""The one stream that a leg is sent: one source, sequence numbers without a gap, time stamps that never stand still."""

from __future__ import annotations

import secrets
import socket
import struct

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.events import EventPacket
from backoffice.voice.media.srtp import Sealing
from backoffice.voice.media.timestamps import FRAME, WRAP
from backoffice.voice.media.windows import Window

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_MARKER = 0x80


class Sender:
    """Makes packets and hands them to the socket. `window` counts there, whatever they were made from."""

    def __init__(self, sock: socket.socket, sealing: Sealing) -> None:
        self.ssrc = secrets.randbits(32)
        self.next_sequence = secrets.randbits(15)  # the lower half: its first wrap is then certain (RFC 3711, 3.3.1)
        self.timestamp = secrets.randbits(32)
        self.window: Window | None = None
        self.packets = self.octets = self.unsent = 0
        self._socket = sock
        self._sealing = sealing
        self._paused = True

    def sound(self, payload: bytes, codec: Codec, agreed: Agreed) -> None:
        """Sends a frame of this tick. The first after a pause is marked (RFC 3551, section 4.1)."""
        marker = _MARKER if self._paused else 0
        self._paused = False
        self._send(marker | codec.value, self.timestamp, payload, agreed)

    def event(self, event: EventPacket, agreed: Agreed) -> None:
        """Sends a packet of a press. The other side must have telephone-event."""
        assert agreed.events is not None
        marker = _MARKER if event.marker else 0
        self._send(marker | agreed.events, (self.timestamp - event.before) & WRAP, event.payload, agreed)

    def pause(self) -> None:
        """This tick sends nothing."""
        self._paused = True

    def tick(self) -> None:
        """20 ms have passed, whether anything was sent or not."""
        self.timestamp = (self.timestamp + FRAME) & WRAP

    def _send(self, kind: int, timestamp: int, payload: bytes, agreed: Agreed) -> None:
        packet = _HEADER.pack(_VERSION, kind, self.next_sequence, timestamp, self.ssrc) + payload
        self.next_sequence = (self.next_sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        self._hand_over(packet, agreed.remote)

    def _hand_over(self, packet: bytes, remote: tuple[str, int]) -> None:
        if self.window is not None:
            self.window.count(packet)
        try:
            self._socket.sendto(self._sealing.seal(packet), remote)
        except OSError:  # no route, or the socket's buffer is full: lost like any packet on the way
            self.unsent += 1
