"""What a merchant sees of its money, and the desk of all payouts and of a change of the account, in a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.customers import reading
from backoffice.money import Money
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants import proposing
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.merchants.terms import Terms
from backoffice.payments.payouts.models import HeldBecause, Payout, PayoutState
from backoffice.payments.voice.models import Fulfilment, MoneyState, VoicePayment
from backoffice.staff.models import Role, User
from tests.factories import actor, make_staff, now, sign_in
from tests.journeys.at_desk import sit
from tests.journeys.conftest import Scheme, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.payments.agents.companies import agent_in_front
from tests.payments.making import make_shop, make_voice_payment
from tests.portal.conftest import Person, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS: list[tuple[int, Scheme]] = [(1280, "light"), (390, "light")]
WHY = "The customer is on the phone or at the counter"


def delivered(agent: MerchantAgent, what: str, maria: Person, **payout: Any) -> VoicePayment:
    at = now() - timedelta(days=3)
    payment = make_voice_payment(
        agent=agent,
        customer=maria.customer,
        at=at,
        money=MoneyState.CAPTURED,
        what_for=what,
        fulfilment=Fulfilment.DONE,
        fulfilment_at=at,
    )
    payment.case.stage = "payout"
    payment.case.save()
    Payout.objects.create(payment=payment, taken_at=at, provider_fee=63, **payout)
    return payment


def make_payouts(agent: MerchantAgent, maria: Person) -> VoicePayment:
    """One in each of the states that count; gives the payment that is paid out."""
    due = now() + timedelta(days=4)
    delivered(agent, "a wreath", maria, state=PayoutState.WAITS, due_at=due)
    delivered(agent, "a rose tree", maria, state=PayoutState.HELD, held_because=HeldBecause.CLAIM, due_at=now())
    sums = {"amount": 20_02, "our_fee": 35, "withheld": 4_00, "account": agent.merchant.payout_account}
    return delivered(
        agent, "tulips", maria, state=PayoutState.PAID, transfer="tr_8a2c41", due_at=now(), paid_at=now(), **sums
    )


def propose(merchant: Merchant, by: User) -> None:
    wanted = Terms("acct_9ZzYyw2eZvKYlo2D", Money(25, "EUR"), 140, 3)
    proposing.propose(merchant=merchant, terms=wanted, by=actor(by), now=now())


def test_a_merchant_its_customer_and_the_desk_see_a_payout(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *WIDTHS):
            picture(page, f"payouts-{name}-{width}")
            fits(page)
        accessible(page)

    def show(view: str, *args: Any, query: str = "") -> None:
        page.goto(live_server.url + reverse(view, args=args) + query)

    cache.clear()
    merchant = make_shop(payout_account="acct_1NvVvw2eZvKYlo2C", fee_fixed=10, fee_points=100)
    agent, _client = agent_in_front(merchant)
    assert agent.user is not None
    with_factor = sign_in(Client(), agent.user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": with_factor, "url": live_server.url}])
    show("portal:voice_payment:payouts")
    expect(page.get_by_text("Nothing to pay out yet")).to_be_visible()
    look("empty")
    maria = make_person(days=4000)
    paid = make_payouts(agent, maria)
    page.reload()
    expect(page.get_by_text("The customer disputes the payment")).to_be_visible()
    look("mine")
    page.get_by_role("link", name="tulips").click()
    expect(page.get_by_role("heading", name="What you get")).to_be_visible()
    look("order")

    page.context.clear_cookies()
    signed_in(page, maria, live_server.url)
    show("portal:cases")
    expect(page.get_by_role("heading", name="Closed")).to_be_visible()
    look("customer")

    hanna, ada = make_staff(first_name="Hanna"), make_staff(role=Role.APPROVER, first_name="Ada")
    for user in (hanna, ada):
        for customer in (merchant.company, maria.customer):
            reading.open_record(customer=customer, by=actor(user), user=user, now=now(), reason=WHY)
    page.context.clear_cookies()
    sit(page, live_server, hanna)
    show("admin:voice_payment:payouts")
    look("desk")
    show("admin:voice_payment:payouts", query="?state=under_way")
    look("desk-empty")
    show("admin:desk_case", paid.case.reference)
    look("desk-case")
    show("admin:merchant_admission:payouts", merchant.case.reference)
    look("propose")
    propose(merchant, hanna)
    page.context.clear_cookies()
    sit(page, live_server, ada)
    page.reload()
    look("decide")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Nothing is paid out yet")).to_be_visible()
    look("cools")
