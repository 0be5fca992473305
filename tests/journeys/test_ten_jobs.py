"""The ten jobs of a clerk with the fewest presses: one hand on the telephone, one on the keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.cases.models import WorkItem
from backoffice.customers import contact_points
from backoffice.staff.models import Role
from tests.factories import make_card, make_staff
from tests.journeys.at_desk import sit
from tests.playing import ask, open_card_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Clerk:
    """Works at the desk and counts: a press of a key or a click is one action, typing a text is none."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.actions += 1

    def click(self, found: Any) -> None:
        found.click()
        self.actions += 1

    def done(self, *, at_most: int) -> None:
        assert self.actions <= at_most, f"{self.actions} actions, at most {at_most} are allowed"
        self.actions = 0


def test_the_ten_jobs_of_a_clerk_in_few_actions(live_server: Any, page: Page, approval: WorkItem) -> None:
    customer, case = approval.case.customer, approval.case
    free = make_card(customer=customer)
    first, second = ask(case, "call_customer"), ask(open_card_case(make_card()), "call_customer")
    hanna, piotr = make_staff(role=Role.SUPPORT), make_staff(role=Role.SUPPORT, first_name="Piotr", last_name="Nowak")
    phone = contact_points.currents(customer=customer)["phone"]
    sit(page, live_server, hanna)
    clerk, worklist = Clerk(page), live_server.url + "/desk/"
    record, case_page = f"{worklist}customer/{customer.public_id}/", f"{worklist}case/{case.reference}/"

    for text in (str(phone.value), free.last_four):  # Find by phone, and by the last four digits of a card.
        page.goto(worklist)
        clerk.press("/")
        page.keyboard.type(text)
        clerk.press("Enter")
        clerk.click(page.get_by_role("link", name=customer.name).first)
        expect(page).to_have_url(record)
        clerk.done(at_most=3)

    page.goto(worklist)  # Find by reference, which says whose turn it is, too.
    clerk.press("/")
    page.keyboard.type(case.reference)
    clerk.press("Enter")
    expect(page).to_have_url(case_page)
    expect(page.locator("#case-head .state")).to_have_text("Waiting on us")
    clerk.done(at_most=2)

    clerk.press("g", "o")  # Is it ours?
    expect(page).to_have_url(worklist + "ours/")
    page.keyboard.type("hello there")
    clerk.press("Control+Enter")
    expect(page.locator(".notice--answer")).to_be_visible()
    clerk.done(at_most=3)

    page.goto(record)  # Open a case, from the customer's page.
    clerk.click(page.locator("li", has_text=free.last_four).get_by_role("link").first)
    clerk.click(page.get_by_label("damaged"))
    clerk.click(page.get_by_role("button", name="Open the case"))
    expect(page.get_by_text("is open.")).to_be_visible()
    clerk.done(at_most=4)

    survey = ask(open_card_case(make_card()), "email_survey")  # Remind, from the page of the case.
    ask(survey.case, "correct_address")
    page.goto(f"{worklist}case/{survey.case.reference}/")
    clerk.click(page.get_by_role("button", name="Remind by mail").first)
    expect(page.get_by_text("The customer is reminded by mail.")).to_be_visible()
    clerk.done(at_most=2)
    WorkItem.objects.filter(case=survey.case).update(state="withdrawn")

    page.goto(worklist + "?tab=roles")  # Claim, answer, next.
    clerk.press("c")
    expect(page.get_by_text("is yours now.")).to_be_visible()
    expect(page.locator("input[name=outcome]").first).to_be_focused()
    clerk.press("Space", "Tab")
    page.keyboard.type("They answer tonight")
    clerk.press("Control+Enter")
    expect(page.locator("#next")).to_be_focused()
    clerk.done(at_most=4)
    assert WorkItem.objects.filter(id__in=[first.id, second.id], state="answered").count() == 1

    clerk.press("Enter")  # Hand over, the item that was offered.
    expect(page.get_by_text("is yours now.")).to_be_visible()
    page.get_by_label("To", exact=True).select_option(label=piotr.get_full_name())
    clerk.actions += 1
    clerk.click(page.get_by_role("button", name="Hand over"))
    expect(page.get_by_text("is Piotr Nowak's now.")).to_be_visible()
    clerk.done(at_most=4)

    page.goto(case_page)  # Freeze.
    clerk.click(page.get_by_role("link", name="Freeze"))
    clerk.click(page.get_by_label("Why"))
    page.keyboard.type("They say that they did not ask")
    clerk.press("Control+Enter")
    expect(page.get_by_text("The case is frozen.")).to_be_visible()
    clerk.done(at_most=3)
