"""SIP over real sockets: UDP, TCP and TLS on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import random
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from backoffice.voice.sip import messages, rates, transports
from backoffice.voice.sip.calls import Call, CallState, Ending
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.sdp import Negotiation
from backoffice.voice.sip.streams import WHOLE_WITHIN
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.transports import Listening, Tls, Transports
from backoffice.voice.sip.user_agent import Peers, UserAgent
from devstack.registry import signing
from tests.voice.sip.fuzzing import fuzzed
from tests.voice.sip.talking import invite, request

LOCAL = "127.0.0.1"
QUICK = Timers(t1=0.02, t2=0.1, t4=0.1)
Certificates = Callable[..., Tls]


@dataclass
class End:
    """One of our user agents on real sockets, which accepts what comes in."""

    agent: UserAgent
    transports: Transports
    coming: list[IncomingCall] = field(default_factory=list)
    over: list[Ending] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def hop(self, transport: Transport, name: str = "") -> Hop:
        return Hop(transport, LOCAL, self.transports.sent_by(transport)[1], name)

    def call(self, to: Hop) -> Call:
        call = self.agent.call(
            f"sip:them@{to.host}:{to.port}", by=to, negotiation=Negotiation(address=LOCAL, port=4000)
        )
        call.on_over = self.over.append
        call.start()
        return call

    def _accept(self, call: IncomingCall) -> None:
        call.on_over = self.over.append
        self.coming.append(call)
        call.accept(Negotiation(address=LOCAL, port=4002))


@asynccontextmanager
async def end(listening: Listening, *, peers: str = "127.0.0.0/8", timers: Timers = QUICK) -> AsyncIterator[End]:
    agent: UserAgent
    allowed = Peers([ipaddress.ip_network(peers)])
    transports = Transports(listening, takes=lambda message, hop: agent.take(message, hop), admits=allowed.admits)
    agent = UserAgent(transports, peers=allowed, timers=timers)
    made = End(agent, transports)
    agent.on_call = made._accept
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: made.errors.append(context))
    await transports.start()
    try:
        yield made
    finally:
        agent.transactions.end_all()
        await transports.stop()
        assert made.errors == []


async def until(condition: Callable[[], bool], *, within: float = 5) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The files of somebody with a certificate for a name, by the authority "ours" or "other"."""
    authorities = {name: signing.make(name, days=1) for name in ("ours", "other")}

    def make(name: str, by: str = "ours") -> Tls:
        folder = tmp_path_factory.mktemp("tls")
        signed = signing.make(name, by=authorities[by], days=1, hosts=[name])
        for file, content in (("cert", signed.cert), ("key", signed.key), ("ca", authorities["ours"].cert)):
            (folder / file).write_bytes(content)
        return Tls(folder / "cert", folder / "key", folder / "ca")

    return make


@pytest.mark.parametrize("transport", list(Transport))
def test_a_call_stands_and_ends_over_each_transport(transport: Transport, tls: Certificates) -> None:
    async def story() -> None:
        first, second = tls("first.example"), tls("second.example")
        async with (
            end(Listening(tcp=0, tls=0, certificates=first)) as us,
            end(Listening(tcp=0, tls=0, certificates=second)) as them,
        ):
            call = us.call(them.hop(transport, "second.example"))
            await until(lambda: call.state is CallState.UP)
            await until(lambda: len(them.agent.calls) == 1)
            await asyncio.sleep(0.05)
            them.coming[0].hang_up()
            await until(lambda: us.over == [Ending.BY_THEM])
            assert them.over == [Ending.BY_US]

    asyncio.run(story())


@pytest.mark.parametrize(("signed_by", "asked_for"), [("other", "second.example"), ("ours", "third.example")])
def test_a_certificate_of_somebody_else_ends_the_call(signed_by: str, asked_for: str, tls: Certificates) -> None:
    async def story() -> None:
        theirs = tls("second.example", signed_by)
        async with (
            end(Listening(udp=None, tls=0, certificates=tls("first.example"))) as us,
            end(Listening(udp=None, tls=0, certificates=theirs)) as them,
        ):
            us.call(them.hop(Transport.TLS, asked_for))
            await until(lambda: us.over == [Ending.NO_RESPONSE])
            assert them.coming == []
            assert us.transports.refused["connect"] == 1

    asyncio.run(story())


def test_a_client_without_a_certificate_is_not_taken(tls: Certificates) -> None:
    async def story() -> None:
        ours = tls("first.example")
        async with end(Listening(udp=None, tls=0, certificates=ours)) as us:
            hop = us.hop(Transport.TLS)
            context = ssl.create_default_context(cafile=str(ours.authority))

            async def ask() -> bytes:
                reader, writer = await asyncio.open_connection(
                    hop.host, hop.port, ssl=context, server_hostname="first.example"
                )
                writer.write(bytes(request("OPTIONS")))
                return await reader.readexactly(1)

            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await ask()

    asyncio.run(story())


def test_a_stream_may_come_in_pieces_and_several_messages_at_once() -> None:
    async def story() -> None:
        async with end(Listening(udp=None, tcp=0)) as us:
            hop = us.hop(Transport.TCP)
            reader, writer = await asyncio.open_connection(hop.host, hop.port)
            source = Hop(Transport.TCP, LOCAL, 1)
            data = b"\r\n\r\n" + b"".join(
                bytes(request("OPTIONS", call_id=f"c{number}", body="x" * number, source=source)) for number in range(3)
            )
            for at in range(0, len(data), 100):
                writer.write(data[at : at + 100])
                await writer.drain()
                await asyncio.sleep(0)
            assert await reader.readexactly(2) == b"\r\n"
            for number in range(3):
                answer = await reader.readuntil(b"\r\n\r\n")
                assert answer.startswith(b"SIP/2.0 200 OK")
                assert f"Call-ID: c{number}".encode() in answer
            writer.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 70_000,
        b"OPTIONS sip:a SIP/2.0\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nContent-Le",
    ],
)
def test_a_stream_that_cannot_be_framed_is_closed(data: bytes) -> None:
    async def story() -> None:
        async with end(Listening(udp=None, tcp=0)) as us:
            hop = us.hop(Transport.TCP)
            reader, writer = await asyncio.open_connection(hop.host, hop.port)
            writer.write(data)
            writer.write_eof()
            async with asyncio.timeout(WHOLE_WITHIN / 2):
                assert await reader.read() == b""
            await until(lambda: us.transports.refused.total() == 1)
            writer.close()

    asyncio.run(story())


def test_strangers_are_not_connected_and_their_datagrams_are_refused() -> None:
    async def story() -> None:
        async with end(Listening(tcp=0), peers="10.0.0.0/8") as us:
            hop = us.hop(Transport.TCP)
            reader, writer = await asyncio.open_connection(hop.host, hop.port)
            async with asyncio.timeout(5):
                assert await reader.read() == b""
            writer.close()
            with _socket() as stranger:
                stranger.sendto(bytes(invite()), (LOCAL, us.hop(Transport.UDP).port))
                stranger.sendto(b"garbage", (LOCAL, us.hop(Transport.UDP).port))
                answer = await asyncio.get_running_loop().sock_recv(stranger, 4096)
            assert answer.startswith(b"SIP/2.0 403")
            await until(lambda: us.transports.refused.total() == 2)
            assert us.coming == []

    asyncio.run(story())


def test_the_answer_goes_to_the_port_that_the_request_came_from_where_it_asks_for_that() -> None:
    async def story() -> None:
        async with end(Listening()) as us:
            with _socket() as peer, _socket() as other:
                asks, asks_not = request("OPTIONS", call_id="a"), request("OPTIONS", call_id="b")
                via = f"SIP/2.0/UDP phone.example:{other.getsockname()[1]};branch=z9hG4bK"
                asks.headers.get("via")[0] = f"{via}1;rport"
                asks_not.headers.get("via")[0] = f"{via}2"
                for one in (asks, asks_not):
                    peer.sendto(bytes(one), (LOCAL, us.hop(Transport.UDP).port))
                loop = asyncio.get_running_loop()
                with_rport = messages.read(await loop.sock_recv(peer, 4096))
                without = messages.read(await loop.sock_recv(other, 4096))
            assert with_rport.call_id == "a"
            assert messages.top_via(with_rport).received == LOCAL
            assert without.call_id == "b"

    asyncio.run(story())


def test_a_request_that_cannot_be_read_is_answered_with_400() -> None:
    async def story() -> None:
        async with end(Listening()) as us:
            with _socket() as peer:
                wrong = bytes(invite()).replace(b"Max-Forwards: 70", b"Max-Forwards: x")
                peer.sendto(wrong, (LOCAL, us.hop(Transport.UDP).port))
                answer = await asyncio.get_running_loop().sock_recv(peer, 4096)
            assert answer.startswith(b"SIP/2.0 400")

    asyncio.run(story())


def test_others_are_told_our_public_address() -> None:
    async def story() -> None:
        async with end(Listening(public="203.0.113.5")) as us:
            with _socket() as peer:
                us.call(Hop(Transport.UDP, LOCAL, peer.getsockname()[1]))
                asked = messages.read(await asyncio.get_running_loop().sock_recv(peer, 4096))
            assert messages.top_via(asked).host == "203.0.113.5"
            assert "@203.0.113.5:" in (asked.headers.get_first("contact") or "")

    asyncio.run(story())


def test_a_port_that_is_taken_is_said_at_the_start() -> None:
    async def story() -> None:
        async with end(Listening()) as us:
            with pytest.raises(OSError, match="in use"):
                async with end(Listening(udp=us.hop(Transport.UDP).port)):
                    pass

    asyncio.run(story())


def test_nobody_at_the_other_end_of_a_stream_ends_the_call() -> None:
    async def story() -> None:
        with _socket(socket.SOCK_STREAM) as closed:
            port = closed.getsockname()[1]
        async with end(Listening(tcp=0)) as us:
            us.call(Hop(Transport.TCP, LOCAL, port))
            await until(lambda: us.over == [Ending.NO_RESPONSE])

    asyncio.run(story())


def test_one_host_cannot_take_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "MOST_OF_ONE", 3)

    async def story() -> None:
        async with end(Listening(udp=None, tcp=0)) as us:
            hop = us.hop(Transport.TCP)
            held = [await asyncio.open_connection(hop.host, hop.port) for _each in range(4)]
            async with asyncio.timeout(5):
                assert await held[3][0].read() == b""
            assert us.transports.refused["connection"] == 1
            held[0][1].close()
            await until(lambda: len(us.transports._connections) == 2)
            reader, writer = await asyncio.open_connection(hop.host, hop.port, local_addr=(LOCAL, 0))
            writer.write(bytes(request("OPTIONS", source=Hop(Transport.TCP, LOCAL, 5060))))
            async with asyncio.timeout(5):
                assert (await reader.readline()).startswith(b"SIP/2.0 200")
            for _reader, one in [*held, (reader, writer)]:
                one.close()

    asyncio.run(story())


def test_a_handshake_of_tls_that_never_ends_is_given_up(tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "CONNECTS_WITHIN", 0.2)

    async def story() -> None:
        async with end(Listening(udp=None, tls=0, certificates=tls("us.example"))) as us:
            hop = us.hop(Transport.TLS)
            reader, writer = await asyncio.open_connection(hop.host, hop.port)
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(5):
                    assert await reader.read() == b""
            writer.close()

    asyncio.run(story())


def test_ten_thousand_wrong_datagrams_end_no_call_and_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "AT_ONCE", 1e6)  # each is to be looked at, however fast they come
    rnd = random.Random(7)

    async def story() -> None:
        async with end(Listening()) as us, end(Listening()) as them:
            call = us.call(them.hop(Transport.UDP))
            await until(lambda: call.state is CallState.UP and len(them.agent.calls) == 1)
            tag = them.coming[0].dialog.our_tag if them.coming[0].dialog else ""
            them.agent.on_call = lambda coming: coming.refuse(486)
            target = (LOCAL, them.hop(Transport.UDP).port)
            with _socket() as fuzzer:
                for _each in range(10_000):
                    fuzzer.sendto(fuzzed(rnd).replace(b"tag=known", f"tag={tag}".encode()), target)
                    await asyncio.sleep(0)
            await until(lambda: them.agent.open_transactions == 0, within=20)
            assert them.transports.refused.total() > 3_000
            assert len(them.agent.calls) == 1
            call.offer_again()
            await asyncio.sleep(0.1)
            assert call.state is CallState.UP
            call.hang_up()
            await until(lambda: them.over == [Ending.BY_THEM])
            assert them.agent.calls == []

    asyncio.run(story())


def _socket(kind: socket.SocketKind = socket.SOCK_DGRAM) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.bind((LOCAL, 0))
    made.setblocking(False)
    return made
