"""A telephone at the wire, for `voice_waits.py`: it knows to the millisecond when a frame came and when a key left."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import Self

from backoffice.voice.media.agreed import Agreed, Codec
from backoffice.voice.media.events import EventSender, Press
from backoffice.voice.media.g711 import SILENCE, is_silent
from backoffice.voice.media.keys import DIGITS
from backoffice.voice.media.sending import Sender
from backoffice.voice.media.srtp import Sealing
from backoffice.voice.media.timestamps import FRAMES_A_SECOND, RATE
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.messages import Message
from backoffice.voice.sip.sdp import Agreement, Negotiation
from backoffice.voice.sip.transports import Listening, Transports
from backoffice.voice.sip.user_agent import Peers, UserAgent

HOST = "127.0.0.1"
PRESSED = RATE // 10
"""Of each key: 100 ms."""
_HEADER = 12


class Phone:
    """Takes every call at once, and says nothing. `shows` is what those whom it calls see. Times are of the loop, which
    are those of `time.monotonic()`."""

    def __init__(self, *, shows: str = "phone") -> None:
        self.key_left_at = 0.0
        """When the first packet of the last key left."""
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind((HOST, 0))
        self._sock.setblocking(False)
        self._transports = Transports(Listening(host=HOST), takes=self._take, admits=lambda _host: True)
        self._agent = UserAgent(self._transports, peers=Peers([ipaddress.ip_network("127.0.0.0/8")]), user=shows)
        self._agent.on_call = self._answer
        self._sender = Sender(self._sock, Sealing())
        self._presses = EventSender()
        self._agreed: Agreed | None = None
        self._heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._transports.start()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._sock, self._read)
        self._sending = loop.create_task(self._send())
        return self

    async def __aexit__(self, *_what: object) -> None:
        if self._sending is not None:
            self._sending.cancel()
        asyncio.get_running_loop().remove_reader(self._sock)
        self._agent.transactions.end_all()
        await self._transports.stop()
        self._sock.close()

    @property
    def uri(self) -> str:
        return f"sip:phone@{HOST}:{self._transports.sent_by(Transport.UDP)[1]}"

    def hears_anew(self) -> asyncio.Future[float]:
        """When the next frame comes that is not silent."""
        self._heard = asyncio.get_running_loop().create_future()
        return self._heard

    def press(self, keys: str) -> None:
        """Sends them one after the other; `key_left_at` tells the last one's time as soon as it has left."""
        for key in keys:
            self._presses.pass_on(Press(DIGITS.index(key), 10, PRESSED, begins=True, ends=True))

    def _take(self, message: Message, source: Hop) -> None:
        self._agent.take(message, source)

    def _answer(self, call: IncomingCall) -> None:
        call.on_agreement = self._agree
        call.accept(Negotiation(address=HOST, port=self._sock.getsockname()[1]))

    def _agree(self, agreement: Agreement) -> None:
        self._agreed = Agreed(agreement.remote, Codec(agreement.codec.value), agreement.events)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while packet := self._sock.recv(2048):
                is_sound = packet[1] & 0x7F == Codec.PCMU.value
                if is_sound and not self._heard.done() and not is_silent(packet[_HEADER:], Codec.PCMU):
                    self._heard.set_result(asyncio.get_running_loop().time())

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += 1 / FRAMES_A_SECOND
            await asyncio.sleep(due - loop.time())
            if self._agreed is None:
                continue
            if (event := self._presses.next()) is not None:
                self._sender.event(event, self._agreed)
                self.key_left_at = loop.time() if event.marker else self.key_left_at
            else:
                self._sender.sound(SILENCE[self._agreed.codec], self._agreed.codec, self._agreed)
            self._sender.tick()
