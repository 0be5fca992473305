"""A customer adds money by telephone, is asked first, confirms it, and has a card forgotten: every page of it, in a
real browser, on a wide window and on a telephone; and what staff see of it at the desk."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.customers import reading
from backoffice.money import Money
from backoffice.payments.cards_on_file import history, keeping
from backoffice.payments.cards_on_file.models import CardEventKind
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.top_up.calling import of_caller
from backoffice.payments.top_up.models import TopUp
from backoffice.staff.models import Role
from tests.factories import actor, make_staff, now
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.journeys.test_portal_pages import signed_in
from tests.payments.making import make_card_on_file
from tests.payments.top_up.calling_us import Caller, agreed, let_in
from tests.playing import advance, ask, close
from tests.portal.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_money_is_added_confirmed_and_a_card_forgotten(
    live_server: Any, page: Page, accessible: Check, fits: Check, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"top-up-{name}-{width}")
            fits(page)
        accessible(page)

    def goes(name: str, *args: Any) -> None:
        page.goto(live_server.url + reverse(name, args=args))

    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = "http://127.0.0.1:9", "sk_test"
    maria = make_person()
    card = make_card_on_file(maria.customer)
    make_card_on_file(maria.customer, brand="mastercard", last_four="1881", expiry_year=2020)
    signed_in(page, maria, live_server.url)
    goes("portal:top_up:mine")
    expect(page.get_by_text("You have added no money by telephone")).to_be_visible()
    look("none-yet")
    goes("portal:open", "top_up")
    look("start")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Have your digits shown, then call us.").first).to_be_visible()
    case = Case.objects.get(process="top_up")
    advance(case, stage="call")
    page.reload()
    expect(page.get_by_role("button", name="Show me the digits")).to_be_visible()
    look("waits")
    page.get_by_role("button", name="Show me the digits").click()
    expect(page.get_by_role("heading", name="Your digits for the call")).to_be_visible()
    look("digits")
    digits = "".join(re.findall(r"<span>(\d{4})</span>", page.content()))
    caller = Caller()
    caller.keys(digits)
    caller.keys("25")
    assert caller.call.farewell == "asks_first"
    item = ask(case, "confirm_top_up", stage="confirm")
    goes("portal:case", case.reference)
    expect(page.get_by_role("heading", name="Before we go on, we ask you")).to_be_visible()
    look("asked-first")
    goes("portal:item", item.id)
    expect(page.get_by_text("25.00 EUR").first).to_be_visible()
    look("confirm")

    TopUp.objects.filter(case=case).update(confirmed_at=now())
    advance(case, stage="call")
    let_in(case).hangs_up()
    TopUp.objects.filter(case=case).update(risk=["number_swapped"])
    goes("portal:case", case.reference)
    expect(page.get_by_text("Your last call could not go on")).to_be_visible()
    look("held-up")
    sue = make_staff(role=Role.SUPERVISOR, first_name="Sue")
    why = "The customer is on the phone or at the counter"
    reading.open_record(customer=maria.customer, by=actor(sue), user=sue, now=now(), reason=why)
    page.context.clear_cookies()
    sit(page, live_server, sue)
    goes("admin:desk_case", case.reference)
    expect(page.get_by_text("A number of the customer was marked as swapped or ported").first).to_be_visible()
    look("desk-case")

    agreed(case, card)
    TopUp.objects.filter(case=case).update(money="captured", captured_at=now(), provider_payment="pi_1")
    took = {"topped_up": movements.topped_up(customer=maria.customer, amount=Money(25_00, "EUR"))}
    post(case_id=case.id, movements=took, by=system(), at=now())
    advance(case, stage="added")
    close(case)
    page.context.clear_cookies()
    signed_in(page, maria, live_server.url)
    goes("portal:case", case.reference)
    look("added")
    goes("portal:top_up:mine")
    expect(page.get_by_text("On your balance now")).to_be_visible()
    look("mine")

    history.note(card, CardEventKind.KEPT, by=of_caller(case), now=now())
    monkeypatch.setattr(keeping, "_forget_there", lambda asked, card: None)
    goes("portal:top_up:cards")
    look("cards")
    page.get_by_role("button", name="Forget this card : Visa ····4242").click()
    expect(page.get_by_text("We have forgotten this card")).to_be_visible()
    look("forgotten")
    goes("portal:contacts")
    expect(page.get_by_text("You called our number, and keyed in the digits").first).to_be_visible()
    look("contacts")
    page.context.clear_cookies()
    sit(page, live_server, sue)
    goes("admin:desk_record", maria.customer.public_id, "cards_on_file", card.public_id)
    look("desk-cards")
