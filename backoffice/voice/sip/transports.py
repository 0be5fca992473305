"""SIP over UDP, TCP and TLS (RFC 3261, section 18)."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from aiosipua.headers import stringify_via

from backoffice.voice.sip import messages
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.messages import Malformed, Message, Request
from backoffice.voice.sip.streams import BrokenStream, Connection
from backoffice.voice.sip.wire import Failed

MOST_CONNECTIONS, MOST_OF_ONE = 500, 100
"""In all, and of one host: who opens connections and says nothing must not keep others out."""
CONNECTS_WITHIN = 5.0
"""Seconds, with the handshake of TLS."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM. `authority` has signed the certificates of those that we connect to, and of those that connect to
    us, unless `knows_clients` is off."""

    certificate: Path
    key: Path
    authority: Path
    knows_clients: bool = True

    def for_server(self) -> ssl.SSLContext:
        context = self._context(ssl.Purpose.CLIENT_AUTH)
        context.verify_mode = ssl.CERT_REQUIRED if self.knows_clients else ssl.CERT_NONE
        return context

    def for_client(self) -> ssl.SSLContext:
        """Verifies the certificate and its name."""
        return self._context(ssl.Purpose.SERVER_AUTH)

    def _context(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        context = ssl.create_default_context(purpose, cafile=str(self.authority))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Listening:
    """Where we listen: `host` is an IP literal; a port of 0 takes a free one, None does not listen. `public` is the
    address that others see, if it differs."""

    host: str = "127.0.0.1"
    udp: int | None = 0
    tcp: int | None = None
    tls: int | None = None
    public: str = ""
    certificates: Tls | None = None


class Transports:
    """The network, as `Wire`. `takes` gets each message and where it came from; `admits` says by their IP address who
    may connect. `refused` counts what was not taken, by a code."""

    def __init__(
        self, listening: Listening, *, takes: Callable[[Message, Hop], None], admits: Callable[[str], bool]
    ) -> None:
        self.refused: Counter[str] = Counter()
        self._listening = listening
        self._takes = takes
        self._admits = admits
        self._datagrams: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._ports: dict[Transport, int] = {}
        self._connections: dict[tuple[Transport, str, int], Connection] = {}
        self._connecting: dict[Hop, list[tuple[bytes, Failed]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises `OSError` where a port is taken, `ssl.SSLError` where a certificate cannot be used."""
        told = self._listening
        if told.udp is not None:
            self._datagrams, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Datagrams(self._take_datagram), local_addr=(told.host, told.udp)
            )
            self._ports[Transport.UDP] = self._datagrams.get_extra_info("sockname")[1]
        if told.tcp is not None:
            await self._listen(Transport.TCP, told.tcp, None)
        if told.tls is not None and told.certificates is not None:
            await self._listen(Transport.TLS, told.tls, told.certificates.for_server())

    async def _listen(self, transport: Transport, port: int, context: ssl.SSLContext | None) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            source = Hop(transport, *writer.get_extra_info("peername")[:2])
            if not self._admits(source.host) or not self._has_room(source.host):
                self.refused["connection"] += 1
                writer.close()
            else:
                self._start(self._follow(Connection(reader, writer), source))

        waits = CONNECTS_WITHIN if context is not None else None
        server = await asyncio.start_server(
            *(accept, self._listening.host, port),
            ssl=context,
            limit=messages.LONGEST,
            ssl_handshake_timeout=waits,
            ssl_shutdown_timeout=waits,
        )
        self._servers.append(server)
        self._ports[transport] = server.sockets[0].getsockname()[1]

    def _has_room(self, host: str) -> bool:
        of_one = sum(one[1] == host for one in self._connections)
        return len(self._connections) < MOST_CONNECTIONS and of_one < MOST_OF_ONE

    async def stop(self) -> None:
        """Closes everything."""
        for server in self._servers:
            server.close()
        for connection in list(self._connections.values()):
            connection.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._datagrams is not None:
            self._datagrams.close()

    def sent_by(self, transport: Transport) -> tuple[str, int]:
        """See `Wire.sent_by`. Where we do not listen, answers come back on the connection that we made."""
        host = self._listening.public or self._listening.host
        return host, self._ports.get(transport, transport.default_port)

    def is_connected(self, hop: Hop) -> bool:
        """See `Wire.is_connected`."""
        connection = self._connections.get((hop.transport, hop.host, hop.port))
        return connection is not None and not connection.is_closed

    def send(self, message: Message, hop: Hop, failed: Failed) -> None:
        """See `Wire.send`."""
        data = bytes(message)
        if hop.transport is Transport.UDP:
            if self._datagrams is None or self._datagrams.is_closing():
                failed()
            else:
                self._datagrams.sendto(data, (hop.host, hop.port))
            return
        if self.is_connected(hop):
            self._connections[hop.transport, hop.host, hop.port].write(data)
            return
        waiting = self._connecting.setdefault(hop, [])
        waiting.append((data, failed))
        if len(waiting) == 1:
            self._start(self._connect(hop))

    async def _connect(self, hop: Hop) -> None:
        """Makes the connection, sends what waits for it, and follows it."""
        try:
            connection = await self._open(hop)
        except (OSError, TimeoutError):
            self.refused["connect"] += 1
            for _data, failed in self._connecting.pop(hop):
                failed()
            return
        for data, _failed in self._connecting.pop(hop):
            connection.write(data)
        await self._follow(connection, hop)

    async def _open(self, hop: Hop) -> Connection:
        """Raises `OSError`, of which an `ssl.SSLError` is one, and `TimeoutError`."""
        context: ssl.SSLContext | None = None
        if hop.transport is Transport.TLS:
            if self._listening.certificates is None:
                raise OSError("no certificates")
            context = self._listening.certificates.for_client()
        async with asyncio.timeout(CONNECTS_WITHIN):
            reader, writer = await asyncio.open_connection(
                hop.host,
                hop.port,
                ssl=context,
                server_hostname=(hop.name or hop.host) if context else None,
                limit=messages.LONGEST,
            )
        return Connection(reader, writer)

    async def _follow(self, connection: Connection, peer: Hop) -> None:
        key = (peer.transport, peer.host, peer.port)
        self._connections[key] = connection
        try:
            async for data in connection.messages():
                self._read(data, peer)
        except BrokenStream as broken:
            self.refused[str(broken)] += 1
        except OSError:
            self.refused["connection_lost"] += 1
        finally:
            connection.close()
            if self._connections.get(key) is connection:
                del self._connections[key]

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take_datagram(self, data: bytes, source: tuple[str, int]) -> None:
        """Empty lines keep a path open and are no message."""
        if data.strip(b"\r\n\0"):
            self._read(data, Hop(Transport.UDP, *source))

    def _read(self, data: bytes, source: Hop) -> None:
        try:
            message = messages.read(data)
        except Malformed as malformed:
            self.refused[str(malformed)] += 1
            if malformed.request is not None and self._admits(source.host):
                answer = messages.respond(malformed.request, 400, tag=messages.new_tag())
                self.send(answer, answers_to(malformed.request, source), _unheard)
            return
        if isinstance(message, Request):
            mark_source(message, source)
        self._takes(message, source)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, takes: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._takes = takes

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with contextlib.suppress(ConnectionError):
            self._takes(data, (addr[0], addr[1]))


def mark_source(request: Request, source: Hop) -> None:
    """Notes in the top Via where it really came from (RFC 3261, 18.2.1; RFC 3581, 4)."""
    vias = request.headers.get("via")
    via = messages.top_via(request)
    via.received = source.host
    if "rport" in via.params:
        via.rport = str(source.port)
    vias[0] = stringify_via(via)


def answers_to(request: Request, source: Hop) -> Hop:
    """Where its answers go (RFC 3261, 18.2.2): over a stream back on the connection, over UDP to the address that it
    came from, at the port that it asks for. `maddr` is not followed: it would send our answers to a third party."""
    via = messages.top_via(request)
    if source.transport.reliable or "rport" in via.params:
        return source
    return Hop(source.transport, source.host, via.port or source.transport.default_port)


def _unheard() -> None:
    """An answer outside a transaction that did not go out: its request comes again."""
