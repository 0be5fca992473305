"""A merchant adds an agent, who orders a payment and follows it; the customer reads what they paid, and staff too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.customers import reading
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.voice.models import MoneyState, Reading, VoiceCall, VoicePayment
from backoffice.staff.models import Role
from backoffice.telephony.models import CallOutcome
from tests.desk.test_voice_gateway import answers
from tests.factories import actor, make_staff, now, sign_in, totp_code
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.payments.agents.companies import code_to
from tests.payments.making import make_card_on_file, make_shop, make_voice_payment
from tests.payments.voice.calls import make_voice_call
from tests.payments.voice.ordered import phone_of
from tests.portal.conftest import Person, make_person
from tests.voice.gateway.exchange import SECRET, serving
from workflows.voice_payment.spec import PaymentStage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENTENCE = (
    "Meridian Bank, case K seven Q, four M X, two. Pay Bloemen Fleur twenty-five euros for two bunches of tulips, with "
    "card four two four two? Your page shows it, too. Press 1 to pay, 2 to hear it again, star to stop."
)


def a_company() -> Person:
    """A merchant of whose company somebody is signed in, with an authenticator that counts."""
    cache.clear()
    fleur = make_person(kind="organisation", organisation_name="Bloemen Fleur B.V.")
    Authenticator.objects.update(created_at=now() - timedelta(days=30))
    return fleur


def at(payment: VoicePayment, stage: PaymentStage) -> None:
    """The case is at this stage, as its process says."""
    payment.case.refresh_from_db()
    payment.case.stage = stage.value
    payment.case.events += 1
    payment.case.save()


def test_a_merchants_agent_orders_a_payment_and_follows_it(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"console-{name}-{width}")
            fits(page)
        accessible(page)

    def show(view: str, *args: Any) -> None:
        page.goto(live_server.url + reverse(view, args=args))

    fleur = a_company()
    merchant = make_shop(company=fleur.customer, trading_name="Bloemen Fleur")
    signed_in(page, fleur, live_server.url)
    show("portal:merchant_admission:agents", merchant.case.reference)
    page.get_by_role("link", name="Add somebody").click()
    page.get_by_label("The six digits").fill(totp_code(fleur.secret))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Their name").fill("Robin")
    page.get_by_label("Their e-mail address").fill("robin@fleur.example")
    page.get_by_label("Their extension").fill("6001")
    look("add")
    page.get_by_role("button", name="Invite them").click()
    expect(page.get_by_text("invited, not joined yet")).to_be_visible()
    look("agents")

    page.context.clear_cookies()
    agent = MerchantAgent.objects.get()
    show("portal:merchant_admission:join")
    page.get_by_label("The number of the case").fill(merchant.case.reference)
    page.get_by_label("The address that we wrote to").fill("robin@fleur.example")
    page.get_by_label("The code from our mail").fill(code_to(agent))
    page.get_by_label("Choose a name to sign in with").fill("robin")
    page.get_by_label("Choose a password").fill("wet-tulips-in-may")
    look("join")
    page.get_by_role("button", name="Open my sign-in").click()
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    agent.refresh_from_db()
    assert agent.user is not None
    with_factor = sign_in(Client(), agent.user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": with_factor, "url": live_server.url}])
    show("portal:voice_payment:orders")
    expect(page.get_by_text("No orders yet")).to_be_visible()

    maria = make_person(days=4000)
    make_card_on_file(maria.customer)
    page.get_by_role("link", name="New order").last.click()
    look("new")
    page.get_by_label("Amount").fill("25")
    page.get_by_label("What is it for?").fill("two bunches of tulips")
    page.get_by_label("The customer's telephone").fill(phone_of(maria.customer))
    page.get_by_label("Last four digits of the card").fill("4242")
    page.get_by_role("button", name="Order the payment").click()
    expect(page.get_by_role("heading", name="Ordered")).to_be_visible()

    payment = VoicePayment.objects.select_related("case").get()
    at(payment, PaymentStage.CAPTURING)
    call = make_voice_call(
        payment, customer="up", agent="up", is_joined=True, is_cut=True, item="security_code", keying="typing"
    )
    expect(page.get_by_text("typing the security code")).to_be_visible()
    look("typing")
    VoiceCall.objects.update(ended_at=now(), customer="over")
    type(call.call).objects.update(state="ended", ended_at=now(), outcome=CallOutcome.BROKEN_OFF)
    expect(page.get_by_text("We ring the customer again in a moment.")).to_be_visible()
    look("dropped")
    said = {"text": SENTENCE, "language": "en", "read_at": now(), "agreed_at": now()}
    Reading.objects.create(payment=payment, call=call, version=1, sha256="a" * 64, **said)
    VoicePayment.objects.update(money=MoneyState.CAPTURED, captured_at=now(), provider_payment="pi_1")
    expect(page.get_by_role("button", name="Delivered")).to_be_visible()
    look("paid")
    page.get_by_role("link", name="Cannot deliver…").click()
    look("cannot-deliver")
    show("portal:voice_payment:orders")
    look("orders")

    at(payment, PaymentStage.PAID)
    page.context.clear_cookies()
    signed_in(page, maria, live_server.url)
    show("portal:voice_payment:payments")
    look("my-payments")
    page.get_by_role("link", name="25.00 EUR, Bloemen Fleur").click()
    expect(page.get_by_text("Pay Bloemen Fleur twenty-five euros")).to_be_visible()
    look("my-payment")
    page.get_by_role("link", name="Receipt to print or keep").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    look("receipt")
    page.emulate_media(media="print")
    picture(page, "console-receipt-on-paper")
    expect(page.get_by_role("link", name="My cases")).to_be_hidden()
    expect(page.get_by_text("Pay Bloemen Fleur twenty-five euros")).to_be_visible()
    page.emulate_media(media="screen")

    hanna = make_staff(first_name="Hanna")
    page.goto("about:blank")  # The page of a customer looks for calls while it is open.
    page.context.clear_cookies()
    sit(page, live_server, hanna)
    reason = "The customer is on the phone or at the counter"
    reading.open_record(customer=maria.customer, by=actor(hanna), user=hanna, now=now(), reason=reason)
    show("admin:desk_case", payment.case.reference)
    look("desk-case")
    page.get_by_role("link", name="Telephone payments").first.click()
    look("desk-list")
    page.get_by_role("link", name="Risk rules").click()
    look("desk-risk")


def test_while_a_voice_is_on_the_line_each_page_says_how_to_be_sure(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"voice-{name}-{width}")
            fits(page)
        accessible(page)

    cache.clear()
    maria = make_person(days=4000)
    payment = make_voice_payment(customer=maria.customer)
    at(payment, PaymentStage.LINKED)
    call = make_voice_call(payment, customer="up")
    told = {"state": "answered", "answered_at": now(), "case_id": payment.case_id}
    type(call.call).objects.update(**told, case_reference=payment.case.reference, purpose="voice_payment")
    signed_in(page, maria, live_server.url)

    page.goto(live_server.url + reverse("portal:case", args=[payment.case.reference]))
    look("case")
    page.get_by_role("link", name="What happens then").click()
    look("line-drops")
    page.goto(live_server.url + reverse("portal:calls_proof"))
    expect(page.get_by_role("heading", name="It is us: a voice of ours speaks with you now")).to_be_visible()
    look("proof")


def test_staff_read_how_the_gateway_does(
    live_server: Any, page: Page, accessible: Check, fits: Check, settings: Any
) -> None:
    with serving(answers) as url:
        settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET = url, SECRET
        sit(page, live_server, make_staff(role=Role.SUPERVISOR, first_name="Sam"))
        page.goto(live_server.url + reverse("admin:desk_records"))
        page.get_by_role("link", name="Voice gateway").click()
        expect(page.get_by_text("Messages of unknown peers")).to_be_visible()
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"gateway-{width}")
            fits(page)
        accessible(page)
    page.get_by_role("link", name="Ask again").click()
    expect(page.get_by_text("We cannot say how it does")).to_be_visible()
    picture(page, "gateway-away")
