"""The pages of the desk in a real browser: they fit, everybody can use them, and the keys work."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from backoffice.cases import freezing
from backoffice.cases.models import IncidentKind, WorkItem
from backoffice.customers import contact_points
from backoffice.staff.models import Role
from backoffice.trust.models import Contact
from tests.factories import actor, make_card, make_staff
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.playing import ask, open_card_case, open_incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")
"""A folder for screenshots, to look at them."""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


PAGES = {
    "worklist": "/desk/",
    "mine": "/desk/?tab=mine",
    "attention": "/desk/?tab=attention",
    "search": "/desk/?q=Jansen",
    "misread": "/desk/?q=K7Q-4MX-3",
    "case": "/desk/case/{case}/",
    "item": "/desk/item/{item}/",
    "customer": "/desk/customer/{customer}/",
    "open": "/desk/customer/{customer}/open/card_reissue/",
    "freeze": "/desk/case/{case}/freeze/",
    "ours": "/desk/ours/",
    "records": "/desk/records/",
    "cases": "/desk/cases/case/",
    "events": "/desk/cases/event/",
}


def test_every_page_fits_and_is_accessible(
    live_server: Any, page: Page, accessible: Check, fits: Check, approval: WorkItem
) -> None:
    approver = make_staff(role=Role.APPROVER, first_name="Anna", last_name="Nowak")
    approver.groups.add(*make_staff(role=Role.SUPPORT).groups.all())
    make_card(customer=approval.case.customer)
    open_incident(open_card_case(make_card()), IncidentKind.OUTSIDE_AWAY, key="issuer", code="no_answer_in_time")
    names = {"case": approval.case.reference, "item": approval.id, "customer": approval.case.customer.public_id}
    sit(page, live_server, approver)
    for name, path in PAGES.items():
        page.goto(live_server.url + path.format(**names))
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"{name}-{width}")
            fits(page)
            accessible(page)


def test_refusals_fit_and_are_accessible(
    live_server: Any, browser: Any, accessible: Check, fits: Check, approval: WorkItem
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    sit(page, live_server, make_staff(role=Role.SUPPORT))
    paths = {
        "why": f"/desk/customer/{make_card().customer.public_id}/",
        "no-case": "/desk/case/222-222-2/",
        "no-action": f"/desk/case/{approval.case.reference}/unfreeze/",
    }
    for name, path in paths.items():
        page.goto(live_server.url + path)
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"refused-{name}-{width}")
            fits(page)
            accessible(page)
    page.close()


@pytest.mark.parametrize("pasted", ["ours", "not-ours", "cannot-tell"])
def test_is_this_ours_answers_in_one_of_three_colours(
    live_server: Any, page: Page, accessible: Check, fits: Check, approval: WorkItem, pasted: str
) -> None:
    texts = {
        "ours": Contact.objects.filter(case_id=approval.case_id).latest("at").reference,
        "not-ours": "From: bank@evil.example\nDear customer, your account is closed. Send us your PIN at http://evil.example/pin",
        "cannot-tell": "hello there",
    }
    sit(page, live_server, make_staff(role=Role.SUPPORT))
    page.goto(live_server.url + "/desk/ours/")

    page.get_by_label("Message, reference, address or telephone number").fill(texts[pasted])
    page.get_by_role("button", name="Is this ours?").click()

    if pasted == "ours":
        same = page.get_by_role("button", name="Everything is the same")
        expect(same).to_be_visible()
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"ours-compare-{width}")
            fits(page)
            accessible(page)
        same.click()
    titles = {"ours": "Ours", "not-ours": "Not ours", "cannot-tell": "Cannot tell"}
    expect(page.locator(".notice--answer .notice__title")).to_have_text(titles[pasted])
    for width, _scheme in in_looks(page, *BOTH_WIDTHS):
        picture(page, f"ours-{pasted}-{width}")
        fits(page)
        accessible(page)


def test_the_first_item_is_opened_in_two_key_presses(live_server: Any, page: Page, approval: WorkItem) -> None:
    sit(page, live_server, make_staff(role=Role.APPROVER))
    page.goto(live_server.url + "/desk/")

    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{live_server.url}/desk/item/{approval.id}/")


def test_c_claims_and_the_slash_searches(live_server: Any, page: Page, approval: WorkItem) -> None:
    approver = make_staff(role=Role.APPROVER)
    sit(page, live_server, approver)
    page.goto(live_server.url + "/desk/")

    page.keyboard.press("c")
    expect(page.get_by_text("is yours now.")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(approval.case.reference.lower().replace("-", ""))
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{live_server.url}/desk/case/{approval.case.reference}/")
    approval.refresh_from_db()
    assert approval.holder == approver


def test_the_page_of_a_case_tells_by_itself_that_it_has_moved_on(
    live_server: Any, page: Page, approval: WorkItem
) -> None:
    sit(page, live_server, make_staff(role=Role.APPROVER))
    page.goto(f"{live_server.url}/desk/case/{approval.case.reference}/")

    freezing.freeze(case_id=approval.case_id, by=actor(make_staff()), reason="A second call")

    expect(page.get_by_text("This case has moved on")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("The case was frozen. “A second call”")).to_be_visible()


def test_an_approval_from_the_worklist_to_the_timeline(live_server: Any, page: Page, approval: WorkItem) -> None:
    sit(page, live_server, make_staff(role=Role.APPROVER, first_name="Anna", last_name="Nowak"))
    page.goto(live_server.url + "/desk/")

    page.get_by_role("link", name="Approve the reissue").click()
    page.get_by_label("Approve: order the new card").check()
    page.get_by_label("Why", exact=True).fill("The visit and the survey agree")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("Answered: Approve the reissue (Approve: order the new card).").first).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("Anna Nowak")
    assert urlsplit(page.url).path == f"/desk/case/{approval.case.reference}/"
    approval.refresh_from_db()
    assert approval.outcome == "approved"


def test_all_that_is_missing_is_told_at_once_and_takes_the_focus(
    live_server: Any, browser: Any, accessible: Check, fits: Check, approval: WorkItem
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    sit(page, live_server, make_staff(role=Role.APPROVER))
    page.goto(f"{live_server.url}/desk/item/{approval.id}/")

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_be_focused()
    assert page.get_by_role("alert").get_by_role("listitem").count() == 2
    picture(page, "item-wrong-360")
    fits(page)
    accessible(page)
    page.close()


def test_the_keys_can_be_turned_off(live_server: Any, page: Page, approval: WorkItem) -> None:
    sit(page, live_server, make_staff(role=Role.APPROVER))
    page.goto(live_server.url + "/desk/")

    page.get_by_role("button", name="Turn keys off").click()
    page.reload()
    page.keyboard.press("c")

    expect(page.get_by_role("button", name="Turn keys on")).to_be_visible()
    approval.refresh_from_db()
    assert approval.holder is None


def test_without_script_an_item_is_claimed_and_answered(live_server: Any, new_page: Any, approval: WorkItem) -> None:
    page = new_page(javascript=False)
    sit(page, live_server, make_staff(role=Role.APPROVER))
    page.goto(live_server.url + "/desk/")

    page.get_by_role("button", name="Claim").click()
    page.goto(f"{live_server.url}/desk/item/{approval.id}/")
    page.get_by_label("Reject: end the case").check()
    page.get_by_label("Why", exact=True).fill("The document did not fit")
    page.get_by_role("button", name="Send").click()

    approval.refresh_from_db()
    assert approval.outcome == "rejected"


def test_new_work_comes_by_itself_into_the_list_and_the_title(live_server: Any, page: Page, approval: WorkItem) -> None:
    sit(page, live_server, make_staff(role=Role.APPROVER))
    page.goto(live_server.url + "/desk/?tab=roles")
    page.keyboard.press("j")

    other = ask(open_card_case(make_card()), "approve_reissue")

    expect(page.locator(f"#work-{other.id}")).to_be_visible(timeout=20_000)
    expect(page).to_have_title("(2) Worklist · Countersign")
    expect(page.locator("#news")).to_have_text("New work: 1 item")
    expect(page.locator(f"#work-{approval.id}")).to_be_focused()


@pytest.mark.parametrize("path", ["/desk/", "/desk/ours/", "/desk/records/", "/desk/cases/case/"])
def test_the_keys_work_on_every_page_and_a_question_mark_shows_them(
    live_server: Any, page: Page, accessible: Check, approval: WorkItem, path: str
) -> None:
    sit(page, live_server, make_staff(role=Role.SUPERVISOR))
    page.goto(live_server.url + path)
    page.locator("h1").first.click()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#desk-search")).to_be_focused()
    page.locator("h1").first.click()
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page).to_have_url(live_server.url + "/desk/")


def test_a_number_is_shown_without_losing_what_was_typed(live_server: Any, page: Page, approval: WorkItem) -> None:
    item = ask(approval.case, "call_customer")
    phone = contact_points.currents(customer=item.case.customer)["phone"]
    sit(page, live_server, make_staff(role=Role.SUPPORT))
    page.goto(f"{live_server.url}/desk/item/{item.id}/")
    page.get_by_label("Why", exact=True).fill("Half a sentence")

    page.get_by_text("Show: The customer's telephone number").click()
    page.get_by_label("The customer is on the phone or at the counter").check()
    page.get_by_role("button", name="Show it").click()

    expect(page.get_by_text(str(phone.value))).to_be_visible()
    expect(page.get_by_label("Why", exact=True)).to_have_value("Half a sentence")
