"""What an agent says of a call while it goes on: a key and a button for each state. The digits lie together, so that
one hand stays on the telephone, and mean the same in every language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.refusals import Invalid
from backoffice.telephony import states
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.telephony.ports import BY_HAND
from backoffice.trust.models import Direction

FIELD = "state"


@dataclass(frozen=True)
class Press:
    """A key, the state that it reaches, and what came of a call that is over then. `name` is what the form sends."""

    name: str
    key: str
    label: str | Promise
    to: CallState
    outcome: str = ""


PRESSES: Sequence[Press] = (
    Press("dialling", "1", _("Dial"), CallState.DIALLING),
    Press("ringing", "2", _("It rings"), CallState.RINGING),
    Press("answered", "3", _("Somebody answered"), CallState.ANSWERED),
    Press("company_proven", "4", _("We have proven who we are"), CallState.COMPANY_PROVEN),
    Press("customer_proven", "5", _("Type the customer’s code"), CallState.CUSTOMER_PROVEN),
    Press("ended", "6", _("Ended: we have spoken"), CallState.ENDED, CallOutcome.SPOKEN),
    Press("no_answer", "7", _("Nobody answered"), CallState.NOT_ANSWERED, CallOutcome.NO_ANSWER),
    Press("busy", "8", _("Busy"), CallState.NOT_ANSWERED, CallOutcome.BUSY),
    Press("voicemail", "9", _("Voicemail"), CallState.VOICEMAIL, CallOutcome.VOICEMAIL),
    Press("rings_back", "0", _("The customer rings back"), CallState.ENDED, CallOutcome.RINGS_BACK),
)
CALL_OFF = Press("called_off", "6", _("Do not dial: call it off"), CallState.ENDED, CallOutcome.CALLED_OFF)
_NOT_OF_A_CALL_TO_US = ("dialling", "ringing", "answered", "company_proven", "no_answer", "busy", "voicemail")
_THE_USUAL_WAY = ("dialling", "ringing", "answered", "company_proven", "ended")
_KNOWN_BY_THE_TELEPHONE = (CallState.RINGING, CallState.ANSWERED, CallState.NOT_ANSWERED, CallState.VOICEMAIL)


@dataclass(frozen=True)
class StateKey:
    """A press on the screen now. `why_not` says why it cannot be pressed; `is_next` marks the most usual one, on which
    the focus is, so that Enter alone leads through a usual call."""

    press: Press
    why_not: str
    is_now: bool
    is_next: bool

    @property
    def name(self) -> str:
        return self.press.name

    @property
    def key(self) -> str:
        return self.press.key

    @property
    def is_code(self) -> bool:
        """It only leads to the field for the code: nobody says by a key that the customer has proven anything."""
        return self.press.to == CallState.CUSTOMER_PROVEN

    @property
    def label(self) -> str:
        return str(self.press.label)


def read(name: str) -> Press:
    """The press that a form sent. Raises `Invalid` on `state` for none of them."""
    found = next((one for one in (*PRESSES, CALL_OFF) if one.name == name), None)
    if found is None:
        raise Invalid({FIELD: [_t("Press one of the keys of the call.")]})
    return found


def of_call(call: Call, *, with_customer_proof: bool) -> list[StateKey]:
    """The keys of a call as it stands. `with_customer_proof` says whether the customer proves who they are in it."""
    shown = list(PRESSES)
    if call.direction == Direction.IN:
        shown = [one for one in shown if one.name not in _NOT_OF_A_CALL_TO_US]
    if not with_customer_proof:
        shown = [one for one in shown if one.to != CallState.CUSTOMER_PROVEN]
    if call.dialled_at is None and call.direction == Direction.OUT:
        shown = [CALL_OFF if one.name == "ended" else one for one in shown]
    why_not = {one.name: _why_not(call, one) for one in shown}
    usual = _usual(call, with_customer_proof=with_customer_proof)
    now = call.outcome or call.state
    return [
        StateKey(one, why_not[one.name], one.name == now, one.name == usual and not why_not[one.name]) for one in shown
    ]


def _usual(call: Call, *, with_customer_proof: bool) -> str:
    """The name of the press that usually comes next; empty for a call to us of which nobody knows yet what about."""
    if call.direction == Direction.IN and call.case_id is None:
        return ""
    proves_now = CallState.ANSWERED if call.direction == Direction.IN else CallState.COMPANY_PROVEN
    if call.state == proves_now and with_customer_proof:
        return "customer_proven"
    for name in _THE_USUAL_WAY:
        if read(name).to in states.next_states(call):
            return name
    return ""


def _by_how_it_went(call: Call, to: CallState) -> str:
    """A nearer reason than the one of the order of the states; empty where there is none."""
    if call.is_over:
        return ""
    if call.answered_at is not None:
        answered = _t("Somebody has answered.")
        return answered if to in (CallState.RINGING, CallState.ANSWERED, CallState.VOICEMAIL) else ""
    if to == CallState.ENDED and call.dialled_at is not None and call.adapter != BY_HAND:
        return _t("Nobody has answered yet. The telephone system says by itself when nobody does.")
    return ""


def _why_not(call: Call, press: Press) -> str:
    if press.to == call.state and press.outcome == call.outcome:
        return _t("This is where the call is now.")
    if refusal := states.why_not(call, press.to):
        return _by_how_it_went(call, press.to) or refusal
    if call.adapter != BY_HAND and press.to in _KNOWN_BY_THE_TELEPHONE:
        return _t("The telephone system says this by itself.")
    if press.outcome and press.outcome not in states.outcomes_of(call, press.to):
        return _t("Nobody answered yet, so nobody can ring back to be sure.")
    return ""
