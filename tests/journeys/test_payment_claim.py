"""A customer disputes a payment in two presses, has the money, reads why it is taken back and answers; and what those
who decide see of it at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cases.models import Case, WorkItem
from backoffice.customers import reading
from backoffice.payments.claims import refunds
from backoffice.payments.claims.models import Why
from backoffice.payments.claims.opening import page_of
from backoffice.payments.provider.ports import Refund, RefundStatus
from backoffice.payments.voice.models import CleanLeg, Reading
from backoffice.staff.models import Role, User
from backoffice.telephony.models import CallOutcome
from tests.factories import actor, make_staff, make_user, now, sign_in
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.payments.claims.claiming import REASONS, answer, claim, does, make_paid
from tests.payments.making import make_agent, make_shop
from tests.payments.voice.calls import make_voice_call
from tests.playing import ask
from tests.portal.conftest import Person, make_person
from workflows.payment_claim.spec import PERIODS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
READ = "You pay Bloemen Fleur 25 euros for two bunches of tulips. To agree, press 1."


def test_a_payment_is_disputed_credited_and_reversed_with_notice(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"claim-{name}-{width}")
            fits(page)
        accessible(page)

    def sits(user: User) -> User:
        page.context.clear_cookies()
        sit(page, live_server, user)
        return user

    def takes(item: WorkItem, user: User) -> None:
        sits(user)
        WorkItem.objects.filter(pk=item.pk).update(holder=user)
        page.goto(live_server.url + reverse("admin:desk_item", args=[item.id]))

    maria = make_person()
    payment = make_paid(maria.customer)
    call = make_voice_call(payment, over=CallOutcome.SPOKEN)
    told = {"payment": payment, "call": call, "sha256": "a" * 64, "language": "en"}
    Reading.objects.create(text=READ, version=1, read_at=now(), agreed_at=now(), **told)
    CleanLeg.objects.create(
        payment=payment, call=call, at=now(), window="{}", sha256="b" * 64, frames=412, non_silent=0, events=0
    )
    signed_in(page, maria, live_server.url)
    page.goto(live_server.url + page_of(payment, now=now()).address)
    page.get_by_label(str(Why.NOT_DELIVERED.label)).check()
    look("dispute")
    page.get_by_role("button", name="Send").click()
    case = Case.objects.get(process="payment_claim")
    does(case, "credit")
    page.reload()
    expect(page.get_by_role("heading", name="You dispute a payment of 25.00 EUR")).to_be_visible()
    expect(page.get_by_text("We decide by").first).to_be_visible()
    look("credited")

    sue = make_staff(role=Role.SUPERVISOR, first_name="Sue")
    item = ask(case, "investigate", stage="investigated")
    takes(item, sue)
    expect(page.get_by_text(READ)).to_be_visible()
    expect(page.get_by_text("clean: 412 frames")).to_be_visible()
    look("decide")
    page.goto(live_server.url + reverse("admin:payment_claim:board"))
    look("board")
    answer(item, sue, outcome="wrong", because=REASONS, reason="The parcel came")
    until = now() + PERIODS.notice_of_a_reversal
    does(case, "announce_reversal", until=until.isoformat())
    objects = ask(case, "answer_reversal", stage="announced", due=timedelta(days=10))

    page.context.clear_cookies()
    signed_in(page, maria, live_server.url)
    page.goto(live_server.url + reverse("portal:case", args=[case.reference]))
    expect(page.get_by_text(REASONS)).to_be_visible()
    look("announced")
    page.goto(live_server.url + reverse("portal:item", args=[objects.id]))
    look("answer")
    answer(objects, answer="It was left in the rain, at another door.")
    carla = make_staff(role=Role.COMPLIANCE, first_name="Carla")
    takes(ask(case, "review_claim", stage="reviewed"), carla)
    look("review")
    why = "The customer is on the phone or at the counter"
    reading.open_record(customer=maria.customer, by=actor(carla), user=carla, now=now(), reason=why)
    page.goto(live_server.url + reverse("admin:desk_case", args=[case.reference]))
    look("case-at-the-desk")


def test_a_merchant_sends_evidence_and_a_refund_that_did_not_arrive_is_paid_otherwise(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"claim-{name}-{width}")
            fits(page)
        accessible(page)

    def shows(name: str, person: Person, address: str) -> None:
        page.context.clear_cookies()
        signed_in(page, person, live_server.url).goto(live_server.url + address)
        look(name)

    maria, shop = make_person(), make_person(kind="organisation", national_ids={"KVK": "90000001"})
    payment = make_paid(maria.customer, agent=make_agent(make_shop(company=shop.customer)))
    robin = make_user()
    make_agent(payment.merchant, user=robin, joined_at=now())
    case = claim(payment, amount="10.00")
    merchants = Case.objects.get(process="claim_answer")
    item = ask(merchants, "send_evidence", stage="asked")
    shows("merchants-case", shop, reverse("portal:case", args=[merchants.reference]))
    page.goto(live_server.url + reverse("portal:item", args=[item.id]))
    look("evidence")
    page.get_by_label("What happened?").fill("We handed it over at the door on Tuesday.")
    page.get_by_role("button", name="Send it").click()
    page.get_by_role("link", name="To the case").click()
    expect(page.get_by_text("We have your evidence")).to_be_visible()
    look("evidence-sent")
    agents = Person(shop.customer, shop.card, sign_in(Client(), robin), "")
    shows("console", agents, reverse("portal:voice_payment:order", args=[payment.case.reference]))
    sue = make_staff(role=Role.SUPERVISOR, first_name="Sue")
    decision = ask(case, "investigate", stage="investigated")
    WorkItem.objects.filter(pk=decision.pk).update(holder=sue)
    page.context.clear_cookies()
    sit(page, live_server, sue)
    page.goto(live_server.url + reverse("admin:desk_item", args=[decision.id]))
    expect(page.get_by_text("We handed it over at the door")).to_be_visible()
    look("decide-with-evidence")

    failed = Refund("re_1", "", payment.provider_payment, 5_00, "EUR", RefundStatus.FAILED)
    refunds.take(payment, failed, now=now())
    back = Case.objects.get(process="refund_return")
    pay = ask(back, "pay_otherwise", stage="came_back")
    WorkItem.objects.filter(pk=pay.pk).update(holder=sue)
    page.goto(live_server.url + reverse("admin:desk_item", args=[pay.id]))
    look("pay-otherwise")
    shows("refund-came-back", maria, reverse("portal:case", args=[back.reference]))
    page.goto(live_server.url + reverse("portal:case", args=[case.reference]))
    expect(page.get_by_text("5.00 EUR of it went back to your card")).to_be_visible()
    look("part-went-back")
