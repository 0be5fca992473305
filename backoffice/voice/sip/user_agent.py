"""The user agent: takes what belongs to no call yet, and knows all calls (RFC 3261, section 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiosipua.auth import SipDigestAuth
from aiosipua.headers import parse_uri

from backoffice.voice.sip import hops, messages, sessions
from backoffice.voice.sip.calls import Call
from backoffice.voice.sip.client_transactions import ClientTransaction, NoResponse
from backoffice.voice.sip.dialogs import Dialog, Id
from backoffice.voice.sip.hops import Hop, Network, Transport, Unreachable, Way
from backoffice.voice.sip.incoming import IncomingCall
from backoffice.voice.sip.messages import Malformed, Message, Method, Request, Response, respond, tag_of
from backoffice.voice.sip.outgoing import OutgoingCall
from backoffice.voice.sip.reach import Reach
from backoffice.voice.sip.sdp import Negotiation
from backoffice.voice.sip.server_transactions import InviteServerTransaction, ServerTransaction
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.transactions import Transactions
from backoffice.voice.sip.wire import Wire

SUPPORTED = frozenset({sessions.OPTION})
"""Extensions that may be required of us."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Who may speak SIP with us, by the networks that they are in."""

    networks: Sequence[Network]

    def admits(self, host: str) -> bool:
        return hops.is_within(host, self.networks)


class UserAgent:
    """Makes and takes calls over a `Wire`. `on_call` gets each call that comes in, and must ring, accept or refuse it;
    it is refused where nobody is set. `counts` says what was refused, by a code."""

    on_call: Callable[[IncomingCall], None]

    def __init__(self, wire: Wire, *, peers: Peers, timers: Timers | None = None, user: str = "countersign") -> None:
        self.timers = timers or Timers()
        self.counts: Counter[str] = Counter()
        self.reach = Reach()
        self.on_call = lambda call: call.refuse(480)
        self._peers = peers
        self._user = user
        self._transactions = Transactions(wire, self, self.timers)
        self._wire = wire
        self._calls: dict[Id, Call] = {}
        self._coming: dict[InviteServerTransaction, IncomingCall] = {}

    @property
    def calls(self) -> Sequence[Call]:
        """All that stand."""
        return list(self._calls.values())

    @property
    def refused(self) -> Counter[str]:
        """What was refused, with what came too fast."""
        return self.counts + Counter(too_fast=self._transactions.too_fast)

    @property
    def open_transactions(self) -> int:
        return len(self._transactions)

    def call(
        self, uri: str, *, by: Hop, negotiation: Negotiation, account: SipDigestAuth | None = None
    ) -> OutgoingCall:
        """A call to a SIP URI by way of `by`; set its callbacks, then `start` it."""
        return self.call_by([Way(uri, by)], negotiation=negotiation, account=account)

    def call_by(
        self, ways: Sequence[Way], *, negotiation: Negotiation, account: SipDigestAuth | None = None
    ) -> OutgoingCall:
        """A call by the first of these ways that takes it, those last that did not answer before."""
        return OutgoingCall(self, self.reach.best_first(ways, lambda way: way.hop), negotiation, account=account)

    def ask_whether_there(self, way: Way) -> None:
        """Asks a hop for its capabilities. Whatever it answers but 503, it is there (RFC 3261, 11; RFC 3263, 4.3)."""
        request = Request(method=Method.OPTIONS, uri=way.uri)
        request.headers.append("From", f"{self.address(way.hop)};tag={messages.new_tag()}")
        request.headers.append("To", f"<{way.uri}>")
        request.headers.append("Call-ID", messages.new_call_id())
        request.headers.append("CSeq", "1 OPTIONS")
        request.headers.append("Max-Forwards", "70")
        request.headers.append("Accept", messages.SDP)

        def take(response: Response) -> None:
            if response.status_code == 503:
                self.reach.failed(way.hop)
            else:
                self.reach.answered(way.hop)

        self.send(request, way.hop, take, lambda _why: self.reach.failed(way.hop))

    def take(self, message: Message, source: Hop) -> None:
        """A message from the network. Strangers are refused, and learn nothing else."""
        if self._peers.admits(source.host):
            self._transactions.take(message, source)
            return
        self.counts["stranger"] += 1
        if isinstance(message, Request) and message.method != Method.ACK:
            self._wire.send(respond(message, 403, tag=messages.new_tag()), source, _unheard)

    def stop(self) -> None:
        """Hangs up everywhere. What is under way may still be sent until the transports are closed."""
        for call in self.calls:
            call.hang_up()

    # what transactions ask (transactions.Core)

    def take_request(self, transaction: ServerTransaction, source: Hop) -> None:
        """See `Core.take_request`."""
        request = transaction.request
        if (refusal := self._unmet(request)) is not None:
            transaction.answer(refusal)
        elif tag_of(request, "to") is not None:
            self._take_in_dialog(transaction)
        elif isinstance(transaction, InviteServerTransaction):
            self._take_invite(transaction, source)
        elif request.method == Method.OPTIONS:
            transaction.answer(self.capabilities(request))
        elif request.method in (Method.BYE, Method.UPDATE):
            transaction.answer(respond(request, 481, tag=messages.new_tag()))
        else:
            transaction.answer(self.not_allowed(request))

    def take_cancel(self, invite: InviteServerTransaction) -> None:
        """See `Core.take_cancel`."""
        call = self._coming.get(invite)
        if call is not None:
            call.cancelled()

    def take_ack(self, ack: Request, source: Hop) -> None:
        """See `Core.take_ack`."""
        call = self._calls.get(_id_of(ack))
        if call is not None:
            call.take_ack(ack)

    def take_stray(self, response: Response, source: Hop) -> None:
        """See `Core.take_stray`."""
        self.counts["stray_response"] += 1

    # what calls ask

    @property
    def transactions(self) -> Transactions:
        return self._transactions

    def send(
        self,
        request: Request,
        hop: Hop,
        on_response: Callable[[Response], None],
        on_failure: Callable[[NoResponse], None],
    ) -> ClientTransaction:
        return self._transactions.send(request, hop, on_response=on_response, on_failure=on_failure)

    def stamp(self, request: Request, hop: Hop) -> None:
        self._transactions.stamp(request, hop)

    def send_ack(self, ack: Request, hop: Hop) -> None:
        """The ACK of a 2xx is no transaction; it goes out again with each 2xx."""
        self._wire.send(ack, hop, _unheard)

    def refuse_fork(self, dialog: Dialog, number: int, hop: Hop) -> None:
        """Acknowledges the answer of another fork, and ends it."""
        self.counts["forked"] += 1
        way = self.next_hop(dialog, hop)
        ack = dialog.request(Method.ACK, number=number)
        self.stamp(ack, way)
        self.send_ack(ack, way)
        self.send(dialog.request(Method.BYE), way, _ignore, _ignore)

    def remember(self, call: Call) -> None:
        if call.dialog is not None:
            self._calls[call.dialog.id] = call

    def forget(self, call: Call) -> None:
        if call.dialog is not None:
            self._calls.pop(call.dialog.id, None)
        for transaction in [one for one, coming in self._coming.items() if coming is call]:
            del self._coming[transaction]

    def address(self, hop: Hop) -> str:
        """Ours, as From shows it."""
        host, _port = self._wire.sent_by(hop.transport)
        return f"<sip:{self._user}@{_bracketed(host)}>"

    def add_contact(self, message: Message, hop: Hop) -> None:
        """Says where we are reached, by the transport of this hop."""
        host, port = self._wire.sent_by(hop.transport)
        way = "" if hop.transport is Transport.UDP else f";transport={hop.transport.lower()}"
        message.headers.set_single("Contact", f"<sip:{self._user}@{_bracketed(host)}:{port}{way}>")
        if isinstance(message, Response):
            message.headers.set_single("Allow", ", ".join(messages.ALLOW))

    def next_hop(self, dialog: Dialog, known: Hop) -> Hop:
        """Where a request in a dialog goes to. An address outside the networks of our peers is not followed, nor is a
        name: the request then goes where its INVITE came from or went to, as it does over a connection that stands."""
        if self._wire.is_connected(known):
            return known
        uri = parse_uri(dialog.next_hop)
        try:
            transport = hops.transport_of(uri, known.transport)
        except Unreachable:
            return known
        host = hops.host_of(uri)
        if not self._peers.admits(host):
            return known
        return Hop(transport, host, uri.port or transport.default_port, known.name if host == known.host else host)

    def capabilities(self, request: Request) -> Response:
        """The answer to OPTIONS (RFC 3261, 11.2)."""
        response = respond(request, 200, tag=messages.new_tag())
        response.headers.set_single("Allow", ", ".join(messages.ALLOW))
        response.headers.set_single("Accept", messages.SDP)
        response.headers.set_single("Supported", ", ".join(SUPPORTED))
        return response

    def not_allowed(self, request: Request) -> Response:
        response = respond(request, 405, tag=messages.new_tag())
        response.headers.set_single("Allow", ", ".join(messages.ALLOW))
        return response

    def only_sdp(self, request: Request) -> Response:
        response = respond(request, 415, tag=messages.new_tag())
        response.headers.set_single("Accept", messages.SDP)
        return response

    def _unmet(self, request: Request) -> Response | None:
        """The refusal of what requires an extension that we have not (8.2.2.3), or refreshes too often (RFC 4028)."""
        missing = messages.options_of(request, "require") - SUPPORTED
        if missing:
            refusal = respond(request, 420, tag=messages.new_tag())
            refusal.headers.set_single("Unsupported", ", ".join(sorted(missing)))
            return refusal
        if request.method in (Method.INVITE, Method.UPDATE) and sessions.is_too_short(request):
            refusal = respond(request, 422, tag=messages.new_tag())
            refusal.headers.set_single("Min-SE", f"{sessions.LEAST}")
            return refusal
        return None

    def _take_in_dialog(self, transaction: ServerTransaction) -> None:
        call = self._calls.get(_id_of(transaction.request))
        if call is None:
            transaction.answer(respond(transaction.request, 481))
        else:
            call.take_request(transaction)

    def _take_invite(self, transaction: InviteServerTransaction, source: Hop) -> None:
        request = transaction.request
        transaction.begin()
        try:
            dialog = Dialog.called(request, tag=messages.new_tag())
            messages.sdp_of(request)
        except Malformed as malformed:
            wrong_body = str(malformed) == "content_type"
            transaction.answer(self.only_sdp(request) if wrong_body else respond(request, 400, tag=messages.new_tag()))
            return
        call = IncomingCall(self, transaction, source, dialog)
        self._coming[transaction] = call
        self.remember(call)
        self.on_call(call)


def _id_of(request: Request) -> Id:
    return request.call_id or "", tag_of(request, "to") or "", tag_of(request, "from") or ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _unheard() -> None:
    """An answer outside a transaction that did not go out: its request comes again."""


def _ignore(_what: object) -> None:
    pass
