"""Every page of the customer in a real browser: it fits a telephone, and everybody can use it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from backoffice.cases.models import Case, WorkItem
from tests.factories import make_card, make_customer, totp_code
from tests.journeys.conftest import Scheme, in_looks
from tests.playing import advance, ask, close
from tests.portal.conftest import Person, make_person, open_blocked
from tests.portal.test_answering import SURVEY
from tests.visits import visiting
from workflows.base.contracts import SendNotice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")
WIDTHS = (1280, 360)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def signed_in(page: Page, person: Person, address: str) -> Page:
    """The page with the cookie of the person's session."""
    session = person.client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    return page


class Looking:
    """Opens addresses as a person, checks each page, and keeps a picture where a folder for them is named.

    A person has one window in a test, as at home: to open another one takes Chromium three processes, which is more
    work than to look at a page.
    """

    def __init__(self, browser: Browser, address: str, checks: list[Check]) -> None:
        self.browser, self.address, self.checks = browser, address, checks
        self.contexts: list[BrowserContext] = []
        self.windows: dict[Person, Page] = {}
        self.wrong: list[str] = []

    def at(self, person: Person | None, path: str, name: str, *widths: int) -> Page:
        """The page in the person's window, examined at each width; who is nobody has a new one."""
        page = self.windows.get(person) if person else None
        if page is None:
            page = self._window()
        if person:
            self.windows[person] = signed_in(page, person, self.address)
        page.set_viewport_size({"width": widths[0], "height": 800})
        page.goto(self.address + path)
        self.examine(page, name, *widths)
        return page

    def _window(self) -> Page:
        context = self.browser.new_context()
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        return page

    def examine(self, page: Page, name: str, *widths: int) -> None:
        """At each width, as in a window that somebody makes narrower; it stays at the last."""
        looks: list[tuple[int, Scheme]] = [(width, "light") for width in widths]
        for width, _scheme in in_looks(page, *looks):
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
            for check in self.checks:
                check(page)

    def _said(self, said: ConsoleMessage) -> None:
        """The browser also writes to its console that a form had errors (400) or was refused (409), and that the server
        of the tests has no stream of the calls that go on: pages ask again and again instead."""
        if said.location.get("url", "").endswith("/live/stream"):
            return
        if said.type == "error" and not ("status of 400" in said.text or "status of 409" in said.text):
            self.wrong.append(said.text)


@pytest.fixture
def look(live_server: Any, browser: Browser, accessible: Check, fits: Check) -> Iterator[Looking]:
    looking = Looking(browser, live_server.url, [fits, accessible])
    yield looking
    for context in looking.contexts:
        context.close()
    assert looking.wrong == []


def of_case(case: Case, name: str = "case") -> str:
    return reverse(f"portal:{name}", args=[case.reference])


def of_item(item: WorkItem, name: str = "item", *more: object) -> str:
    return reverse(f"portal:{name}", args=[item.id, *more])


def test_the_first_page_and_the_pages_around_it(look: Looking) -> None:
    maria, anna = make_person(), make_person()
    case = open_blocked(maria.card)
    advance(case, notices=(SendNotice("card_blocked"),))
    ask(case, "prove_identity")
    done = open_blocked(make_card(customer=maria.customer))
    close(done)

    look.at(anna, reverse("portal:cases"), "cases-empty", *WIDTHS)
    look.at(maria, reverse("portal:cases"), "cases", *WIDTHS)
    look.at(maria, reverse("portal:contacts"), "contacts", *WIDTHS)
    look.at(anna, reverse("portal:contacts"), "contacts-empty", *WIDTHS)
    look.at(maria, reverse("portal:phrase"), "phrase", *WIDTHS)
    look.at(maria, reverse("portal:start"), "start", *WIDTHS)
    look.at(maria, reverse("portal:open", args=["card_reissue"]), "open-refused", *WIDTHS)
    look.at(anna, reverse("portal:open", args=["card_reissue"]), "open", *WIDTHS)
    look.at(maria, reverse("portal:mine"), "mine", *WIDTHS)
    look.at(maria, of_case(done), "case-closed", *WIDTHS)


def test_a_case_from_confirmation_to_receipt(look: Looking) -> None:
    maria = make_person()
    case = open_blocked(maria.card)
    advance(case, notices=(SendNotice("card_blocked"),))
    prove = ask(case, "prove_identity")

    look.at(maria, of_case(case), "case", *WIDTHS)
    page = look.at(maria, of_item(prove), "confirm", *WIDTHS)
    page.get_by_label("The six digits").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    look.examine(page, "confirm-wrong", *WIDTHS)
    page.get_by_label("The six digits").fill(totp_code(maria.secret))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="We have your answer")).to_be_visible()
    look.examine(page, "receipt", *WIDTHS)
    look.at(maria, of_case(case), "case-our-turn", *WIDTHS)
    look.at(maria, of_case(case, "stop"), "stop", *WIDTHS)


def test_the_survey_in_pages(look: Looking) -> None:
    maria = make_person()
    survey = ask(open_blocked(maria.card), "email_survey", stage="survey")

    page = look.at(maria, of_item(survey), "survey-1", *WIDTHS)
    page.get_by_role("button", name="Save and continue").click()
    look.examine(page, "survey-1-wrong", *WIDTHS)
    for number, answers in enumerate(SURVEY[:2], start=1):
        maria.client.post(of_item(survey, "page", number), answers)
    look.at(maria, of_case(survey.case), "case-half-answered", *WIDTHS)
    look.at(maria, of_item(survey), "survey-3", *WIDTHS)
    for number, answers in enumerate(SURVEY, start=1):
        maria.client.post(of_item(survey, "page", number), answers)
    look.at(maria, of_item(survey), "survey-check", *WIDTHS)
    last = len(SURVEY)
    maria.client.post(of_item(survey, "page", last), {"address_right": "no"})
    page = look.at(maria, of_item(survey), "survey-new-address", *WIDTHS)
    page.get_by_label("Country of the address").select_option("PL")
    page.get_by_role("button", name="Show its fields").click()
    look.examine(page, "survey-new-address-pl", *WIDTHS)
    page.get_by_label("Street and number").fill("Prosta 51")
    page.get_by_label("Postal code").fill("00838")
    page.get_by_label("Town").fill("Warszawa")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    look.examine(page, "survey-check-moved", *WIDTHS)


def test_the_visit_until_the_door(look: Looking) -> None:
    maria = make_person()
    visiting.free_slot(hours=30)
    visit = visiting.visit_under(open_blocked(maria.card))
    choose = ask(visit, "choose_visit")
    look.at(maria, of_item(choose), "visit-choose", *WIDTHS)
    look.at(maria, of_case(visit, "home_visit:door"), "visit-proposed", *WIDTHS)

    anna = make_person()
    parent = open_blocked(anna.card)
    later = visiting.agreed_under(parent, hours=72)
    look.at(anna, of_case(later.case, "home_visit:door"), "visit-agreed", *WIDTHS)
    look.at(anna, of_case(parent), "case-visit-agreed", *WIDTHS)
    look.at(anna, of_case(later.case, "home_visit:move"), "visit-move", *WIDTHS)
    look.at(anna, of_case(later.case, "home_visit:cancel"), "visit-cancel", *WIDTHS)
    look.at(anna, of_case(later.case, "home_visit:nobody"), "visit-nobody", *WIDTHS)


def test_the_visit_at_the_door(look: Looking) -> None:
    maria = make_person()
    planned = visiting.agreed_under(open_blocked(maria.card), hours=-0.2)
    look.at(maria, of_case(planned.case, "home_visit:door"), "door-expected", *WIDTHS)
    visiting.asked_to_compare(visiting.at_the_door(planned))

    page = look.at(maria, of_case(planned.case, "home_visit:door"), "door-compare", *WIDTHS)
    page.get_by_label("The six digits").fill(visiting.half_b(planned))
    page.get_by_role("button", name="Check").click()

    expect(page.get_by_role("heading", name="The visitor is ours")).to_be_visible()
    look.examine(page, "door-half-a", *WIDTHS)
    page.get_by_role("link", name="I expect nobody").click()
    page.get_by_role("button", name="Yes, I expect nobody").click()
    expect(page.get_by_text("Do not let anybody in")).to_be_visible()
    look.examine(page, "door-nobody", *WIDTHS)


def test_the_pages_of_refusals_and_the_confirmation_without_an_authenticator(look: Looking) -> None:
    maria = make_person(authenticator=False)
    case = open_blocked(maria.card)
    look.at(maria, of_item(ask(case, "prove_identity"), "confirm"), "confirm-nothing", *WIDTHS)
    anna = make_person()
    survey = ask(open_blocked(anna.card), "email_survey")
    page = look.at(anna, of_item(survey), "survey-1", *WIDTHS)

    close(survey.case, "expired")
    page.get_by_role("button", name="Save and stop here").click()

    expect(page.get_by_role("heading", name="This was not done")).to_be_visible()
    look.examine(page, "refused", *WIDTHS)


def test_a_stranger_is_led_to_the_sign_in(live_server: Any, page: Page) -> None:
    make_customer()

    page.goto(live_server.url + reverse("portal:cases"))

    expect(page).to_have_url(f"{live_server.url}{reverse('account_login')}?next={reverse('portal:cases')}")
