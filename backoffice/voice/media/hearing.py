"""What one telephone says: frame by frame, and key by key."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator

from aiortp.packet import RtpPacket

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.events import EventReceiver, Press
from backoffice.voice.media.g711 import samples
from backoffice.voice.media.jitter import JitterBuffer
from backoffice.voice.media.keys import EVENTS_LAST, Key, Listening
from backoffice.voice.media.privacy import Privacy
from backoffice.voice.media.receiving import Receiver
from backoffice.voice.media.rtcp import Reports
from backoffice.voice.media.timestamps import FAR, difference
from backoffice.voice.media.tones import ToneDetector, may_be_of_a_key

_AT_ONCE = 64
"""Datagrams of the telephone that are looked at in one tick. It sends one or two."""
_STRANGERS = 512
"""The same of others, which are only counted: 25,000 in a second take 8 % of a core, and keep none of the telephone's
from being heard."""
_LONGEST_DATAGRAM = 2048
_INTERRUPTED = 3
"""Ticks without a packet after which the telephone is not heard at present."""
_DETECTED_AFTER = 0.12
"""Seconds from the press of a key to the moment when its tone is certain: the buffer and some blocks."""


def arrived(sock: socket.socket, receiver: Receiver, *, rtcp: bool = False) -> Iterator[bytes]:
    """The telephone's datagrams that wait at a socket."""
    theirs = strangers = 0
    while theirs < _AT_ONCE and strangers < _STRANGERS:
        try:
            datagram, address = sock.recvfrom(_LONGEST_DATAGRAM)
        except OSError:  # nothing more, or an earlier packet of ours was refused on its way
            return
        if receiver.is_theirs(address[:2], rtcp=rtcp):
            theirs += 1
            yield datagram
        else:
            strangers += 1


class Hearing:
    """The stream of one telephone. `sound` is its frame of this tick, in `codec`; None while it is private or silent.

    `on_press` is called with every press that may be passed on, and with None where the end of one was lost.
    """

    def __init__(self, receiver: Receiver, reports: Reports, on_press: Callable[[Press | None], None]) -> None:
        self.codec = Codec.PCMU
        self.sound: bytes | None = None
        self.privacy = Privacy()
        self.buffer = JitterBuffer(self.codec)
        self.unheard = 0
        """Ticks since the last packet that was taken."""
        self._receiver = receiver
        self._reports = reports
        self._on_press = on_press
        self._changes = 0
        self._events_type: int | None = None
        self._events = EventReceiver()
        self._newest: int | None = None
        self._listening: Listening | None = None
        self._tones = ToneDetector()

    @property
    def listens(self) -> bool:
        return self._listening is not None

    def agree(self, agreed: Agreed) -> None:
        """What comes from now on is of this kind."""
        if agreed.codec is not self.codec:
            self.codec, self.sound = agreed.codec, None
            self.buffer = JitterBuffer(agreed.codec)
        self._events_type = agreed.events
        self.unheard = 0

    def listen(self, on_key: Callable[[Key], None]) -> None:
        """Hands every key that is pressed from now on to `on_key`."""
        self._listening = Listening(on_key, asyncio.get_running_loop().call_soon)
        self._tones = ToneDetector()

    def stop_listening(self) -> None:
        """Keys are handed to nobody any more."""
        if self._listening is not None:
            self._listening.stop()
        self._listening = None
        self._tones = ToneDetector()

    def drop(self) -> None:
        """What was said until now is heard by nobody, even what is still under way."""
        self.buffer.drop_said()
        self._events.forget_before(self._newest)
        self._tones = ToneDetector()
        self.sound = None

    def tick(self, sock: socket.socket, *, apart: bool) -> bool:
        """Takes what has arrived. Tones count as keys while the leg is `apart` from every other. True when what is said
        from now on is no longer private."""
        self.unheard += 1
        noise = self._receiver.comfort_noise
        for datagram in arrived(sock, self._receiver):
            if (packet := self._receiver.rtp(datagram)) is not None:
                self._take(packet)
        if self._receiver.comfort_noise != noise:
            self.unheard = 0
        if self._events.tick() and not self.privacy.active:
            self._on_press(None)
        frame = self.buffer.pull()
        if self._listening is not None:
            self._listen_to(frame if apart else None, self._listening)
        public = self.privacy.tick(heard=self.unheard <= _INTERRUPTED)
        if public:
            self.drop()
        self.sound = None if self.privacy.active else frame
        return public

    def _take(self, packet: RtpPacket) -> None:
        self.unheard = 0
        if self._changes != self._receiver.changes:
            self._changes = self._receiver.changes
            self._begin_anew()
        if packet.payload_type == self._events_type:
            self._take_event(packet)
            return
        self._reports.heard(packet)
        self._note(packet.timestamp)
        if self.privacy.active and may_be_of_a_key(samples(packet.payload, self.codec)):
            self.privacy.heard_key()
        self.buffer.put(packet.timestamp, packet.payload)

    def _begin_anew(self) -> None:
        """Another source: its time stamps and sequence numbers have nothing to do with those before."""
        self.buffer = JitterBuffer(self.codec)
        self._events = EventReceiver()
        self._newest = None

    def _take_event(self, packet: RtpPacket) -> None:
        is_first = not self._sends_events
        try:
            press = self._events.take(packet.timestamp, packet.payload, marker=bool(packet.marker))
        except ValueError:
            self._receiver.malformed()
            return
        self.privacy.heard_key()
        self._note(packet.timestamp)
        self._reports.heard(packet, duration=int.from_bytes(packet.payload[2:4], "big"))
        if press is None:
            return
        if not self.privacy.active:
            self._on_press(press)
        if press.begins and self._listening is not None:
            self._listening.event(press.code, press.duration, is_first=is_first)

    @property
    def _sends_events(self) -> bool:
        """Whether the telephone sends its keys as events now, so that a tone is the sound of one of them."""
        return self._events.idle < EVENTS_LAST

    def _note(self, timestamp: int) -> None:
        if self._newest is None or not -FAR < difference(timestamp, self._newest) <= 0:
            self._newest = timestamp

    def _listen_to(self, frame: bytes | None, listening: Listening) -> None:
        if frame is not None:
            for code in self._tones.feed(samples(frame, self.codec)):
                if not self._sends_events:
                    listening.tone(code, _DETECTED_AFTER)
        listening.tick(tone_sounds=self._tones.sounds)
