"""Our user agents on a network in memory, and the messages of a scripted peer."""

from __future__ import annotations

import ipaddress
import itertools
from dataclasses import dataclass, field

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import Call, Ending
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.messages import Method, Request, Response
from backoffice.voice.sip.outgoing import OutgoingCall
from backoffice.voice.sip.sdp import Agreement, Negotiation
from backoffice.voice.sip.user_agent import Peers, UserAgent
from tests.voice.sip.network import Cable, Network, Peer

US = Hop(Transport.UDP, "10.0.0.1", 5060)
THEM = Hop(Transport.UDP, "10.0.0.2", 5060)
STRANGER = Hop(Transport.UDP, "192.0.2.66", 5060)
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 10.0.0.2",
        "s=-",
        "c=IN IP4 10.0.0.2",
        "t=0 0",
        "m=audio 30000 RTP/AVP 0 101",
        "a=rtpmap:101 telephone-event/8000",
        "",
    ]
)
_numbers = itertools.count(1)


@dataclass
class Heard:
    """What a call told its owner."""

    answered: int = 0
    ringing: int = 0
    over: list[Ending] = field(default_factory=list)
    agreed: list[Agreement] = field(default_factory=list)

    def watch(self, call: Call) -> None:
        call.on_over = self.over.append
        call.on_agreement = self.agreed.append
        if isinstance(call, OutgoingCall):
            call.on_answered = self._answered
            call.on_ringing = self._ringing

    def _answered(self) -> None:
        self.answered += 1

    def _ringing(self) -> None:
        self.ringing += 1


@dataclass
class Station:
    """One of our user agents. Calls that come in are kept in `coming` and rung; the test answers."""

    agent: UserAgent
    cable: Cable
    coming: list[IncomingCall] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def call(self, to: Hop = THEM, *, user: str = "them") -> tuple[OutgoingCall, Heard]:
        call = self.agent.call(f"sip:{user}@{to.host}", by=to, negotiation=negotiation(self.cable.hop))
        heard = Heard()
        heard.watch(call)
        call.start()
        return call, heard

    def _take(self, call: IncomingCall) -> None:
        heard = Heard()
        heard.watch(call)
        self.coming.append(call)
        self.heard.append(heard)
        call.ring()


def station(network: Network, hop: Hop = US) -> Station:
    cable = Cable(network, hop)
    agent = UserAgent(cable, peers=Peers([ipaddress.ip_network("10.0.0.0/8")]))
    made = Station(agent, cable)
    agent.on_call = made._take
    network.attach(agent, hop)
    return made


def negotiation(hop: Hop = US) -> Negotiation:
    return Negotiation(address=hop.host, port=20000 + next(_numbers) * 2)


def invite(*, body: str = OFFER, to_tag: str = "", number: int = 1, source: Hop = THEM) -> Request:
    """An INVITE of the peer, as new as its branch."""
    return request(Method.INVITE, number=number, to_tag=to_tag, body=body, source=source)


def request(
    method: str,
    *,
    number: int = 1,
    to_tag: str = "",
    body: str = "",
    call_id: str = "call-1",
    branch: str = "",
    source: Hop = THEM,
) -> Request:
    made = Request(method=method, uri=f"sip:us@{US.host}")
    branch = branch or f"z9hG4bK-{next(_numbers)}"
    made.headers.append("Via", f"SIP/2.0/{source.transport} {source.host}:{source.port};branch={branch};rport")
    made.headers.append("From", f"<sip:them@{source.host}>;tag=theirs")
    made.headers.append("To", f"<sip:us@{US.host}>" + (f";tag={to_tag}" if to_tag else ""))
    made.headers.append("Call-ID", call_id)
    made.headers.append("CSeq", f"{number} {method}")
    made.headers.append("Max-Forwards", "70")
    if method == Method.INVITE:
        made.headers.append("Contact", f"<sip:them@{source.host}:{source.port}>")
    if body:
        messages.with_body(made, body)
    return made


def ack(answer: Response, *, branch: str = "") -> Request:
    """The peer's ACK of an answer of ours. That of a 2xx has a branch of its own."""
    number, _method = messages.cseq_of(answer)
    return request(Method.ACK, number=number, to_tag=messages.tag_of(answer, "to") or "", branch=branch)


def answer(to: Request, status: int, *, tag: str = "peer", body: str = "", contact: str = "") -> Response:
    """The peer's answer to a request of ours."""
    made = messages.respond(to, status, tag=tag)
    made.headers.append("Contact", contact or f"<sip:them@{THEM.host}:{THEM.port}>")
    if body:
        messages.with_body(made, body)
    return made


def branch_of(message: Request) -> str:
    return messages.top_via(message).branch or ""


__all__ = ["OFFER", "STRANGER", "THEM", "US", "Heard", "Network", "Peer", "Station"]
