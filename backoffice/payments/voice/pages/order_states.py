"""How an order stands, in the words for the merchant that ordered it: how far the call is, what came of it, what
happens if the line drops, and what can be done. It never says why the bank said no, how many digits were keyed in, or
who the customer is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import CaseState
from backoffice.cases.sentences import Text
from backoffice.money import Money
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.merchants.standing import why_not_take
from backoffice.payments.voice.models import Fulfilment, MoneyState, VoiceCall, VoicePayment
from backoffice.telephony.models import CallOutcome
from backoffice.ui.states import State
from backoffice.voice.contract import Item, Stage, TelephoneState
from workflows.voice_payment.facts import Mode
from workflows.voice_payment.spec import TRIES, PaymentEnding, PaymentStage

LOOKS_OFTEN, LOOKS_EVERY, LOOKS_SELDOM = 1, 2, 15
"""How often the page looks for news, in seconds: while the customer pays, while somebody may be on the telephone, and
while a person is asked first."""
_PAYS = frozenset({PaymentStage.CAPTURING, PaymentStage.ASKING_BANK, PaymentStage.AUTHORISED})
FRESH_FOR = 10
"""After so many seconds without an answer the page says that it does not know how the call is."""
_NOT_CONFIRMED = _("The customer did not confirm the order.")
WHY_NOT_PAID: Mapping[str, Text] = {
    PaymentEnding.DENIED: _("We did not let this payment through."),
    PaymentEnding.NOT_THEIRS: _NOT_CONFIRMED,
    PaymentEnding.NOT_CONFIRMED: _NOT_CONFIRMED,
    PaymentEnding.NO_DOCUMENT: _NOT_CONFIRMED,
    PaymentEnding.NOT_REACHED: _("The customer was not reached."),
    PaymentEnding.NOT_NOW: _("We may not ring this customer at the moment of the order. Agree on another time."),
    PaymentEnding.STOPPED: _("The customer stopped the payment."),
    PaymentEnding.HUNG_UP: _("The call ended before the customer had paid."),
    PaymentEnding.NOTHING_KEYED: _("Nothing usable was keyed in."),
    PaymentEnding.OTHER_CARD: _("Another card was keyed in than the one of the order."),
    PaymentEnding.NOT_TAKEN: _("The payment could not be taken, for a technical reason."),
    PaymentEnding.LINE_LOST: _("The line was lost twice."),
    PaymentEnding.DECLINED: _("The bank did not approve it."),
    PaymentEnding.CALLED_OFF: _("Your company called it off."),
}
_ITEMS: Mapping[str, Text] = {
    Item.CARD_NUMBER: _("the number of the card"),
    Item.EXPIRY: _("the expiry date of the card"),
    Item.SECURITY_CODE: _("the security code"),
}
_KEYING: Mapping[str, Text] = {
    Stage.ASKED: _("asked for %(item)s"),
    Stage.TYPING: _("typing %(item)s"),
    Stage.ENTERED: _("has keyed in %(item)s"),
    Stage.ASKED_AGAIN: _("asked for %(item)s once more"),
}


@dataclass(frozen=True)
class Telephone:
    """One of the two, in words, with one of the six states for its colour and shape."""

    whose: str
    says: str
    state: State


@dataclass(frozen=True)
class OrderState:
    """An order as its page shows it. `title` says where it stands, `then` what comes next, `if_dropped` what happens if
    the line drops. The reasons why not are empty where it may be done; `looks_every` is 0 once nothing moves by
    itself."""

    payment: VoicePayment
    state: State
    title: str
    then: str
    telephones: Sequence[Telephone]
    if_dropped: str
    why_not_change: str
    why_not_cancel: str
    can_take_now: bool
    asks_delivery: bool
    looks_every: int

    @property
    def is_live(self) -> bool:
        """Whether somebody may be on the telephone, so that an old page misleads."""
        return 0 < self.looks_every < LOOKS_SELDOM

    @property
    def version(self) -> str:
        """Changes whenever the page would look different."""
        shown = (self.title, self.then, self.if_dropped, self.why_not_change, self.why_not_cancel, self.can_take_now)
        seen = [*map(str, (*shown, self.asks_delivery)), *(one.says for one in self.telephones)]
        return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]


def why_not_order(merchant: Merchant) -> str:
    """Why nothing can be ordered for this merchant now, whatever the amount; empty when something may be."""
    nothing = Money(0, merchant.currency)
    return why_not_take(merchant, Money(1, merchant.currency), taken_today=nothing, taken_this_month=nothing)


def short_state(payment: VoicePayment) -> tuple[State, str]:
    """For a line of a list, which does not look again: nothing of a call."""
    case = payment.case
    if payment.money == MoneyState.REFUNDED:
        return State.STOPPED, _t("paid back")
    if payment.money == MoneyState.CAPTURED:
        asks = not payment.fulfilment
        return (State.CUSTOMER, _t("paid: say whether you delivered")) if asks else (State.DONE, _t("paid"))
    if case.state == CaseState.CLOSED:
        return State.STOPPED, _t("not paid")
    if case.state != CaseState.OPEN:
        return State.US, _t("paused") if case.state == CaseState.FROZEN else _t("being stopped")
    if payment.money != MoneyState.NOTHING:
        return State.OTHERS, _t("the bank is asked")
    if case.stage == PaymentStage.STEP_UP:
        return State.OTHERS, _t("the customer is asked first")
    return State.OTHERS, _t("on its way")


def state_of(payment: VoicePayment) -> OrderState:
    """How the order stands, read now. `payment` comes with its case, merchant and agent."""
    calls = list(VoiceCall.objects.filter(payment=payment).select_related("call").order_by("number"))
    last = calls[-1] if calls else None
    call = last if last is not None and last.ended_at is None else None
    state, title, then = _where(payment, call, last)
    is_open = payment.case.state == CaseState.OPEN
    moves = payment.case.state != CaseState.CLOSED and payment.money not in (MoneyState.CAPTURED, MoneyState.REFUNDED)
    return OrderState(
        payment=payment,
        state=state,
        title=title,
        then=then,
        telephones=_telephones(payment, call) if call is not None else (),
        if_dropped=_if_dropped(payment, call) if moves and is_open else "",
        why_not_change=_why_not_change(payment, moves=moves),
        why_not_cancel="" if moves and payment.case.state != CaseState.STOPPING else _t("It is over."),
        can_take_now=_can_take_now(payment, call),
        asks_delivery=payment.money == MoneyState.CAPTURED and not payment.fulfilment,
        looks_every=_looks_every(payment, call) if moves else 0,
    )


def _looks_every(payment: VoicePayment, call: VoiceCall | None) -> int:
    if call is None:
        return LOOKS_SELDOM if payment.case.stage == PaymentStage.STEP_UP else LOOKS_EVERY
    return LOOKS_OFTEN if payment.case.stage in _PAYS else LOOKS_EVERY


# --- where it stands --------------------------------------------------------------------------------------------------


def _where(payment: VoicePayment, call: VoiceCall | None, last: VoiceCall | None) -> tuple[State, str, str]:
    """The state, where it stands, and what comes next."""
    case = payment.case
    if payment.money == MoneyState.REFUNDED:
        return State.STOPPED, _t("Paid back to the customer"), _t("It goes to their card. Your account is charged.")
    if payment.money == MoneyState.CAPTURED:
        return _paid(payment)
    if case.state == CaseState.CLOSED:
        why = WHY_NOT_PAID.get(case.outcome_reason) or _("It was stopped.")
        return State.STOPPED, _t("Not paid"), f"{why} {_t('Nothing was taken from the customer.')}"
    if case.state == CaseState.STOPPING:
        return State.STOPPED, _t("It is being stopped"), _t("Nothing is taken. What the bank may hold is released.")
    if case.state == CaseState.FROZEN:
        return State.US, _t("We have paused this order"), _t("Nothing is taken while it is paused.")
    if payment.money == MoneyState.DECLINED:
        return State.STOPPED, _t("The bank did not approve it"), _t("Nothing was taken from the customer.")
    if payment.money == MoneyState.AUTHORISED:
        return State.OTHERS, _t("The bank approved it"), _t("The amount is being taken.")
    if payment.money == MoneyState.AUTHORISING or payment.token:
        then = _t("It is taken once at most, however long the bank takes. This page says when we know.")
        return State.OTHERS, _t("The bank is asked"), then
    return _on_the_telephone(payment, call, last)


def _paid(payment: VoicePayment) -> tuple[State, str, str]:
    if payment.fulfilment == Fulfilment.DONE:
        return State.DONE, _t("Paid, and delivered"), _t("There is nothing left to do.")
    if payment.fulfilment == Fulfilment.FAILED:
        return State.US, _t("Paid, and cannot be delivered"), _t("We give the customer the money back.")
    then = _t("Deliver it, and say so here. If you cannot, say that: the customer gets the money back.")
    return State.CUSTOMER, _t("Paid"), then


def _on_the_telephone(payment: VoicePayment, call: VoiceCall | None, last: VoiceCall | None) -> tuple[State, str, str]:
    if call is None:
        return _nobody_on_the_line(payment, last)
    if call.missed_at is not None:
        return State.ATTENTION, _t("We cannot see the call"), _t("In a moment we know whether the line still stands.")
    if call.customer != TelephoneState.UP:
        if payment.mode == Mode.SAME_CALL and call.agent != TelephoneState.UP:
            return State.CUSTOMER, _t("We ring you"), _t("Answer. We then put you through to the customer.")
        return State.OTHERS, _t("We ring the customer"), _t("When they answer, a voice reads the order out to them.")
    if payment.case.stage == PaymentStage.CAPTURING:
        return State.OTHERS, _t("The customer keys in"), _t("Then the bank is asked.")
    if payment.case.stage == PaymentStage.LINKED:
        then = _t("They press 1 to pay, 2 to hear it again, or the star to stop.")
        return State.OTHERS, _t("The order is read out to the customer"), then
    if payment.mode == Mode.SAME_CALL and not call.asked:
        then = _t("Talk about the order. Then have the payment taken.")
        return State.CUSTOMER, _t("You and the customer are on the line"), then
    return State.OTHERS, _t("The customer has answered"), _t("A voice reads the order out to them.")


def _nobody_on_the_line(payment: VoicePayment, last: VoiceCall | None) -> tuple[State, str, str]:
    if last is None:
        if payment.case.stage == PaymentStage.STEP_UP:
            then = _t("We ring them once that is settled. It can take a day or more. You need do nothing.")
            return State.OTHERS, _t("We ask the customer something first"), then
        return State.US, _t("Ordered"), _t("We look at the order, then the telephone rings.")
    outcome, rings_again = last.call.outcome, last.number < TRIES
    if rings_again and outcome == CallOutcome.BROKEN_OFF:
        return State.OTHERS, _t("The line dropped. Nothing was paid."), _t("We ring the customer again in a moment.")
    if rings_again and outcome == CallOutcome.NO_ANSWER:
        return State.OTHERS, _t("Nobody answered"), _t("We ring once more in a moment.")
    return State.OTHERS, _t("The call is over. Nothing was paid in it."), _t("In a moment this page says how it ends.")


def _if_dropped(payment: VoicePayment, call: VoiceCall | None) -> str:
    if payment.money == MoneyState.DECLINED:
        return ""
    if payment.money != MoneyState.NOTHING or payment.token:
        return _t("The line does not matter any more: the payment is taken once, or not at all.")
    if call is None:
        return ""
    if call.number < TRIES:
        return _t(
            "If the line drops, nothing is paid, and we ring the customer once more. If they hang up, nothing is paid, "
            "and the order ends."
        )
    return _t("If the line drops or the customer hangs up, nothing is paid, and the order ends.")


# --- the telephones ---------------------------------------------------------------------------------------------------


def _telephones(payment: VoicePayment, call: VoiceCall) -> Sequence[Telephone]:
    customer, agent = _t("The customer's telephone"), _t("Your telephone")
    if call.agent == "" and not payment.agent.telephone:
        return (Telephone(customer, *_customers(payment, call)),)
    return Telephone(customer, *_customers(payment, call)), Telephone(agent, *_agents(payment, call))


def _customers(payment: VoicePayment, call: VoiceCall) -> tuple[str, State]:
    if call.missed_at is not None:
        return _t("we cannot see it"), State.ATTENTION
    match call.customer:
        case TelephoneState.CALLING:
            return _t("being called"), State.OTHERS
        case TelephoneState.RINGING:
            return _t("ringing"), State.OTHERS
        case TelephoneState.OVER:
            return _t("hung up"), State.STOPPED
        case TelephoneState.UP:
            return _customer_up(payment, call)
    return _t("not rung yet"), State.OTHERS


def _customer_up(payment: VoicePayment, call: VoiceCall) -> tuple[str, State]:
    if call.keying and call.item:
        return str(_KEYING[call.keying]) % {"item": _ITEMS[call.item]}, State.CUSTOMER
    if call.is_joined and not call.is_cut:
        return _t("talking with you"), State.DONE
    if payment.case.stage == PaymentStage.LINKED:
        return _t("listening"), State.CUSTOMER
    return _t("on the line"), State.DONE


def _agents(payment: VoicePayment, call: VoiceCall) -> tuple[str, State]:
    if call.missed_at is not None:
        return _t("we cannot see it"), State.ATTENTION
    match call.agent:
        case TelephoneState.CALLING:
            return _t("being called"), State.OTHERS
        case TelephoneState.RINGING:
            return _t("ringing"), State.CUSTOMER
        case TelephoneState.OVER:
            return _t("hung up"), State.STOPPED
        case TelephoneState.UP:
            if call.is_cut:
                return _t("cut off: you hear silence until the customer is done"), State.OTHERS
            return (_t("talking with the customer") if call.is_joined else _t("on the line")), State.DONE
    if payment.money != MoneyState.NOTHING:
        return _t("not in this call"), State.STOPPED
    return _t("not rung yet"), State.OTHERS


# --- what can be done -------------------------------------------------------------------------------------------------


def _why_not_change(payment: VoicePayment, *, moves: bool) -> str:
    if not moves or payment.case.state == CaseState.STOPPING:
        return _t("It is over.")
    return "" if payment.money == MoneyState.NOTHING else _t("The bank is asked already.")


def _can_take_now(payment: VoicePayment, call: VoiceCall | None) -> bool:
    if payment.mode != Mode.SAME_CALL or call is None or payment.case.state != CaseState.OPEN or call.asked:
        return False
    return call.is_joined and call.customer == call.agent == TelephoneState.UP
