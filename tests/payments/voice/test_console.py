"""The console of a merchant's agents: what it says is true, tells no secret, and no other merchant sees it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.cases.models import CaseState
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.payments.voice.models import MoneyState, VoiceCall, VoicePayment
from backoffice.payments.voice.pages.order_states import WHY_NOT_PAID, state_of
from backoffice.telephony.models import CallOutcome
from tests.factories import make_customer, make_staff, sign_in
from tests.payments.agents.companies import agent_in_front
from tests.payments.making import make_card_on_file, make_shop, make_voice_payment
from tests.payments.voice.calls import make_voice_call
from tests.payments.voice.ordered import phone_of
from workflows.voice_payment.spec import PaymentEnding, PaymentStage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def merchant() -> Merchant:
    return make_shop()


@pytest.fixture
def robin(merchant: Merchant) -> tuple[MerchantAgent, Client]:
    return agent_in_front(merchant)


def page(payment: VoicePayment, name: str = "order") -> str:
    return reverse(f"portal:voice_payment:{name}", args=[payment.case.reference])


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def at(payment: VoicePayment, stage: PaymentStage, **case: Any) -> VoicePayment:
    payment.case.stage = stage.value
    for name, value in case.items():
        setattr(payment.case, name, value)
    payment.case.save()
    return payment


def test_an_agent_orders_by_the_form_and_sees_the_order(robin: tuple[MerchantAgent, Client]) -> None:
    agent, client = robin
    customer = make_customer(days=4000)
    make_card_on_file(customer)
    data = {"amount": "25", "what_for": "two bunches of tulips", "phone": phone_of(customer), "last_four": "4242"}
    data |= {"mode": "call_out", "key": str(uuid.uuid4())}
    new = reverse("portal:voice_payment:new")

    sent = client.post(new, data)
    again = client.post(new, data)

    payment = VoicePayment.objects.get(agent=agent)
    assert sent.headers["Location"] == again.headers["Location"] == page(payment)
    shown = text_of(client, page(payment))
    assert "25.00 EUR, two bunches of tulips" in shown
    assert customer.family_name not in shown
    assert phone_of(customer) not in shown
    assert "25.00 EUR, two bunches of tulips" in text_of(client, reverse("portal:voice_payment:orders"))


def test_people_always_name_the_last_four_digits(robin: tuple[MerchantAgent, Client]) -> None:
    """Only machines have tokens to name instead."""
    new = reverse("portal:voice_payment:new")
    data = {"amount": "25", "what_for": "tulips", "phone": "+12025550100", "mode": "call_out"}

    refused = robin[1].post(new, data, follow=True)

    assert refused.context["form"].errors == {"last_four": ["Enter the last four digits of the card."]}
    assert "(optional)" not in text_of(robin[1], new).partition("Last four digits of the card")[2][:40]


def test_a_number_and_a_card_that_do_not_fit_are_said_on_the_field_and_nothing_is_ordered(
    robin: tuple[MerchantAgent, Client],
) -> None:
    data = {"amount": "0", "what_for": "tulips", "phone": "+12025550100", "last_four": "42", "mode": "call_out"}

    refused = robin[1].post(reverse("portal:voice_payment:new"), data, follow=True)

    assert set(refused.context["form"].errors) == {"amount", "last_four"}
    assert not VoicePayment.objects.exists()


def test_without_a_second_factor_or_as_anybody_else_there_is_no_console(merchant: Merchant) -> None:
    payment = make_voice_payment(agent=agent_in_front(merchant)[0])
    _agent, half_signed_in = agent_in_front(merchant, factor=False)
    staff, customer = sign_in(Client(), make_staff()), Client()
    company_user = merchant.company.user
    assert company_user is not None
    customer.force_login(company_user)
    addresses = [page(payment), page(payment, "order_status"), reverse("portal:voice_payment:orders")]

    for address in addresses:
        assert "/account/2fa/" in half_signed_in.get(address).headers["Location"]
        assert "login" in Client().get(address).headers["Location"]
        assert staff.get(address).status_code == customer.get(address).status_code == 404


def test_another_merchants_order_is_unknown_on_every_page(robin: tuple[MerchantAgent, Client]) -> None:
    theirs = make_voice_payment()

    for name in ("order", "order_status", "change", "cancel", "delivery"):
        assert robin[1].get(page(theirs, name)).status_code == 404
    for name in ("change", "cancel", "take_now", "delivery"):
        assert robin[1].post(page(theirs, name), {"amount": "1", "what_for": "tulips"}).status_code == 404
    assert theirs.case.reference not in text_of(robin[1], reverse("portal:voice_payment:orders"))


def test_a_suspended_merchants_agent_looks_and_does_not_order(robin: tuple[MerchantAgent, Client]) -> None:
    payment = make_voice_payment(agent=robin[0])
    Merchant.objects.update(state=MerchantState.SUSPENDED)

    shown = text_of(robin[1], reverse("portal:voice_payment:new"))

    assert "Your company is suspended for now" in shown
    assert "<textarea" not in shown
    assert 'name="amount"' not in shown
    assert robin[1].get(page(payment)).status_code == 200


@pytest.mark.parametrize("ending", list(PaymentEnding))
def test_why_nothing_was_paid_is_told_without_the_banks_reason_and_what_we_suspect(
    robin: tuple[MerchantAgent, Client], ending: PaymentEnding
) -> None:
    payment = make_voice_payment(agent=robin[0], money=MoneyState.DECLINED, decline="stolen")
    at(payment, PaymentStage.CALLING, state=CaseState.CLOSED, outcome="rejected", outcome_reason=ending.value)
    type(payment.case).objects.filter(pk=payment.case_id).update(closed_at=timezone.now())

    shown = state_of(payment)

    assert shown.title == "Not paid"
    assert str(WHY_NOT_PAID[ending]) in shown.then
    for word in ("stolen", "risk", "fraud", "identity", "document"):
        assert word not in f"{shown.title} {shown.then}".lower()


TYPING = {"customer": "up", "agent": "up", "is_cut": True, "item": "security_code", "keying": "typing"}
MOMENTS: list[tuple[PaymentStage, dict[str, Any], str, list[str]]] = [
    (PaymentStage.CALLING, {"customer": "ringing"}, "We ring the customer", ["ringing", "not rung yet"]),
    (PaymentStage.LINKED, {"customer": "up"}, "The order is read out to the customer", ["listening", "not rung yet"]),
    (
        PaymentStage.CAPTURING,
        TYPING,
        "The customer keys in",
        ["typing the security code", "cut off: you hear silence until the customer is done"],
    ),
    (PaymentStage.CALLING, {"missed_at": timezone.now()}, "We cannot see the call", ["we cannot see it"] * 2),
]


@pytest.mark.parametrize(("stage", "call", "title", "telephones"), MOMENTS)
def test_both_telephones_are_told_in_words(
    robin: tuple[MerchantAgent, Client], stage: PaymentStage, call: dict[str, Any], title: str, telephones: list[str]
) -> None:
    payment = at(make_voice_payment(agent=robin[0]), stage)
    make_voice_call(payment, **call)

    shown = state_of(payment)

    assert (shown.title, [one.says for one in shown.telephones]) == (title, telephones)
    assert "once more" in shown.if_dropped


def over(outcome: CallOutcome, number: int = 1) -> Callable[[VoicePayment], VoiceCall]:
    return lambda payment: make_voice_call(payment, number=number, over=outcome, customer="over")


@pytest.mark.parametrize(
    ("call", "money", "title", "says"),
    [
        (over(CallOutcome.BROKEN_OFF), {}, "The line dropped. Nothing was paid.", "ring the customer again"),
        (over(CallOutcome.NO_ANSWER), {}, "Nobody answered", "ring once more"),
        (over(CallOutcome.BROKEN_OFF, 2), {}, "The call is over. Nothing was paid in it.", "how it ends"),
        (over(CallOutcome.BROKEN_OFF), {"token": "pm_1"}, "The bank is asked", "once at most"),
        (over(CallOutcome.BROKEN_OFF), {"money": MoneyState.AUTHORISING}, "The bank is asked", "once at most"),
        (over(CallOutcome.BROKEN_OFF), {"money": MoneyState.AUTHORISED}, "The bank approved it", "being taken"),
        (over(CallOutcome.SPOKEN), {"money": MoneyState.CAPTURED}, "Paid", "Deliver it"),
    ],
)
def test_a_line_that_dropped_is_told_as_it_is(
    call: Callable[[VoicePayment], VoiceCall], money: dict[str, Any], title: str, says: str
) -> None:
    payment = at(make_voice_payment(**money), PaymentStage.CAPTURING)
    call(payment)

    shown = state_of(payment)

    assert shown.title == title
    assert says in shown.then
    assert not shown.telephones


def test_the_page_looks_for_news_only_while_something_moves_and_gets_none_where_nothing_changed(
    robin: tuple[MerchantAgent, Client],
) -> None:
    payment = at(make_voice_payment(agent=robin[0]), PaymentStage.LINKED)
    call = make_voice_call(payment, customer="up")
    seen = robin[1].get(page(payment)).context["version"]
    status = page(payment, "order_status")

    assert robin[1].get(status, {"seen": seen}).status_code == 204
    VoiceCall.objects.filter(pk=call.pk).update(customer="over")
    assert robin[1].get(status, {"seen": seen}).status_code == 200
    VoicePayment.objects.update(money=MoneyState.CAPTURED, captured_at=timezone.now(), provider_payment="pi_1")
    assert "hx-get" not in text_of(robin[1], page(payment))


@pytest.mark.parametrize(
    ("stage", "every", "live"),
    [
        (PaymentStage.STEP_UP, 15, False),
        (PaymentStage.LINKED, 2, True),
        (PaymentStage.CAPTURING, 1, True),
        (PaymentStage.ASKING_BANK, 1, True),
        (PaymentStage.AUTHORISED, 1, True),
    ],
)
def test_while_the_customer_pays_the_page_looks_more_often(
    robin: tuple[MerchantAgent, Client], stage: PaymentStage, every: int, live: bool
) -> None:
    payment = at(make_voice_payment(agent=robin[0]), stage)
    if live:
        make_voice_call(payment, customer="up")

    shown = text_of(robin[1], page(payment))

    assert f'hx-trigger="every {every}s"' in shown
    assert ("data-fresh-for" in shown) is live


def test_what_was_paid_is_delivered_or_not_by_a_button(robin: tuple[MerchantAgent, Client]) -> None:
    payment = at(make_voice_payment(agent=robin[0], money=MoneyState.CAPTURED), PaymentStage.PAID)

    robin[1].post(page(payment, "delivery"))
    payment.refresh_from_db()
    assert payment.fulfilment == ""
    robin[1].post(page(payment, "delivery"), {"delivered": "yes"})

    payment.refresh_from_db()
    assert payment.fulfilment == "fulfilled"
    assert "Paid, and delivered" in text_of(robin[1], page(payment))


def test_changing_and_calling_off_go_by_the_rules(robin: tuple[MerchantAgent, Client]) -> None:
    payment = at(make_voice_payment(agent=robin[0]), PaymentStage.CALLING)

    robin[1].post(page(payment, "change"), {"amount": "30.00", "what_for": "three bunches of tulips"})

    payment.refresh_from_db()
    assert (payment.amount, payment.version) == (30_00, 2)
    robin[1].post(page(payment, "cancel"))
    payment.case.refresh_from_db()
    assert payment.case.state == CaseState.STOPPING
    assert "It is being stopped" in text_of(robin[1], page(payment))


def test_once_the_bank_has_said_no_nothing_is_said_of_the_line(robin: tuple[MerchantAgent, Client]) -> None:
    payment = at(make_voice_payment(agent=robin[0], money=MoneyState.DECLINED), PaymentStage.ASKING_BANK)
    make_voice_call(payment, customer="up")

    shown = text_of(robin[1], page(payment))

    assert "The bank did not approve it" in shown
    assert "If the line drops" not in shown
    assert "not rung yet" not in shown


def test_the_page_about_the_line_is_for_agents_and_for_customers(robin: tuple[MerchantAgent, Client]) -> None:
    payment = at(make_voice_payment(agent=robin[0]), PaymentStage.LINKED)
    make_voice_call(payment, customer="up")
    theirs, customers = reverse("portal:voice_payment:line_drops_for_agents"), Client()
    user = payment.case.customer.user
    assert user is not None
    customers.force_login(user)
    ours = reverse("portal:voice_payment:line_drops")

    assert theirs in text_of(robin[1], page(payment))
    assert "Do not offer to take the digits yourself" in text_of(robin[1], theirs)
    assert ours in text_of(customers, reverse("portal:case", args=[payment.case.reference]))
    assert "We ring you once more" in text_of(customers, ours)
    assert customers.get(theirs).status_code == 404
