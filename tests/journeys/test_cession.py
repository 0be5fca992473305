"""A domain changes hands in real browsers: both parties in the portal, and a form on paper at the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.actors import Level
from backoffice.cases import answering, parties
from backoffice.cases.models import Case
from backoffice.documents.models import Mark
from demo.story import identity_card
from tests.cases.test_parties import code_in_the_mail
from tests.documents import hostile
from tests.domains.ceding import ADDRESS, PESEL, effect, make_domain, open_cession
from tests.factories import make_staff, totp_code
from tests.journeys.at_desk import sit
from tests.journeys.conftest import ALL_FOUR, in_looks
from tests.journeys.test_portal_pages import PICTURES, Looking, _fresh_limits, look, of_case, of_item
from tests.playing import ask, customer_actor
from tests.portal.conftest import make_person

__all__ = ["_fresh_limits", "look"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = 1280, 360


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT, settings.CLAMD_URL = tmp_path, ""


def examine(look: Looking, page: Page, name: str) -> None:
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        look.examine(page, name, width)


def confirm(page: Page, secret: str) -> None:
    page.get_by_label("The six digits").fill(totp_code(secret))
    page.get_by_role("button", name="Confirm").click()


def test_the_page_says_to_each_of_the_two_what_is_missing(look: Looking) -> None:
    maria = make_person()
    make_domain(maria.customer)
    page = look.at(maria, reverse("portal:open", args=["domain_cession"]), "cession-open", NARROW)
    page.get_by_label("Each of us confirms it").check()
    page.get_by_label("a person", exact=True).check()
    page.get_by_label("Family name").fill("Nowak")
    page.get_by_label("Given name").fill("Ewa")
    page.get_by_label("E-mail address of the new holder").fill("ewa.nowak@example.org")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We have it.")).to_be_visible()

    case = Case.objects.get(process="domain_cession")
    request = ask(case, "request", stage="requested")
    page.goto(look.address + of_item(request))
    expect(page.get_by_text("giving the domain tulip.pl to Ewa Nowak")).to_be_visible()
    confirm(page, maria.secret)
    expect(page.get_by_role("heading", name="We have your answer")).to_be_visible()
    ask(case, "confirm_old", stage="agreed")
    sign = ask(case, "confirm_new")
    page.goto(look.address + of_case(case))
    expect(page.get_by_text("has to open an account with the code from our mail")).to_be_visible()
    examine(look, page, "cession-both")

    new = joins(look, case)
    expect(new.get_by_text("Ewa Nowak (you)")).to_be_visible()
    expect(new.get_by_text("You can say no where you are asked to sign.")).to_be_visible()
    examine(look, new, "cession-new-holder")
    party = parties.of_case(case)["new_holder"].customer
    answering.answer(
        item_id=sign.id,
        by=customer_actor(party, level=Level.CONFIRMED, proof="totp"),
        data={"decision": "agreed", "number_kind": "PESEL", "number": PESEL, **ADDRESS},
    )
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="Ewa Nowak has signed")).to_be_visible()


def joins(look: Looking, case: Case) -> Page:
    """The new holder opens an account with the code of the mail."""
    page = look.at(None, reverse("join"), "cession-join", NARROW)
    page.get_by_label("The number of the case").fill(case.reference)
    page.get_by_label("The address that we wrote to").fill("ewa.nowak@example.org")
    page.get_by_label("The code from our mail").fill(code_in_the_mail())
    page.get_by_label("Choose a name to sign in with").fill("ewa")
    page.get_by_label("Choose a password").fill("seven-blue-kettles")
    page.locator("form .btn--primary").click()
    expect(page.get_by_role("heading", name="tulip.pl is to become yours")).to_be_visible()
    return page


def test_a_form_on_paper_is_scanned_and_checked_by_keys(look: Looking, page: Page, live_server: Any) -> None:
    maria, clerk = make_person(), make_staff()
    case = open_cession(make_domain(maria.customer), route="paper", number_kind="PESEL", number=PESEL, **ADDRESS)
    effect(case, "make_form")
    receive = ask(case, "receive_form", stage="agreed")
    sit(page, live_server, clerk)

    page.goto(look.address + reverse("admin:desk_item", args=[receive.id]))
    page.get_by_label("Number of the envelope").fill("E-2026-117")
    page.get_by_label("Mark of the form").fill(Mark.objects.get(case=case).code)
    page.get_by_role("button", name="Add a file").click()
    scan = {"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": hostile.picture("JPEG")}
    page.get_by_label("The file").set_input_files(scan)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_text("Added: scan.jpg (the form, JPEG, 1 page).")).to_be_visible()
    passport = {"name": "passport.jpg", "mimeType": "image/jpeg", "buffer": identity_card.picture()}
    page.get_by_label("Copy of an identity document").check()
    page.get_by_label("The file").set_input_files(passport)  # type: ignore[arg-type]
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_text("Added: passport.jpg (copy of an identity document, JPEG, 1 page).")).to_be_visible()
    examine(look, page, "cession-scans")
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_label("Number of the envelope")).to_have_value("E-2026-117")
    page.get_by_label("Number of the envelope").press("Enter")
    expect(page.get_by_role("paragraph").filter(has_text="Answered: Scan")).to_be_visible()

    check = ask(case, "check_form", stage="checked")
    page.goto(look.address + reverse("admin:desk_item", args=[check.id]))
    expect(page.get_by_text("Claim this first: a copy of an identity document")).to_be_visible()
    page.get_by_role("button", name="Claim").click()
    examine(look, page, "cession-check")
    redacts(look, page)
    for key in ("y", "Enter", "Shift+Tab", "y", "n", "x"):
        page.keyboard.press(key)
    expect(page.get_by_label("What does not fit")).to_be_focused()
    page.keyboard.type("yny: the stamp is missing.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("paragraph").filter(has_text="Answered: Check")).to_be_visible()
    check.refresh_from_db()
    found = {**(check.answer or {})}
    assert (found["names"], found["addresses"], found["signatures"]) == ("yes", "yes", "no")
    assert found["remark"] == "yny: the stamp is missing."
    page.goto(look.address + reverse("admin:desk_case", args=[case.reference]))
    examine(look, page, "cession-desk")


def redacts(look: Looking, page: Page) -> None:
    """From the check and back: an area is drawn with a mouse, another is made and moved by keys, a third is typed."""
    page.get_by_role("button", name="Redact it passport.jpg").click()
    expect(page.get_by_role("heading", name="Redact the copy")).to_be_visible()
    picture = page.get_by_role("img", name="Page 1, in clear")
    expect(page.locator("[data-how]")).to_be_visible()
    picture.evaluate("image => image.decode()")
    picture.evaluate("image => image.scrollIntoView({block: 'center'})")
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.3)
    page.mouse.up()
    numbers = [page.locator(f"[name=page_1_area_1_{side}]") for side in ("left", "top", "width", "height")]
    for number, value in zip(numbers, ("40", "20", "30", "10"), strict=True):
        expect(number).to_have_value(value)
    page.get_by_role("button", name="Draw area 2").focus()
    for key in ("ArrowDown", "ArrowRight", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator("[name=page_1_area_2_left]")).to_have_value("31")
    expect(page.locator("[name=page_1_area_2_width]")).to_have_value("29")
    page.get_by_role("button", name="Cover again area 2").click()
    for width, scheme in in_looks(page, *ALL_FOUR):
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"cession-redact-{scheme}-{width}.png", full_page=True)
        for check in look.checks:
            check(page)
    page.set_viewport_size({"width": WIDE, "height": 800})
    page.get_by_role("button", name="Redact it so").click()
    expect(page.get_by_text("It is redacted: everybody else sees only what you opened.")).to_be_visible()
    expect(page.get_by_role("link", name="What others see")).to_be_visible()
