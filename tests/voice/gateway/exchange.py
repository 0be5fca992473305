"""A gateway in the tests' own process, with the back office and the payment provider played by the test."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import itertools
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backoffice.voice.contract import Command, Dial, Event, Join, Role, State
from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.gateway.gateway import Gateway
from backoffice.voice.gateway.options import Options
from backoffice.voice.gateway.serving import Running, running
from backoffice.voice.signing import Verifier
from backoffice.voice.sip.sdp import Secrecy
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.transports import Listening
from backoffice.voice.speech.words.language import Language
from devstack.telephones.line import Line, free_port
from devstack.telephones.telephone import Telephone
from devstack.telephones.words import Incoming

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiB2b2ljZQ=="
_W = TypeVar("_W")
_keys = itertools.count(1)
"""Of commands."""


def new_key() -> str:
    return f"key-{next(_keys)}"


@dataclass
class BackOffice:
    """Takes events as the back office does, and checks their signatures. `deaf` refuses them, as when it is down."""

    events: list[Event] = field(default_factory=list)
    deaf: bool = False
    refused: int = 0

    def of(self, conversation: str, kind: type[_W]) -> list[_W]:
        """What was told of this kind, in its order."""
        return [
            one.what for one in list(self.events) if one.conversation == conversation and isinstance(one.what, kind)
        ]


@dataclass
class Provider:
    """Makes tokens as Stripe's API does, keeps what it was sent, and may be slow, decline or say nonsense."""

    asked: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    answers: tuple[int, bytes] = (200, b'{"id":"pm_1","card":{"brand":"visa","last4":"4242"}}')
    waits: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.waits.set()


@contextlib.contextmanager
def serving(answer: Callable[[str, Mapping[str, str], bytes], tuple[int, bytes]]) -> Iterator[str]:
    """An HTTP server for POST on a free port; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, content = answer(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Exchange:
    """`agent` and `customer` are the phones at the numbers "agent" and "+31205550111"."""

    running: Running
    office: BackOffice
    provider: Provider
    public_key: Ed25519PublicKey
    agent: Telephone
    customer: Telephone

    @property
    def gateway(self) -> Gateway:
        return self.running.gateway

    async def do(self, command: Command) -> State:
        """Raises AssertionError if it is refused."""
        done = await self.gateway.do(command)
        assert isinstance(done, State), done
        return done

    async def told(self, conversation: str, kind: type[_W], *, nth: int = 1, within: float = 15) -> _W:
        """The nth event of this kind, as soon as it is there."""
        async with asyncio.timeout(within):
            while len(found := self.office.of(conversation, kind)) < nth:
                await asyncio.sleep(0.01)
        return found[nth - 1]

    async def call(self, role: Role, conversation: str) -> None:
        number = CUSTOMER if role is Role.CUSTOMER else AGENT
        await self.do(Dial(key=new_key(), conversation=conversation, role=role, number=number))

    async def joined(self) -> str:
        """A conversation in which both telephones hear each other."""
        conversation = uuid.uuid4().hex
        for role in Role:
            await self.call(role, conversation)
        await until(lambda: len(_up(self.gateway, conversation)) == 2)
        await self.do(Join(key=new_key(), conversation=conversation))
        return conversation


AGENT, CUSTOMER, OURS = "agent", "+31205550111", "+31205550100"


def _up(gateway: Gateway, conversation: str) -> list[Role]:
    found = gateway.look(conversation)
    assert isinstance(found, State)
    return [one.role for one in found.telephones if one.state == "up"]


async def until(condition: Callable[[], bool], *, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


@dataclass
class Played:
    """A gateway without any telephone."""

    running: Running
    office: BackOffice
    provider: Provider
    public_key: Ed25519PublicKey

    @property
    def gateway(self) -> Gateway:
        return self.running.gateway

    async def told(self, kind: type[_W], *, nth: int = 1, within: float = 15) -> tuple[str, _W]:
        """The nth event of this kind of any conversation, as soon as it is there, and which conversation it was."""
        async with asyncio.timeout(within):
            while len(found := [one for one in list(self.office.events) if isinstance(one.what, kind)]) < nth:
                await asyncio.sleep(0.01)
        what = found[nth - 1].what
        assert isinstance(what, kind)
        return found[nth - 1].conversation, what


@contextlib.asynccontextmanager
async def played(folder: Path, *, timers: Timers | None = None, **changes: Any) -> AsyncIterator[Played]:
    """A gateway in this process, with its back office and its payment provider, for as long as the context lasts.
    `changes` are of its options."""
    office, provider = BackOffice(), Provider()
    verifier = Verifier(SECRET)

    def take_event(_path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        if office.deaf:
            office.refused += 1
            return 503, b""
        verifier.check(body, headers)
        office.events.append(msgspec.json.decode(body, type=Event))
        return 204, b""

    def make_token(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        provider.asked.append((path, headers, body))
        provider.waits.wait(20)
        return provider.answers

    key = Ed25519PrivateKey.generate()
    signing = folder / "signing.pem"
    signing.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with serving(take_event) as events_url, serving(make_token) as payments_url:
        options = Options(
            **{
                "listening": Listening(tcp=0),
                "peers": (ipaddress.ip_network("127.0.0.0/8"),),
                "media_ports": (33_000, 35_999),
                "secrecy": Secrecy.OPTIONAL,
                "dial_plan": DialPlan(),
                "caller": OURS,
                "account": None,
                "control": ("127.0.0.1", 0),
                "control_tls": None,
                "control_secret": SECRET,
                "events_url": events_url,
                "events_secret": SECRET,
                "signing_key": signing,
                "languages": (Language.ENGLISH,),
                "prompts": folder / "prompts",
                "recorded_prompts": None,
                "recordings": None,
                "payments_url": payments_url,
                "payments_key": "rk_test_tokens",
                **changes,
            }
        )
        async with running(options, timers=timers) as it:
            yield Played(it, office, provider, key.public_key())


@contextlib.asynccontextmanager
async def exchange(folder: Path, *, lines: Mapping[str, Any] | None = None, **changes: Any) -> AsyncIterator[Exchange]:
    """Everything that a call needs, for as long as the context lasts. `lines` changes the phones' lines, `changes` the
    gateway's options."""
    agent, customer = (Telephone(Line(name=name, port=free_port(), **(lines or {}))) for name in (AGENT, "customer"))
    plan = DialPlan(addresses={AGENT: agent.line.uri, CUSTOMER: customer.line.uri})
    async with played(folder, **{"dial_plan": plan, **changes}) as it, agent, customer:
        await agent.when_called(Incoming.ANSWER)
        yield Exchange(it.running, it.office, it.provider, it.public_key, agent, customer)
