"""Client transactions: one request of ours and what comes back (RFC 3261, 17.1, with RFC 6026)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from backoffice.voice.sip.alarms import Alarms
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import Request, Response, ack_of, cseq_of, top_via
from backoffice.voice.sip.timers import Timers
from backoffice.voice.sip.wire import Wire

Key = tuple[str, str]
"""Branch and method (RFC 3261, 17.1.3)."""


class ClientState(Enum):
    CALLING = auto()
    """Also called "Trying" for a request other than INVITE."""
    PROCEEDING = auto()
    COMPLETED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


class NoResponse(Enum):
    """Why a transaction ends without an answer; each counts as this status (RFC 3261, 8.1.3.1)."""

    TIMED_OUT = 408
    TRANSPORT_FAILED = 503


class ClientTransaction:
    """A request other than INVITE and ACK. `on_response` gets each answer once, `on_failure` why there is none."""

    def __init__(
        self,
        request: Request,
        hop: Hop,
        *,
        wire: Wire,
        timers: Timers,
        on_response: Callable[[Response], None],
        on_failure: Callable[[NoResponse], None],
        on_end: Callable[[ClientTransaction], None],
    ) -> None:
        self.request = request
        self.hop = hop
        self.key: Key = (top_via(request).branch or "", cseq_of(request)[1])
        self.state = ClientState.CALLING
        self._wire = wire
        self._timers = timers
        self._on_response = on_response
        self._on_failure = on_failure
        self._on_end = on_end
        self._alarms = Alarms()

    def start(self) -> None:
        """Sends it, again by timer A or E, and gives up by timer B or F."""
        if not self.hop.transport.reliable:
            self._alarms.set("resend", self._timers.t1, lambda: self._resend(self._timers.t1))
        self._alarms.set("give_up", self._timers.gives_up, self._give_up)
        self._send(self.request)

    def take(self, response: Response) -> None:
        """An answer that belongs to it."""
        if self.state not in (ClientState.CALLING, ClientState.PROCEEDING):
            return
        if response.status_code < 200:
            self.state = ClientState.PROCEEDING
        else:
            self.state = ClientState.COMPLETED
            self._alarms.clear()
            self._linger(self._timers.t4)
        self._on_response(response)

    def end(self) -> None:
        """Forgets it at once."""
        if self.state is not ClientState.TERMINATED:
            self.state = ClientState.TERMINATED
            self._alarms.clear()
            self._on_end(self)

    def _resend(self, waited: float) -> None:
        wait = self._timers.t2 if self.state is ClientState.PROCEEDING else min(2 * waited, self._timers.t2)
        self._alarms.set("resend", wait, lambda: self._resend(wait))
        self._send(self.request)

    def _linger(self, seconds: float) -> None:
        """Timers D and K: over a reliable transport nothing comes again."""
        if self.hop.transport.reliable:
            self.end()
        else:
            self._alarms.set("end", seconds, self.end)

    def _give_up(self) -> None:
        self._fail(NoResponse.TIMED_OUT)

    def _fail(self, why: NoResponse) -> None:
        if self.state is not ClientState.TERMINATED:
            waited = self.state in (ClientState.CALLING, ClientState.PROCEEDING)
            self.end()
            if waited:
                self._on_failure(why)

    def _send(self, request: Request) -> None:
        self._wire.send(request, self.hop, lambda: self._fail(NoResponse.TRANSPORT_FAILED))


class InviteTransaction(ClientTransaction):
    """An INVITE of ours. Its TU gets each 2xx, also of other forks and sent again, since it must ACK each of them
    (RFC 3261, 13.2.2.4); other final answers are ACKed here."""

    def _resend(self, waited: float) -> None:
        self._alarms.set("resend", 2 * waited, lambda: self._resend(2 * waited))
        self._send(self.request)

    def take(self, response: Response) -> None:
        """An answer that belongs to it."""
        if self.state in (ClientState.CALLING, ClientState.PROCEEDING):
            self._take_first(response)
        elif self.state is ClientState.ACCEPTED and 200 <= response.status_code < 300:
            self._on_response(response)
        elif self.state is ClientState.COMPLETED and response.status_code >= 300:
            self._send(ack_of(self.request, response))

    def _take_first(self, response: Response) -> None:
        self._alarms.clear()
        if response.status_code < 200:
            self.state = ClientState.PROCEEDING
        elif response.status_code < 300:
            self.state = ClientState.ACCEPTED
            self._alarms.set("end", self._timers.gives_up, self.end)
        else:
            self.state = ClientState.COMPLETED
            self._send(ack_of(self.request, response))
            self._linger(self._timers.absorbs_answers)
        self._on_response(response)
