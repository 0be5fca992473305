"""The transaction layer: finds for each message the transaction that it belongs to (RFC 3261, section 17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backoffice.voice.sip import messages
from backoffice.voice.sip.client_transactions import ClientTransaction, InviteTransaction, NoResponse
from backoffice.voice.sip.client_transactions import Key as ClientKey
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import Message, Method, Request, Response, cseq_of, new_branch, put_via, top_via
from backoffice.voice.sip.rates import Rates
from backoffice.voice.sip.server_transactions import InviteServerTransaction, ServerTransaction, key_of
from backoffice.voice.sip.server_transactions import Key as ServerKey
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.transports import answers_to
from backoffice.voice.sip.wire import Wire

Origin = tuple[str, str, int, str]
MOST = 20_000
"""Transactions of others that may be open at once; above it a request is refused with 503."""


class Core(Protocol):
    """Who uses transactions: the transaction user of RFC 3261. `user_agent.UserAgent` is the real one."""

    def take_request(self, transaction: ServerTransaction, source: Hop) -> None:
        """A new request, except ACK and CANCEL."""
        ...

    def take_cancel(self, invite: InviteServerTransaction) -> None:
        """Somebody does not want this INVITE answered any more."""
        ...

    def take_ack(self, ack: Request, source: Hop) -> None:
        """An ACK without a transaction: of a 2xx whose transaction is over."""
        ...

    def take_stray(self, response: Response, source: Hop) -> None:
        """An answer to nothing that is open."""
        ...


class Transactions:
    """All transactions of this process."""

    def __init__(self, wire: Wire, core: Core, timers: Timers) -> None:
        self.wire = wire
        self.timers = timers
        self._core = core
        self._clients: dict[ClientKey, ClientTransaction] = {}
        self._servers: dict[ServerKey, ServerTransaction] = {}
        self._origins: dict[Origin, ServerKey] = {}
        self._rates = Rates()
        self.too_fast = 0
        """New requests that were not taken because their host sent too many."""

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    def send(
        self,
        request: Request,
        hop: Hop,
        *,
        on_response: Callable[[Response], None],
        on_failure: Callable[[NoResponse], None],
    ) -> ClientTransaction:
        """Starts a transaction with a request of ours, which gets its Via here, except a CANCEL, which has that of its
        INVITE."""
        if request.method != Method.CANCEL:
            self.stamp(request, hop)
        made = InviteTransaction if request.method == Method.INVITE else ClientTransaction
        transaction = made(
            request,
            hop,
            wire=self.wire,
            timers=self.timers,
            on_response=on_response,
            on_failure=on_failure,
            on_end=self._forget_client,
        )
        self._clients[transaction.key] = transaction
        transaction.start()
        return transaction

    def stamp(self, request: Request, hop: Hop) -> None:
        """Gives a request of ours a Via with a new branch."""
        host, port = self.wire.sent_by(hop.transport)
        put_via(request, transport=hop.transport, host=host, port=port, branch=new_branch())

    def take(self, message: Message, source: Hop) -> None:
        """A message from the network."""
        if isinstance(message, Response):
            self._take_response(message, source)
        else:
            self._take_request(message, source)

    def end_all(self) -> None:
        """Forgets everything, as when the process ends."""
        for client in list(self._clients.values()):
            client.end()
        for server in list(self._servers.values()):
            server.end()

    def _take_response(self, response: Response, source: Hop) -> None:
        if len(response.headers.get("via")) != 1:
            return  # it was for somebody behind us (RFC 3261, 8.1.3.3)
        key = top_via(response).branch or "", cseq_of(response)[1]
        transaction = self._clients.get(key)
        if transaction is not None:
            transaction.take(response)
        else:
            self._core.take_stray(response, source)

    def _take_request(self, request: Request, source: Hop) -> None:
        method = Method.INVITE if request.method == Method.ACK else request.method
        open_one = self._servers.get(key_of(request, method))
        if request.method == Method.ACK:
            if isinstance(open_one, InviteServerTransaction):
                open_one.acknowledge(request)
            else:
                self._core.take_ack(request, source)
        elif open_one is not None:
            open_one.take_again()
        elif request.method == Method.CANCEL:
            self._cancel(request, source)
        else:
            self._begin(request, source)

    def _begin(self, request: Request, source: Hop) -> None:
        hop = answers_to(request, source)
        if not self._rates.allows(source.host):
            self.too_fast += 1
            if hop.transport.reliable:  # over UDP it comes again by itself, a little later
                self.wire.send(messages.respond(request, 503, tag=messages.new_tag()), hop, _unheard)
            return
        if len(self._servers) >= MOST:
            self.wire.send(messages.respond(request, 503, tag=messages.new_tag()), hop, _unheard)
            return
        origin = _origin(request)
        if origin in self._origins:
            self._open(request, hop).answer(messages.respond(request, 482, tag=messages.new_tag()))
            return
        transaction = self._open(request, hop)
        if origin is not None:
            self._origins[origin] = transaction.key
        self._core.take_request(transaction, source)

    def _open(self, request: Request, hop: Hop) -> ServerTransaction:
        made = InviteServerTransaction if request.method == Method.INVITE else ServerTransaction
        transaction = made(request, hop, wire=self.wire, timers=self.timers, on_end=self._forget_server)
        self._servers[transaction.key] = transaction
        return transaction

    def _cancel(self, request: Request, source: Hop) -> None:
        """A CANCEL is answered by itself (RFC 3261, 9.2)."""
        invite = self._servers.get(key_of(request, Method.INVITE))
        transaction = self._open(request, answers_to(request, source))
        if not isinstance(invite, InviteServerTransaction):
            transaction.answer(messages.respond(request, 481, tag=messages.new_tag()))
            return
        transaction.answer(messages.respond(request, 200, tag=messages.new_tag()))
        if not invite.is_answered:
            self._core.take_cancel(invite)

    def _forget_client(self, transaction: ClientTransaction) -> None:
        self._clients.pop(transaction.key, None)

    def _forget_server(self, transaction: ServerTransaction) -> None:
        self._servers.pop(transaction.key, None)
        origin = _origin(transaction.request)
        if origin is not None and self._origins.get(origin) == transaction.key:
            del self._origins[origin]


def _origin(request: Request) -> Origin | None:
    """What a request outside a dialog keeps on each way; the same by another way is refused (RFC 3261, 8.2.2.2)."""
    if messages.tag_of(request, "to") is not None:
        return None
    number, method = cseq_of(request)
    return messages.tag_of(request, "from") or "", request.call_id or "", number, method


def _unheard() -> None:
    """An answer outside a transaction that did not go out: its request comes again."""
