"""Server transactions: one request of somebody else and our answers (RFC 3261, 17.2, with RFC 6026)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from backoffice.voice.sip.alarms import Alarms
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import MAGIC_COOKIE, Request, Response, cseq_of, respond, tag_of, top_via
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.wire import Wire

Key = tuple[str, ...]


class ServerState(Enum):
    PROCEEDING = auto()
    """Also called "Trying" for a request other than INVITE."""
    COMPLETED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


def key_of(request: Request, method: str) -> Key:
    """By what a retransmission, an ACK or a CANCEL finds its transaction (RFC 3261, 17.2.3); `method` is that of the
    request which made it. Without the magic cookie the branch alone is not enough."""
    via = top_via(request)
    branch = via.branch or ""
    sent_by = f"{via.host.lower()}:{via.port or ''}"
    if branch.startswith(MAGIC_COOKIE):
        return branch, sent_by, method
    number = str(cseq_of(request)[0])
    return branch, sent_by, method, request.call_id or "", tag_of(request, "from") or "", number


class ServerTransaction:
    """A request other than INVITE and ACK."""

    def __init__(
        self,
        request: Request,
        hop: Hop,
        *,
        wire: Wire,
        timers: Timers,
        on_end: Callable[[ServerTransaction], None],
    ) -> None:
        self.request = request
        self.hop = hop
        self.key = key_of(request, request.method)
        self.state = ServerState.PROCEEDING
        self._wire = wire
        self._timers = timers
        self._on_end = on_end
        self._alarms = Alarms()
        self._last: Response | None = None

    @property
    def is_answered(self) -> bool:
        """Whether a final answer was given."""
        return self.state is not ServerState.PROCEEDING

    def take_again(self) -> None:
        """The request came again: it gets the last answer again, if there is one."""
        if self._last is not None and self.state in (ServerState.PROCEEDING, ServerState.COMPLETED):
            self._send(self._last)

    def answer(self, response: Response) -> None:
        """Sends an answer of ours. After a final one nothing is sent any more."""
        if self.state is not ServerState.PROCEEDING:
            return
        self._last = response
        if response.status_code >= 200:
            self._complete(response)
        self._send(response)

    def end(self) -> None:
        """Forgets it at once."""
        if self.state is not ServerState.TERMINATED:
            self.state = ServerState.TERMINATED
            self._alarms.clear()
            self._on_end(self)

    def _complete(self, _response: Response) -> None:
        """Timer J."""
        self.state = ServerState.COMPLETED
        self._linger(self._timers.gives_up)

    def _linger(self, seconds: float) -> None:
        self._alarms.set("end", 0 if self.hop.transport.reliable else seconds, self.end)

    def _send(self, response: Response) -> None:
        self._wire.send(response, self.hop, _lost)


class InviteServerTransaction(ServerTransaction):
    """An INVITE of somebody else. `on_ack` gets the ACK of a 2xx; `on_no_ack` says that none came for a refusal."""

    on_ack: Callable[[Request], None] | None = None
    on_no_ack: Callable[[], None] | None = None

    def begin(self) -> None:
        """Says at once that it is here, so that it is not sent again."""
        self.answer(respond(self.request, 100))

    def answer(self, response: Response) -> None:
        """As above. A 2xx goes out again as often as its TU wants, until its ACK (RFC 6026, 8.7)."""
        if self.state is ServerState.ACCEPTED and 200 <= response.status_code < 300:
            self._send(response)
        else:
            super().answer(response)

    def acknowledge(self, ack: Request) -> None:
        """Its ACK came."""
        if self.state is ServerState.COMPLETED:
            self.state = ServerState.CONFIRMED
            self._alarms.clear()
            self._linger(self._timers.t4)
        elif self.state is ServerState.ACCEPTED and self.on_ack is not None:
            self.on_ack(ack)

    def _complete(self, response: Response) -> None:
        """Timers G, H and L."""
        if response.status_code < 300:
            self.state = ServerState.ACCEPTED
            self._alarms.set("end", self._timers.gives_up, self.end)
            return
        self.state = ServerState.COMPLETED
        self._alarms.set("give_up", self._timers.gives_up, self._give_up)
        if not self.hop.transport.reliable:
            self._alarms.set("resend", self._timers.t1, lambda: self._resend(response, self._timers.t1))

    def _resend(self, response: Response, waited: float) -> None:
        wait = min(2 * waited, self._timers.t2)
        self._alarms.set("resend", wait, lambda: self._resend(response, wait))
        self._send(response)

    def _give_up(self) -> None:
        self.end()
        if self.on_no_ack is not None:
            self.on_no_ack()


def _lost() -> None:
    """An answer that did not go out: the request comes again, or its sender gives up."""
