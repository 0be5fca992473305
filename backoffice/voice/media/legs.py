"""One telephone's side of a call, as far as its sound goes."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.events import EventPacket, EventSender, Press
from backoffice.voice.media.g711 import SILENCE, transcoded
from backoffice.voice.media.hearing import Hearing, arrived
from backoffice.voice.media.keys import Key
from backoffice.voice.media.playing import Playing
from backoffice.voice.media.ports import Ports
from backoffice.voice.media.privacy import Reason
from backoffice.voice.media.receiving import Ignored, Receiver
from backoffice.voice.media.recording import Recording
from backoffice.voice.media.rtcp import Quality, Reports
from backoffice.voice.media.sending import Sender
from backoffice.voice.media.srtp import Sealing
from backoffice.voice.media.timestamps import FRAMES_A_SECOND
from backoffice.voice.media.windows import Window


class Silenced(Exception):
    """The leg is sent silence only until its bridge is restored: nothing can be played to it."""


class Joins(Protocol):
    """What a leg asks of the bridge that joins it with another."""

    @property
    def is_cut(self) -> bool: ...
    def sound_for(self, leg: Leg) -> tuple[bytes, Codec] | None:
        """The other leg's frame of this tick, if this leg may hear it."""

    def press(self, leg: Leg, press: Press | None) -> None:
        """A key of this leg; None if the end of one was lost."""

    def quiet(self, leg: Leg) -> None:
        """What this leg says is no longer private."""

    def close(self) -> None: ...


class Leg:
    """Sockets, one stream out and one stream in. Made by `open`, and driven by its clock.

    `on_quiet` is called when no packet has been taken for `quiet_after` though the leg `takes`, once until one comes.
    It and the callback of `listen` are called from the event loop, never from within a tick.
    """

    def __init__(self, clock: Clock, rtp: socket.socket, rtcp: socket.socket) -> None:
        self.port: int = rtp.getsockname()[1]
        self.on_quiet: Callable[[], None] | None = None
        self.quiet_after = timedelta(seconds=10)
        self.bridge: Joins | None = None
        self.presses = EventSender()
        """The keys of the other leg, on their way to this one."""
        self.is_closed = False
        self._clock, self._rtp, self._rtcp = clock, rtp, rtcp
        self._agreed: Agreed | None = None
        self._sealing = Sealing()
        self._sender = Sender(rtp, self._sealing)
        self._reports = Reports(self._sender)
        self._receiver = Receiver(self._sealing)
        self.hearing = Hearing(self._receiver, self._reports, self._pressed)
        self._playing: Playing | None = None
        self._recording: Recording | None = None
        self._silenced = False

    @classmethod
    async def open(cls, ports: Ports, clock: Clock, *, beside: Leg | None = None) -> Leg:
        """A leg with bound sockets: `port` can be offered. It sends and takes nothing before `agree`. `beside` is the
        leg that it is to be joined with: where their ticks fall together, nothing waits between them. Raises
        `PortsExhausted`."""
        leg = cls(clock, *ports.bind())
        clock.add(leg, beside=beside)
        return leg

    @property
    def ignored(self) -> Counter[Ignored]:
        """How many datagrams were not taken, by reason."""
        return self._receiver.ignored

    @property
    def quality(self) -> Quality | None:
        """What the telephone last reported about what it is sent."""
        return self._reports.quality

    @property
    def has_events(self) -> bool:
        """Whether keys can be passed on to this leg now."""
        return self._agreed is not None and self._agreed.events is not None and self._agreed.sends

    def agree(self, agreed: Agreed) -> None:
        """What an answer settled, the first or a later one. The stream out goes on: same source, next number.

        Raises `ValueError` for an address of another family than that of our own.
        """
        family = socket.AF_INET6 if ipaddress.ip_address(agreed.remote[0]).version == 6 else socket.AF_INET
        if family != self._rtp.family:
            raise ValueError("the address is of another family than ours")
        if self._agreed is not None and (not agreed.sends or agreed.events != self._agreed.events):
            self.end_presses()
        self._sealing.agree(agreed.srtp)
        self._receiver.agree(agreed)
        self.hearing.agree(agreed)
        self._agreed = agreed

    @property
    def playing(self) -> Playing | None:
        """What is being played to it."""
        return self._playing if self._playing is not None and not self._playing.over.done() else None

    def play(self, pcmu: bytes) -> Playing:
        """Plays µ-law of 8 kHz instead of whatever is played, and instead of what the other leg says. While the leg
        `sends` nothing, it waits. Raises `Silenced`."""
        if self._silenced:
            raise Silenced
        self.stop_playing()
        self._playing = Playing(pcmu)
        return self._playing

    def stop_playing(self) -> None:
        if self._playing is not None:
            self._playing.stop()

    def listen(self, on_key: Callable[[Key], None]) -> None:
        """Calls `on_key` for each key whose press begins from now on, until `stop_listening`.

        Tones count only while the leg is alone or its bridge is cut. While it is alone, what it says is recorded
        nowhere, until some time after the last key.
        """
        if self.bridge is None:
            self.hearing.privacy.begin(Reason.LISTENING)
        self.hearing.listen(on_key)

    def stop_listening(self) -> None:
        self.hearing.stop_listening()
        self.hearing.privacy.end(Reason.LISTENING)

    def record(self, recording: Recording) -> None:
        """Records what the leg says and is sent from now on, except while what it says is private."""
        self.stop_recording()
        self._recording = recording

    def stop_recording(self) -> None:
        if self._recording is not None:
            self._recording.stop()
            self._recording = None

    async def close(self) -> None:
        """Says goodbye, and gives everything back. A bridge that it is part of is closed. Closing twice is harmless."""
        if self.is_closed:
            return
        self.is_closed = True
        if self.bridge is not None:
            self.bridge.close()
        self._clock.remove(self)
        self.stop_listening()
        self.stop_playing()
        self.stop_recording()
        if self._agreed is not None:
            self._report(self._agreed, goodbye=True)
        self._rtp.close()
        self._rtcp.close()

    def joined(self, bridge: Joins) -> None:
        """From now on a bridge joins it with another leg. What it said before is not passed on."""
        self.bridge = bridge
        self.hearing.drop()
        self.hearing.privacy.end(Reason.LISTENING)

    def parted(self) -> None:
        """It is alone again."""
        self.bridge = None
        self.end_presses()
        if self.hearing.listens and not self.is_closed:
            self.hearing.privacy.begin(Reason.LISTENING)

    def silence(self) -> Window:
        """From now on the leg is sent nothing but silence, and what it is sent is counted. A key that is on its way to
        it is ended before."""
        self.end_presses()
        self.stop_playing()
        self._silenced = True
        self._sender.window = Window(ssrc=self._sender.ssrc, next_sequence=self._sender.next_sequence)
        return self._sender.window

    def unsilence(self) -> None:
        """Ends `silence` and its window."""
        if self._sender.window is not None:
            self._sender.window.end()
            self._sender.window = None
        self._silenced = False

    def end_presses(self) -> None:
        """Ends the key that is on its way to this leg, with three packets at once, and drops those that wait."""
        for packet in self.presses.stop():
            if self._agreed is not None and self._agreed.sends and not self.is_closed:
                self._sender.event(packet, self._agreed)

    def hear(self) -> None:
        """Takes what has arrived for this tick."""
        public = self.hearing.tick(self._rtp, apart=self.bridge is None or self.bridge.is_cut)
        if public and self.bridge is not None:
            self.bridge.quiet(self)
        for datagram in arrived(self._rtcp, self._receiver, rtcp=True):
            if (packet := self._receiver.rtcp(datagram)) is not None:
                self._take_report(packet)
        self._watch()

    def speak(self) -> None:
        """Sends the frame of this tick."""
        if (agreed := self._agreed) is None:
            return
        sent = SILENCE[agreed.codec]
        if not agreed.sends:
            self._sender.pause()
        elif (event := self._next_press(agreed)) is not None:
            self._sender.event(event, agreed)
        else:
            sent = self._next_sound(agreed.codec)
            self._sender.sound(sent, agreed.codec, agreed)
        self._sender.tick()
        if self._recording is not None and not self.hearing.privacy.active:
            self._recording.write(sent, self.hearing.sound or SILENCE[agreed.codec], agreed.codec)
        if self._reports.tick():
            self._report(agreed)

    def _next_press(self, agreed: Agreed) -> EventPacket | None:
        return None if self._silenced or agreed.events is None else self.presses.next()

    def _next_sound(self, codec: Codec) -> bytes:
        if self._silenced:
            return SILENCE[codec]
        if self._playing is not None:
            if (prompt := self._playing.next_frame()) is not None:
                return transcoded(prompt, Codec.PCMU, codec)
            self._playing = None
        other = self.bridge.sound_for(self) if self.bridge is not None else None
        return SILENCE[codec] if other is None else transcoded(*other, codec)

    def _pressed(self, press: Press | None) -> None:
        if self.bridge is not None:
            self.bridge.press(self, press)

    def _take_report(self, packet: bytes) -> None:
        try:
            self._reports.take(packet)
        except ValueError:
            self._receiver.malformed()

    def _report(self, agreed: Agreed, *, goodbye: bool = False) -> None:
        report = self._sealing.seal_rtcp(self._reports.made(goodbye=goodbye))
        with contextlib.suppress(OSError):  # lost like any packet on the way; the next one comes in seconds
            self._rtcp.sendto(report, (agreed.remote[0], agreed.remote[1] + 1))

    def _watch(self) -> None:
        limit = round(self.quiet_after.total_seconds() * FRAMES_A_SECOND)
        if self._agreed is None or not self._agreed.takes or self.hearing.unheard != limit:
            return
        if self.on_quiet is not None:
            asyncio.get_running_loop().call_soon(self.on_quiet)
