"""A call that we make (RFC 3261, 13.2 and 9.1)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from aiosipua.auth import SipDigestAuth, answer_challenge

from backoffice.voice.sip import messages, sessions
from backoffice.voice.sip.calls import Call, CallState, Ending
from backoffice.voice.sip.client_transactions import ClientTransaction, NoResponse
from backoffice.voice.sip.dialogs import Dialog
from backoffice.voice.sip.hops import Hop, Way
from backoffice.voice.sip.messages import Malformed, Method, Request, Response
from backoffice.voice.sip.sdp import Negotiation, NotAcceptable

if TYPE_CHECKING:
    from backoffice.voice.sip.user_agent import UserAgent


HEARS_WITHIN = 4.0
"""Seconds after which a hop that has said nothing is left for the next one: three sendings over UDP. The last hop is
given the 32 seconds of RFC 3261."""


class OutgoingCall(Call):
    """`on_ringing` says that their telephone rings, `on_answered` that they took it: then it is UP. A call that ends
    before that says so by `on_over`.

    Of several ways the next is tried where one does not answer, cannot be sent to, or says 503 (RFC 3263, 4.3). A hop
    that answers after it was left is told that it is too late. A session description before the answer is not taken:
    who waits hears our own ringing tone, and no announcement of a network is taken for somebody who answered.
    """

    on_ringing: Callable[[], None]
    on_answered: Callable[[], None]

    def __init__(
        self, agent: UserAgent, ways: Sequence[Way], negotiation: Negotiation, *, account: SipDigestAuth | None
    ) -> None:
        super().__init__(agent, ways[0].hop)
        self.negotiation = negotiation
        self.on_ringing = self.on_answered = _nothing
        self._uri = ways[0].uri
        self._others = list(ways[1:])
        self._left: set[int] = set()
        """The numbers of INVITEs by ways that were left, and that are cancelled."""
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
        if self._others:
            self._alarms.set("next_way", HEARS_WITHIN, self._go_on)
        number = self._number
        take = partial(self._take_of, number, request, self._hop)
        sent = self._agent.send(request, self._hop, take, partial(self._failed, number))
        if number == self._number:  # else it could not be sent at all, and the next way is tried already
            self._transaction = sent

    def hang_up(self) -> None:
        """Ends it. One that was not answered yet is cancelled, as soon as the other side has said anything (9.1)."""
        if self.state is not CallState.SETTING_UP:
            super().hang_up()
        elif not self._wants_to_cancel:
            self._wants_to_cancel = True
            self._alarms.drop("next_way")
            self._cancel()

    def _cancel(self) -> None:
        if self._transaction is not None and self._heard:
            cancel = messages.cancel_of(self._transaction.request)
            self._agent.send(cancel, self._hop, _ignore, _ignore)
            self._alarms.set("no_answer_to_cancel", self._agent.timers.gives_up, lambda: self._gone(Ending.BY_US))

    def _go_on(self) -> None:
        """By the next way, as if this one had not been tried; whoever challenges there is answered anew."""
        self._agent.reach.failed(self._hop)
        way = self._others.pop(0)
        self._hop, self._uri, self._credentials = way.hop, way.uri, None
        self._alarms.drop("next_way")
        self.start()

    def _take_of(self, number: int, invite: Request, hop: Hop, response: Response) -> None:
        """An answer to the INVITE of this number. One that was left is cancelled as soon as anything is heard of it,
        and ended where it was put through after all."""
        if number == self._number:
            self._take(response)
        elif response.status_code < 200 and number not in self._left:
            self._left.add(number)
            self._agent.send(messages.cancel_of(invite), hop, _ignore, _ignore)
        elif 200 <= response.status_code < 300:
            with contextlib.suppress(Malformed):  # without a way back nobody can be told
                self._agent.refuse_fork(Dialog.calling(invite, response), number, hop)

    def _take(self, response: Response) -> None:
        status = response.status_code
        self._alarms.drop("next_way")
        if status != 503:
            self._agent.reach.answered(self._hop)
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
        elif self.status == 503 and self._others:
            self._go_on()
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

    def _failed(self, number: int, why: NoResponse) -> None:
        if number != self._number or self.state is not CallState.SETTING_UP:
            return
        if self._others and not self._wants_to_cancel:
            self._go_on()
        else:
            self._agent.reach.failed(self._hop)
            self.status = why.value
            self._gone(Ending.BY_US if self._wants_to_cancel else Ending.NO_RESPONSE)


def _nothing() -> None:
    pass


def _ignore(_what: object) -> None:
    pass
