"""A call that we make (RFC 3261, 13.2 and 9.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiosipua.auth import SipDigestAuth, answer_challenge

from backoffice.voice.sip import messages, sessions
from backoffice.voice.sip.calls import Call, CallState, Ending
from backoffice.voice.sip.client_transactions import ClientTransaction, NoResponse
from backoffice.voice.sip.dialogs import Dialog
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import Malformed, Method, Request, Response
from backoffice.voice.sip.sdp import Negotiation, NotAcceptable

if TYPE_CHECKING:
    from backoffice.voice.sip.user_agent import UserAgent


class OutgoingCall(Call):
    """`on_ringing` says that their telephone rings, `on_answered` that they took it: then it is UP. A call that ends
    before that says so by `on_over`."""

    on_ringing: Callable[[], None]
    on_answered: Callable[[], None]

    def __init__(
        self, agent: UserAgent, hop: Hop, negotiation: Negotiation, *, uri: str, account: SipDigestAuth | None
    ) -> None:
        super().__init__(agent, hop)
        self.negotiation = negotiation
        self.on_ringing = self.on_answered = _nothing
        self._uri = uri
        self._account = account
        self._call_id, self._tag = messages.new_call_id(), messages.new_tag()
        self._number = 0
        self._session_seconds = sessions.SECONDS
        self._transaction: ClientTransaction | None = None
        self._heard = False
        self._wants_to_cancel = False
        self._credentials: tuple[str, str] | None = None

    @property
    def owns_call_id(self) -> bool:
        return True

    def start(self) -> None:
        """Sends the INVITE, again with credentials, or with the refreshes that somebody on the way asks for."""
        if self.negotiation is None:
            return
        self._number += 1
        request = Request(method=Method.INVITE, uri=self._uri)
        request.headers.append("From", f"{self._agent.address(self._hop)};tag={self._tag}")
        request.headers.append("To", f"<{self._uri}>")
        request.headers.append("Call-ID", self._call_id)
        request.headers.append("CSeq", f"{self._number} INVITE")
        request.headers.append("Max-Forwards", "70")
        request.headers.append("Allow", ", ".join(messages.ALLOW))
        request.headers.append("Accept", messages.SDP)
        request.headers.append("User-Agent", messages.SERVER)
        if self._credentials is not None:
            request.headers.append(*self._credentials)
        self._agent.add_contact(request, self._hop)
        sessions.ask(request, seconds=self._session_seconds)
        messages.with_body(request, self.negotiation.offer())
        self._heard = False
        self._transaction = self._agent.send(request, self._hop, self._take, self._failed)

    def hang_up(self) -> None:
        """Ends it. One that was not answered yet is cancelled, as soon as the other side has said anything (9.1)."""
        if self.state is not CallState.SETTING_UP:
            super().hang_up()
        elif not self._wants_to_cancel:
            self._wants_to_cancel = True
            self._cancel()

    def _cancel(self) -> None:
        if self._transaction is not None and self._heard:
            cancel = messages.cancel_of(self._transaction.request)
            self._agent.send(cancel, self._hop, _ignore, _ignore)
            self._alarms.set("no_answer_to_cancel", self._agent.timers.gives_up, lambda: self._gone(Ending.BY_US))

    def _take(self, response: Response) -> None:
        status = response.status_code
        if status < 200:
            self._take_provisional(status)
        elif status < 300:
            self._take_success(response)
        elif self.state is CallState.SETTING_UP:
            self._take_refusal(response)

    def _take_provisional(self, status: int) -> None:
        first, self._heard = not self._heard, True
        if self._wants_to_cancel:
            if first:
                self._cancel()
        elif status in (180, 183) and self.state is CallState.SETTING_UP:
            self.on_ringing()

    def _take_success(self, response: Response) -> None:
        """The first one makes the call; one of another fork is acknowledged and ended; all are, when it is over."""
        if self._transaction is None:
            return
        invite = self._transaction.request
        try:
            dialog = Dialog.calling(invite, response)
        except Malformed:
            self._gone(Ending.NO_RESPONSE)
            return
        if self.dialog is not None and self.dialog.id == dialog.id:
            self._acknowledge(response, self._number)
            return
        if self.dialog is not None or self.state is CallState.OVER:
            self._agent.refuse_fork(dialog, self._number, self._hop)
            return
        self.dialog = dialog
        self._agent.remember(self)
        self._acknowledge(response, self._number)
        self._begin(response)

    def _begin(self, response: Response) -> None:
        self._alarms.clear()
        self.state = CallState.UP
        if self._wants_to_cancel:
            self._bye(Ending.BY_US)
            return
        try:
            self._agree(messages.sdp_of(response) or "")
        except (NotAcceptable, Malformed):
            self._bye(Ending.NOT_ACCEPTABLE)
            return
        self._takes_updates = messages.allows(response, Method.UPDATE)
        self._keep(sessions.granted(response))
        self.on_answered()

    def _take_refusal(self, response: Response) -> None:
        self.status = response.status_code
        if self._wants_to_cancel:
            self._gone(Ending.BY_US)
        elif self.status in (401, 407) and self._credentials is None and self._can_answer(response):
            self.start()
        elif self.status == 422 and (sessions.least_of(response) or 0) > self._session_seconds:
            self._session_seconds = sessions.least_of(response) or 0
            self.start()
        else:
            self._gone(Ending.REFUSED)

    def _can_answer(self, challenge: Response) -> bool:
        if self._account is None:
            return False
        self._credentials = answer_challenge(self._account, challenge, self.status, Method.INVITE, self._uri)
        return self._credentials is not None

    def _failed(self, why: NoResponse) -> None:
        if self.state is CallState.SETTING_UP:
            self.status = why.value
            self._gone(Ending.BY_US if self._wants_to_cancel else Ending.NO_RESPONSE)


def _nothing() -> None:
    pass


def _ignore(_what: object) -> None:
    pass
