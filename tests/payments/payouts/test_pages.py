"""What each party sees of a payout: the merchant its money, the desk everything, and the customer nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from backoffice.cases.models import CaseState
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.payments.payouts import shown
from backoffice.payments.payouts.models import Payout
from backoffice.payments.voice.models import VoicePayment
from backoffice.payments.voice.pages.order_shape import told
from backoffice.payments.voice.words import stands
from backoffice.portal import selectors
from backoffice.staff.models import Role
from backoffice.ui.states import State
from tests.factories import make_staff, now, sign_in
from tests.payments.agents.companies import agent_in_front
from tests.payments.making import make_shop
from tests.payments.payouts.paid import Shop, claim, look, pay, refund, settle

pytestmark = pytest.mark.django_db
MINE, ALL = reverse("portal:voice_payment:payouts"), reverse("admin:voice_payment:payouts")


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def words(payment: VoicePayment) -> str:
    found = shown.of_payment(payment)
    assert found is not None
    return f"{found.words}: {found.says}" if found.says else found.words


def test_a_merchant_that_was_never_paid_reads_what_will_stand_here() -> None:
    _agent, client = agent_in_front(make_shop())

    page = text_of(client, MINE)
    assert "Nothing to pay out yet" in page
    assert "no account yet: call us" in page
    assert "7 days after the delivery is reported" in page


def test_the_merchant_reads_how_much_when_and_after_which_fee(shop: Shop, delivered: VoicePayment) -> None:
    _agent, client = agent_in_front(shop.merchant)
    before = text_of(client, MINE)
    assert "at most 24.02 EUR" in before
    assert "comes once you have said that you delivered" in before
    settle(delivered)

    page = text_of(client, MINE)
    assert "24.02 EUR" in page
    assert "of 25.00 EUR, less 0.63 EUR for the payment provider and 0.35 EUR for us" in page
    assert f"paid out to acct ····{shop.merchant.payout_account[-4:]}" in page
    assert shop.merchant.payout_account not in page
    assert delivered.case.reference in page
    order = text_of(client, reverse("portal:voice_payment:order", args=[delivered.case.reference]))
    assert "What you get" in order
    assert "24.02 EUR" in order


def test_another_merchant_sees_nothing_of_it(delivered: VoicePayment) -> None:
    _agent, client = agent_in_front(make_shop())

    assert delivered.case.reference not in text_of(client, MINE)


def test_each_state_is_said_to_the_merchant_in_words(shop: Shop, delivered: VoicePayment) -> None:
    merchant = Merchant.objects.filter(pk=shop.merchant.pk)
    merchant.update(payout_delay=7)
    look(delivered)
    assert words(delivered).startswith("comes on ")
    Payout.objects.filter(payment=delivered).update(due_at=now())

    merchant.update(state=MerchantState.SUSPENDED)
    look(delivered)
    assert words(delivered) == "held: Your company is suspended. It goes on when that is lifted."
    merchant.update(state=MerchantState.ADMITTED, payout_account="")
    look(delivered)
    assert words(delivered) == "held: We know no account to which we can pay you. Call us."
    merchant.update(payout_account="acct_1234567890", payout_cools_until=now() + timedelta(hours=1))
    look(delivered)
    assert "Your account was changed" in words(delivered)
    opened = claim(delivered)
    look(delivered)
    assert "The customer disputes the payment" in words(delivered)
    opened.live = False
    opened.save()
    merchant.update(payout_cools_until=None)
    look(delivered)
    assert words(delivered) == "on its way to you"


def test_of_a_refunded_payment_nothing_comes(shop: Shop, delivered: VoicePayment) -> None:
    refund(shop, delivered, 25_00)
    look(delivered)

    found = shown.of_payment(VoicePayment.objects.get(pk=delivered.pk))
    assert found is not None
    assert (found.words, found.net.minor) == ("nothing to pay out: the customer has the money back", 0)


def test_machines_read_the_same_in_codes(delivered: VoicePayment) -> None:
    payout = settle(delivered)

    assert told(VoicePayment.objects.get(pk=delivered.pk))["payout"] == {
        "state": "paid",
        "held_because": "",
        "amount": "24.02",
        "is_final": True,
        "provider_fee": "0.63",
        "our_fee": "0.35",
        "kept_for_a_debt": "0.00",
        "due_at": payout.due_at,
        "paid_at": payout.paid_at,
        "reference": payout.transfer,
    }


def test_the_desk_lists_all_and_narrows_them_by_state_and_merchant(
    shop: Shop, delivered: VoicePayment, client: Client
) -> None:
    settle(delivered)
    held = pay(shop)
    claim(held)
    look(held)
    sign_in(client, make_staff(role=Role.COMPLIANCE))

    page = text_of(client, ALL)
    assert delivered.case.reference in page
    assert "The customer disputes the payment" in page
    only_held = text_of(client, f"{ALL}?state=held&merchant={shop.merchant.public_id}")
    assert held.case.reference in only_held
    assert delivered.case.reference not in only_held
    assert "Nothing here" in text_of(client, f"{ALL}?merchant={make_shop().public_id}")


@pytest.mark.parametrize("query", ["state=lost", "merchant=nobody", "merchant=7e9a3f3e-8d2b-4f57-9a57-000000000000"])
def test_a_list_that_there_is_not_is_refused(client: Client, query: str) -> None:
    sign_in(client, make_staff())

    assert client.get(f"{ALL}?{query}").status_code == 400


def test_other_roles_see_no_payouts(client: Client) -> None:
    sign_in(client, make_staff(role=Role.ADMINISTRATOR))

    assert client.get(ALL).status_code == 403


def test_for_the_customer_it_is_done_when_it_is_delivered_though_the_case_goes_on(
    shop: Shop, delivered: VoicePayment
) -> None:
    case = delivered.case
    case.stage = "payout"
    case.save()

    still, over = selectors.families(case.customer)

    assert (case.state, still, [one.case for one in over]) == (CaseState.OPEN, [], [case])
    standing = selectors.standing(over[0])
    assert (standing.state, standing.over_since) == (State.DONE, delivered.fulfilment_at)
    assert standing.says == "It is paid, and the shop says that it delivered. There is nothing more to wait for."


def test_before_the_delivery_the_customer_still_waits(shop: Shop) -> None:
    payment = pay(shop, delivered=False)
    payment.case.stage = "paid"

    found = stands(payment.case)
    assert found is not None
    assert found.over_since is None
