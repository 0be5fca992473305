"""A call that comes in (RFC 3261, 13.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import Call, CallState, Ending
from backoffice.voice.sip.dialogs import Dialog
from backoffice.voice.sip.hops import Hop
from backoffice.voice.sip.messages import Method, respond
from backoffice.voice.sip.sdp import Negotiation, NotAcceptable
from backoffice.voice.sip.server_transactions import InviteServerTransaction, ServerTransaction

if TYPE_CHECKING:
    from backoffice.voice.sip.user_agent import UserAgent


class IncomingCall(Call):
    """`called` and `caller` are the user parts of the Request-URI and of From, "" without one. The caller's is what
    they say, and proves nothing."""

    def __init__(self, agent: UserAgent, transaction: InviteServerTransaction, source: Hop, dialog: Dialog) -> None:
        super().__init__(agent, source)
        self.dialog = dialog
        self.called = messages.parse_address(f"<{transaction.request.uri}>").uri.user or ""
        self.caller = messages.parse_address(dialog.theirs).uri.user or ""
        self._invite = transaction
        self._offer = messages.sdp_of(transaction.request)
        self._takes_updates = messages.allows(transaction.request, Method.UPDATE)
        transaction.on_no_ack = None

    def ring(self) -> None:
        """Tells the caller that somebody is being asked."""
        if self.state is CallState.SETTING_UP and self.dialog is not None:
            response = respond(self._invite.request, 180, tag=self.dialog.our_tag)
            self._agent.add_contact(response, self._hop)
            self._invite.answer(response)

    def accept(self, negotiation: Negotiation) -> bool:
        """Answers it. False if it is over meanwhile, or if we cannot agree on sound, which refuses it with 488."""
        if self.state is not CallState.SETTING_UP:
            return False
        try:
            text, agreement = negotiation.answer(self._offer) if self._offer else (negotiation.offer(), None)
        except NotAcceptable:
            self.refuse(488)
            return False
        self.negotiation = negotiation
        self.state = CallState.UP
        self._answer_with(self._invite, text, offers=agreement is None)
        if agreement is not None:
            self.on_agreement(agreement)
        return True

    def refuse(self, status: int = 480) -> None:
        """Does not take it."""
        if self.state is CallState.SETTING_UP:
            self.status = status
            self._refuse_with(status)
            self._gone(Ending.NOT_ACCEPTABLE if status == 488 else Ending.BY_US)

    def hang_up(self) -> None:
        """Ends it; one that was not answered is refused."""
        if self.state is CallState.SETTING_UP:
            self.refuse()
        else:
            super().hang_up()

    def cancelled(self) -> None:
        """The caller does not want it any more."""
        if self.state is CallState.SETTING_UP:
            self._refuse_with(487)
            self._gone(Ending.CANCELLED)

    def take_request(self, transaction: ServerTransaction) -> None:
        """As for any call. A BYE before the answer ends the INVITE as well (15.1.2)."""
        was_setting_up = self.state is CallState.SETTING_UP
        super().take_request(transaction)
        if was_setting_up and transaction.request.method == Method.BYE and self.state is CallState.OVER:
            self._refuse_with(487)

    def _refuse_with(self, status: int) -> None:
        tag = self.dialog.our_tag if self.dialog is not None else messages.new_tag()
        self._invite.answer(respond(self._invite.request, status, tag=tag))
