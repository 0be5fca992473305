"""A call that stands: requests inside its dialog, in both directions (RFC 3261, sections 12 to 15)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from backoffice.voice.sip import messages, sessions
from backoffice.voice.sip.alarms import Alarms
from backoffice.voice.sip.client_transactions import NoResponse
from backoffice.voice.sip.dialogs import Dialog
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import Malformed, Method, Request, Response, respond
from backoffice.voice.sip.sdp import Agreement, Negotiation, NotAcceptable
from backoffice.voice.sip.server_transactions import InviteServerTransaction, ServerTransaction
from backoffice.voice.sip.sessions import Refresher, SessionTimer

if TYPE_CHECKING:
    from backoffice.voice.sip.user_agent import UserAgent


class CallState(Enum):
    SETTING_UP = auto()
    UP = auto()
    OVER = auto()


class Ending(Enum):
    """Why a call is over."""

    BY_THEM = auto()
    BY_US = auto()
    CANCELLED = auto()
    """By who called, before it was answered."""
    REFUSED = auto()
    """`Call.status` says with which answer."""
    NO_RESPONSE = auto()
    """The other side does not speak to us any more."""
    NOT_ACCEPTABLE = auto()
    """We could not agree on how to send sound."""


class Call:
    """One call, in or out. `on_over` and `on_agreement` are set by its owner right after it is made, and called from
    the event loop; `on_agreement` each time that the other side or we change what was agreed on."""

    on_over: Callable[[Ending], None]
    on_agreement: Callable[[Agreement], None]

    def __init__(self, agent: UserAgent, hop: Hop) -> None:
        self.state = CallState.SETTING_UP
        self.ending: Ending | None = None
        self.status = 0
        self.dialog: Dialog | None = None
        self.negotiation: Negotiation | None = None
        self.on_over = _ignore
        self.on_agreement = _ignore
        self._agent = agent
        self._hop = hop
        self._alarms = Alarms()
        self._answered: InviteServerTransaction | None = None
        self._offered_in_answer = False
        self._wants_to_end = False
        self._ack: tuple[int, Request, Hop] | None = None
        self._offering = False
        self._offer_waits = False
        self._session: SessionTimer | None = None
        self._takes_updates = False

    @property
    def owns_call_id(self) -> bool:
        """Whether we made its Call-ID; who did waits longer after a glare (RFC 3261, 14.1)."""
        return False

    def hang_up(self) -> None:
        """Ends it. Who answered may do so only once the ACK is there (RFC 3261, 15): until then it waits."""
        if self.state is not CallState.UP:
            return
        if self._answered is not None:
            self._wants_to_end = True
            return
        self._bye(Ending.BY_US)

    def offer_again(self) -> None:
        """Asks the other side to agree anew on `negotiation`, as after `Negotiation.hold`. Where it refuses, all stays
        as it was; where both ask at once, it is asked again a little later."""
        if self.state is not CallState.UP or self.negotiation is None or self.dialog is None:
            return
        if self._offering or self._answered is not None:
            self._offer_waits = True
            return
        self._offering, self._offer_waits = True, False
        request = self.dialog.request(Method.INVITE)
        self._agent.add_contact(request, self._hop)
        self._ask_to_keep(request)
        messages.with_body(request, self.negotiation.offer())
        self._agent.send(request, self._next_hop(), self._take_reoffered, self._reoffer_failed)

    def take_request(self, transaction: ServerTransaction) -> None:
        """A request in its dialog, except ACK and CANCEL."""
        request = transaction.request
        if self.dialog is None or not self.dialog.takes_number(request):
            transaction.answer(respond(request, 500))
        elif request.method == Method.BYE:
            transaction.answer(respond(request, 200))
            self._gone(Ending.BY_THEM)
        elif request.method == Method.OPTIONS:
            transaction.answer(self._agent.capabilities(request))
        elif request.method == Method.UPDATE:
            self._take_update(transaction)
        elif isinstance(transaction, InviteServerTransaction):
            self._take_reinvite(transaction)
        else:
            transaction.answer(self._agent.not_allowed(request))

    def take_ack(self, ack: Request) -> None:
        """The ACK of a 2xx of ours."""
        if self._answered is None or messages.cseq_of(ack)[0] != messages.cseq_of(self._answered.request)[0]:
            return
        self._answered = None
        self._alarms.drop("resend")
        self._alarms.drop("give_up")
        if self._offered_in_answer and not self._take_answer_in(ack):
            return
        if self._wants_to_end:
            self._bye(Ending.BY_US)
        elif self._offer_waits:
            self.offer_again()

    def _take_answer_in(self, ack: Request) -> bool:
        self._offered_in_answer = False
        try:
            self._agree(messages.sdp_of(ack) or "")
        except (NotAcceptable, Malformed):
            self._bye(Ending.NOT_ACCEPTABLE)
            return False
        return True

    def _take_reinvite(self, transaction: InviteServerTransaction) -> None:
        settled = self._settled_with(transaction.request)
        if isinstance(settled, Response):
            transaction.answer(settled)
            return
        text, agreement = settled
        if self.dialog is not None:
            self.dialog.refresh(transaction.request)
        self._answer_with(transaction, text, offers=agreement is None)
        if agreement is not None:
            self.on_agreement(agreement)

    def _take_update(self, transaction: ServerTransaction) -> None:
        """With or without an offer (RFC 3311, 5.2)."""
        request = transaction.request
        settled = self._settled_with(request)
        if isinstance(settled, Response):
            transaction.answer(settled)
            return
        text, agreement = settled
        response = respond(request, 200)
        self._agent.add_contact(response, self._hop)
        if self.dialog is not None:
            self.dialog.refresh(request)
        if self.state is CallState.UP:
            self._keep(sessions.answer(request, response))
        if agreement is not None:
            messages.with_body(response, text)
            self.on_agreement(agreement)
        transaction.answer(response)

    def _settled_with(self, request: Request) -> tuple[str, Agreement | None] | Response:
        """What we say to an INVITE or UPDATE, and what that settles, or the refusal. An INVITE without an offer gets
        ours, an UPDATE nothing. While one is under way none is taken (RFC 3261, 14.2; RFC 3311, 5.2)."""
        try:
            offer = messages.sdp_of(request)
        except Malformed:
            return self._agent.only_sdp(request)
        if offer is None and request.method == Method.UPDATE:
            return "", None
        if self._offering or self._answered is not None:
            return respond(request, 491)
        if self.state is not CallState.UP or self.negotiation is None:
            refusal = respond(request, 500)
            refusal.headers.set_single("Retry-After", "5")
            return refusal
        try:
            return self.negotiation.answer(offer) if offer else (self.negotiation.offer(), None)
        except NotAcceptable:
            return respond(request, 488)

    def _keep(self, timer: SessionTimer | None) -> None:
        """From now on the call is over unless it is refreshed in time (RFC 4028)."""
        self._session = timer
        self._alarms.drop("refresh")
        self._alarms.drop("expire")
        if timer is not None:
            self._alarms.set("expire", timer.ends_after, lambda: self._bye(Ending.NO_RESPONSE))
            if timer.ours:
                self._alarms.set("refresh", timer.refresh_after, self._refresh)

    def _ask_to_keep(self, request: Request) -> None:
        """Every change of ours refreshes, and leaves it to whom it was left to."""
        if self._session is not None:
            refresher = Refresher.UAC if self._session.ours else Refresher.UAS
            sessions.ask(request, seconds=self._session.seconds, refresher=refresher)

    def _refresh(self) -> None:
        """By UPDATE, which changes nothing else, where the other side takes it."""
        if self.dialog is None or not self._takes_updates:
            self.offer_again()
            return
        request = self.dialog.request(Method.UPDATE)
        self._agent.add_contact(request, self._hop)
        self._ask_to_keep(request)
        self._agent.send(request, self._next_hop(), self._take_refreshed, self._reoffer_failed)

    def _take_refreshed(self, response: Response) -> None:
        """One that is refused for now is tried again; if none is taken in time, the call ends."""
        status = response.status_code
        if status < 200 or self.dialog is None or self.state is not CallState.UP:
            return
        if status < 300:
            self.dialog.refresh(response)
            self._keep(sessions.granted(response))
        elif status in (408, 481):
            self._bye(Ending.NO_RESPONSE)
        else:
            self._alarms.set("refresh", self._after_glare(), self.offer_again)

    def _answer_with(self, transaction: InviteServerTransaction, text: str, *, offers: bool) -> None:
        """A 2xx to an INVITE, sent again until its ACK comes (13.3.1.4)."""
        response = respond(transaction.request, 200, tag=self.dialog.our_tag if self.dialog else "")
        for route in transaction.request.headers.get("record-route"):
            response.headers.append("Record-Route", route)
        self._agent.add_contact(response, self._hop)
        messages.with_body(response, text)
        self._keep(sessions.answer(transaction.request, response))
        transaction.on_ack = self.take_ack
        self._answered, self._offered_in_answer = transaction, offers
        transaction.answer(response)
        timers = self._agent.timers
        self._alarms.set("resend", timers.t1, lambda: self._resend(transaction, response, timers.t1))
        self._alarms.set("give_up", timers.gives_up, self._no_ack)

    def _resend(self, transaction: InviteServerTransaction, response: Response, waited: float) -> None:
        wait = min(2 * waited, self._agent.timers.t2)
        self._alarms.set("resend", wait, lambda: self._resend(transaction, response, wait))
        transaction.answer(response)

    def _no_ack(self) -> None:
        self._answered = None
        self._bye(Ending.NO_RESPONSE)

    def _take_reoffered(self, response: Response) -> None:
        if response.status_code < 200 or self.dialog is None:
            return
        number = messages.cseq_of(response)[0]
        if response.status_code < 300:
            self._acknowledge(response, number)
            if self._offering:
                self._offering = False
                self.dialog.refresh(response)
                self._keep(sessions.granted(response))
                self._take_answer_to_reoffer(response)
            return
        self._offering = False
        if response.status_code == 491:
            self._alarms.set("offer_again", self._after_glare(), self.offer_again)
        elif response.status_code in (408, 481):
            self._bye(Ending.NO_RESPONSE)

    def _take_answer_to_reoffer(self, response: Response) -> None:
        if self.state is not CallState.UP:
            return
        try:
            self._agree(messages.sdp_of(response) or "")
        except (NotAcceptable, Malformed):
            self._bye(Ending.NOT_ACCEPTABLE)
            return
        if self._offer_waits:
            self.offer_again()

    def _reoffer_failed(self, _why: NoResponse) -> None:
        self._offering = False
        self._bye(Ending.NO_RESPONSE)

    def _after_glare(self) -> float:
        """Seconds, in steps of 10 ms (RFC 3261, 14.1)."""
        steps = 210 + secrets.randbelow(191) if self.owns_call_id else secrets.randbelow(201)
        return steps / 100

    def _agree(self, text: str) -> None:
        """Raises `NotAcceptable`."""
        if self.negotiation is None:
            raise NotAcceptable("no_media")
        self.on_agreement(self.negotiation.accept(text))

    def _acknowledge(self, response: Response, number: int) -> None:
        """The ACK of a 2xx, and the same one again for the same 2xx (13.2.2.4)."""
        if self.dialog is None:
            return
        if self._ack is None or self._ack[0] != number:
            ack, hop = self.dialog.request(Method.ACK, number=number), self._next_hop()
            self._agent.stamp(ack, hop)
            self._ack = number, ack, hop
        self._agent.send_ack(self._ack[1], self._ack[2])

    def _next_hop(self) -> Hop:
        return self._agent.next_hop(self.dialog, self._hop) if self.dialog is not None else self._hop

    def _bye(self, ending: Ending) -> None:
        """Sends BYE. For us it is over at once; the transaction sees to it that the other side hears of it."""
        if self.state is not CallState.OVER and self.dialog is not None:
            self._agent.send(self.dialog.request(Method.BYE), self._next_hop(), _ignore, _ignore)
        self._gone(ending)

    def _gone(self, ending: Ending) -> None:
        if self.state is CallState.OVER:
            return
        self.state, self.ending = CallState.OVER, ending
        self._alarms.clear()
        self._agent.forget(self)
        self.on_over(ending)


def _ignore(_what: object) -> None:
    pass
