"""Ordering a payment by telephone, and changing, calling off or starting one that was ordered: by the merchant's agents
and machines, on every face alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import opening, timeline, withdrawing
from backoffice.cases.forms import OpeningForm, errors_by_field
from backoffice.cases.models import Case, CaseState
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.customers import addresses
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.money import Money
from backoffice.money_fields import MoneyField, ReadsMoney
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.voice import linking, rights, screening, spoken_texts
from backoffice.payments.voice.models import MoneyState, VoiceCall, VoicePayment
from backoffice.payments.voice.records import call_under_way, payment_of
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, Refused
from backoffice.staff.rights import needs
from backoffice.text import kept
from backoffice.trust.limits import Limit, allowed, is_used_up
from workflows.voice_payment.facts import Heard, Mode, PaymentOpening, Told
from workflows.voice_payment.spec import TOLD, PaymentEnding

PROCESS = "voice_payment"
WRONG_STRANDS = Limit("voice_payment_strands", 20, timedelta(hours=1))
"""Orders of one agent whose number and card did not fit: nobody finds out numbers of customers by trying. After that
the right ones are refused as well."""
WRONG_STRANDS_OF_MERCHANT = Limit("voice_payment_strands_of_merchant", 100, timedelta(hours=1))
"""The same of all agents and machines of one merchant together."""
MOST_VERSIONS = 20
NO_MATCH = _(
    "With this number and card no payment can be ordered. Ask the customer for the telephone number that we have of"
    " them, and read the last four digits of the card back."
)


class TooManyTries(Refused):
    """This agent has tried too many numbers and cards within the hour."""

    status = 429


class OrderForm(ReadsMoney, OpeningForm):
    """What a merchant's agent knows of an order. The digits of the card are not among it."""

    intro = _(
        "The customer's own telephone rings. A voice reads out who gets how much for what, and they pay by its keys."
        " You hear none of them."
    )
    submit = _("Order the payment")

    amount = MoneyField(label=_("Amount"))
    what_for = forms.CharField(
        label=_("What is it for?"),
        max_length=spoken_texts.LONGEST,
        help_text=_("It is read out to the customer: write it as it is spoken."),
        error_messages={"required": _("Say what it is for.")},
    )
    phone = forms.CharField(
        label=_("The customer's telephone"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        help_text=_("The number that we have of them. It rings, and no other."),
        error_messages={"required": _("Enter the telephone number of the customer.")},
    )
    last_four = forms.CharField(
        label=_("Last four digits of the card"),
        max_length=4,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Never ask for more than these four."),
        error_messages={"required": _("Enter the last four digits of the card.")},
    )
    card = forms.UUIDField(
        label=_("Token of the card"), required=False, help_text=_("Instead of the digits, where your system has one.")
    )
    mode = forms.ChoiceField(
        label=_("How do you reach the customer?"),
        choices=[
            (Mode.CALL_OUT.value, _("We ring the customer, and you when they have agreed")),
            (Mode.SAME_CALL.value, _("We ring you, and put you through to the customer first")),
        ],
        initial=Mode.CALL_OUT.value,
        widget=forms.RadioSelect,
    )
    merchant_reference = forms.CharField(
        label=_("Your own reference"), max_length=40, required=False, help_text=_("It is not read out.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agent = agent_of(self.by)
        if self.by.channel is Channel.PORTAL:
            del self.fields["card"]  # Machines hold tokens; people read four digits.
            self.fields["last_four"].required = True
        amount = self.fields["amount"]
        assert isinstance(amount, MoneyField)
        if agent is not None:
            amount.currency = agent.merchant.currency
            most = agent.merchant.limits.per_payment
            amount.most = {most.currency: most.minor}
            amount.help_text = _t("At most %(most)s.") % {"most": most.shown()}

    def clean_what_for(self) -> str:
        text = kept(str(self.cleaned_data["what_for"]))
        if refusal := spoken_texts.why_not(text):
            raise forms.ValidationError(refusal)
        return text

    def clean_last_four(self) -> str:
        digits = str(self.cleaned_data["last_four"])
        if digits and not (len(digits) == 4 and digits.isascii() and digits.isdigit()):
            raise forms.ValidationError(_t("Enter exactly the last four digits."))
        return digits

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        both = cleaned.get("last_four"), cleaned.get("card")
        if not any(both) and "last_four" not in self.errors and "card" not in self.errors:
            self.add_error("last_four", _t("Enter the last four digits of the card, or its token."))
        if all(both):
            self.add_error("card", _t("Give either the digits or the token, not both."))
        return cleaned


def agent_of(by: Actor) -> MerchantAgent | None:
    """The agent who acts; None for everybody else, and for one who was removed."""
    try:
        public_id = UUID(by.id)
    except ValueError:
        return None
    found = MerchantAgent.objects.select_related("merchant__company").filter(public_id=public_id, removed_at=None)
    return found.first()


@needs(rights.ORDER)
def order(
    *, agent: MerchantAgent, data: Mapping[str, Any], key: str, by: Actor, now: datetime | None = None
) -> VoicePayment:
    """Orders a payment from the fields of `OrderForm`. The same `key` of the merchant with the same content gives the
    payment that was ordered. `now` is aware UTC.

    Raises `Invalid` with what is wrong on its field, also for a number and a card that do not fit together, in one
    sentence for all who are not customers, have another number or another card; `Conflict` for what the merchant may
    not take and for what the risk rules refuse; `TooManyTries`; `Forbidden` for another merchant's agent.
    """
    now = now or timezone.now()
    if agent_of(by) != agent:
        raise Forbidden("not_the_agent", _t("Only the agents of an admitted merchant order payments for it."))
    customer = _customer_of(agent, data, now=now)
    known = f"order:{agent.merchant_id}:{no_card_numbers.as_key(key)}"
    case, _is_new = opening.open_by_form(process=PROCESS, by=by, key=known, data=data, customer=customer, now=now)
    return VoicePayment.objects.select_related("case", "merchant", "agent").get(case=case)


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> PaymentOpening:
    """Runs in the opening's transaction. The merchant is locked, so that two orders do not share one limit."""
    agent = agent_of(by)
    if agent is None:
        raise Forbidden("not_the_agent", _t("Only the agents of an admitted merchant order payments for it."))
    merchant = Merchant.objects.select_for_update().select_related("company").get(pk=agent.merchant_id)
    mode = Mode(str(content["mode"]))
    if mode is Mode.SAME_CALL and not agent.telephone:
        raise Conflict("no_telephone", _t("We have no telephone of yours that we could ring."), field="mode")
    if mode is Mode.SAME_CALL and not agent.may_be_rung:
        sentence = _t("It costs extra to ring your telephone, so we do not. Have your company give us another number.")
        raise Conflict("telephone_refused", sentence, field="mode")
    card, last_four = _card_of(case.customer, content)
    payment = VoicePayment(
        case=case,
        merchant=merchant,
        agent=agent,
        merchant_reference=kept(str(content["merchant_reference"])),
        what_for=content["what_for"],
        amount=_money(content["amount"]).minor,
        currency=merchant.currency,
        mode=mode.value,
        card=card,
        last_four=last_four,
        brand=card.brand if card else "",
        point=_number_of(case.customer),
        ordered_at=now,
    )
    screening.refuse(payment, now=now)
    payment.save(force_insert=True)
    case.subject = f"{merchant.trading_name} ····{last_four}"
    told = {"payee": merchant.trading_name, "amount": payment.sum.shown("en")}
    timeline.note(case, "payment.ordered", by=by, data=told, at=now)
    return PaymentOpening(mode=mode, accompanied=agent.may_be_rung)


@needs(rights.CHANGE_ORDER)
def change(*, payment: VoicePayment, amount: Money, what_for: str, by: Actor, now: datetime) -> VoicePayment:
    """What was read out before does not count any more, and it is read out again (threat 18). Nothing changes where
    both are as they are.

    Raises `Invalid` on `amount` and `what_for`, `Conflict` once the bank is asked, for a case that is over and for what
    the risk rules refuse, and `NotFound` for another merchant's payment.
    """
    with changing(payment.case_id) as case:
        fresh = _own(case, by)
        _check_open(case, fresh, _t("The bank is asked already, so the order cannot be changed. Call it off instead."))
        if refusal := spoken_texts.why_not(what_for):
            raise Invalid({"what_for": [refusal]})
        if (fresh.sum, fresh.what_for) == (amount, kept(what_for)):
            return fresh
        if fresh.version >= MOST_VERSIONS:
            raise Conflict("too_many_changes", _t("This order was changed too often. Call it off, and order anew."))
        if amount.currency != fresh.currency:
            raise Invalid({"amount": [_t("The currency of an order cannot be changed.")]})
        fresh.amount, fresh.what_for, fresh.version = amount.minor, kept(what_for), fresh.version + 1
        screening.refuse(fresh, now=now)
        fresh.save(update_fields=["amount", "what_for", "version"])
        linking.void(fresh, now=now)
        told = {"amount": amount.shown("en"), "version": str(fresh.version)}
        timeline.note(case, "payment.order_changed", by=by, data=told, at=now)
        return fresh


@needs(rights.CHANGE_ORDER)
def cancel(*, payment: VoicePayment, by: Actor, now: datetime) -> None:
    """Calls the order off. Raises `Conflict` once it is paid or over, and `NotFound` for another merchant's."""
    with changing(payment.case_id) as case:
        _own(case, by)
        if case.past_no_return or case.state == CaseState.CLOSED:
            raise Conflict("too_late", _t("It is too late to call this off. Say that you cannot deliver instead."))
        withdrawing.stop_with(case, PaymentEnding.CALLED_OFF, by=by)


@needs(rights.CHANGE_ORDER)
def take_now(*, payment: VoicePayment, by: Actor, now: datetime) -> None:
    """In the same call: has it read out and paid now. Twice is once. Raises `Conflict` unless agent and customer are on
    the line, and `NotFound` for another merchant's payment."""
    with changing(payment.case_id) as case:
        fresh = _own(case, by)
        call = call_under_way(fresh)
        if fresh.mode != Mode.SAME_CALL or call is None or not _both_there(call):
            raise Conflict("not_on_the_line", _t("You and the customer are not on the line together now."))
        if call.asked:
            return
        call.asked = 1
        call.save(update_fields=["asked"])
        timeline.note(case, "payment.taken_up", by=by, at=now)
        signal(case, TOLD, Told(call=call.number, what=Heard.TAKE_NOW))


def own_payment(reference: str, *, agent: MerchantAgent) -> VoicePayment:
    """The payment of a case's reference, for an agent of its merchant. Raises `NotFound` for all others."""
    found = VoicePayment.objects.select_related("case", "merchant", "agent", "card", "point")
    payment = found.filter(case__reference=reference, merchant_id=agent.merchant_id).first()
    if payment is None:
        raise NotFound("unknown_payment", _t("There is no such payment."))
    return payment


def _both_there(call: VoiceCall) -> bool:
    return call.is_joined and call.customer == call.agent == "up"


def _own(case: Case, by: Actor) -> VoicePayment:
    agent, payment = agent_of(by), payment_of(case)
    if agent is None or agent.merchant_id != payment.merchant_id:
        raise NotFound("unknown_payment", _t("There is no such payment."))
    return payment


def _check_open(case: Case, payment: VoicePayment, too_late: str) -> None:
    if case.state in (CaseState.CLOSED, CaseState.STOPPING):
        raise Conflict("over", _t("This order is over."))
    if payment.money != MoneyState.NOTHING:
        raise Conflict("too_late", too_late)


def _customer_of(agent: MerchantAgent, data: Mapping[str, Any], *, now: datetime) -> Customer:
    """Whose number and card these are. What is wrong in the form itself is told first."""
    form = OrderForm(data, customer=agent.merchant.company, by=_actor_of(agent))
    if not form.is_valid():
        raise Invalid(errors_by_field(form))
    limits = ((WRONG_STRANDS, str(agent.public_id)), (WRONG_STRANDS_OF_MERCHANT, str(agent.merchant_id)))
    if any(is_used_up(limit, whose, now=now) for limit, whose in limits):
        raise TooManyTries(
            "too_many_tries",
            _t("Too many numbers and cards did not fit together within an hour. Go on later."),
            field="phone",
        )
    typed = str(form.cleaned_data["phone"])
    number = addresses.clean(kind=ContactKind.PHONE, value=typed, country=agent.merchant.company.country, field="phone")
    customers = _reached_at(number)
    token, last_four = form.cleaned_data["card"], form.cleaned_data["last_four"]
    cards = CardOnFile.objects.filter(customer__in=customers, forgotten_at=None)
    cards = cards.filter(public_id=token) if token else cards.filter(last_four=last_four)
    theirs = {card.customer_id for card in cards}
    fitting = [one for one in customers if one.pk in theirs] or ([] if token else list(customers))
    if len(fitting) == 1:
        return fitting[0]
    for limit, whose in limits:
        allowed(limit, whose, now=now)
    raise Invalid({"phone": [str(NO_MATCH)]})


def _reached_at(number: str) -> Sequence[Customer]:
    index = addresses.index_of(kind=ContactKind.PHONE, value=number)
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index=index, superseded_at=None)
    return [point.customer for point in points.select_related("customer")[:10]]


def _actor_of(agent: MerchantAgent) -> Actor:
    return Actor(kind=ActorKind.OUTSIDE, id=str(agent.public_id))


def _card_of(customer: Customer, content: Mapping[str, Any]) -> tuple[CardOnFile | None, str]:
    """The card on file that was named, and its last four digits. Of two that end alike the newer one."""
    cards = CardOnFile.objects.filter(customer=customer, forgotten_at=None).order_by("-kept_at")
    if content.get("card"):
        card = cards.filter(public_id=str(content["card"])).first()
        if card is None:
            raise Invalid({"phone": [str(NO_MATCH)]})
        return card, card.last_four
    last_four = str(content["last_four"])
    return cards.filter(last_four=last_four).first(), last_four


def _number_of(customer: Customer) -> ContactPoint:
    return ContactPoint.objects.get(customer=customer, kind=ContactKind.PHONE, superseded_at=None)


def _money(content: Any) -> Money:
    """Of an amount as the content of an opening holds it: "500.00 EUR"."""
    amount, _blank, currency = cast("str", content).partition(" ")
    return Money.of(Decimal(amount), currency)
