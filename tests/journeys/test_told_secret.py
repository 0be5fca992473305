"""A customer says in a real browser that they told somebody a code, and the desk calls them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.staff.models import Role
from tests.factories import make_staff
from tests.journeys.at_desk import sit
from tests.journeys.test_portal_pages import WIDTHS, Looking, _fresh_limits, look, of_case, of_item
from tests.playing import ask
from tests.portal.conftest import make_person, open_blocked
from tests.portal.test_answering import SURVEY
from workflows.base.contracts import DoEffect

__all__ = ["_fresh_limits", "look"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_steps_come_at_once_and_a_person_calls(look: Looking, live_server: Any) -> None:
    maria = make_person()
    case = open_blocked(maria.card)
    survey = ask(case, "email_survey", stage="survey")
    for number, answers in enumerate(SURVEY[:2], start=1):
        maria.client.post(of_item(survey, "page", number), answers)
    page = look.at(maria, of_item(survey, "page", 3), "told-asked", *WIDTHS)
    page.get_by_label("Somebody called me").check()
    page.get_by_label("Yes, and I told or typed something").check()
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", name="Do these three things now")).to_be_visible()
    look.examine(page, "told-what", *WIDTHS)
    page.get_by_label("A password", exact=True).check()
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Save and continue").click()
    look.examine(page, "told-check", *WIDTHS)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Do these three things now")).to_be_visible()
    look.examine(page, "told-done", *WIDTHS)
    call = ask(case, "call_about_secret", effects=(DoEffect("pause"),))
    look.at(maria, of_case(case), "told-case", *WIDTHS)

    desk = at_desk(look, live_server)
    desk.goto(live_server.url + reverse("admin:desk_item", args=[call.id]))
    expect(desk.get_by_role("heading", name="Call the customer now: they told somebody a secret")).to_be_visible()
    look.examine(desk, "told-call", *WIDTHS)


def at_desk(look: Looking, live_server: Any) -> Page:
    context = look.browser.new_context(viewport={"width": WIDTHS[0], "height": 800})
    look.contexts.append(context)
    page = context.new_page()
    sit(page, live_server, make_staff(role=Role.SUPPORT))
    return page
