"""A visit with a thumb: every screen on a telephone, 360 wide, in a real browser, with and without script."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from backoffice.cases import answering, freezing
from backoffice.cases.models import Command, CommandState, ItemState, WorkItem
from backoffice.staff.models import Role, User
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Found, Visit, VisitState
from tests.factories import actor, make_staff, now, sign_in
from tests.playing import ask
from tests.visits import field_door as door
from tests.visits import visiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")
AMSTERDAM = {"latitude": 52.37124, "longitude": 4.89517}


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def signed_in(page: Page, user: User, address: str) -> Page:
    """The page with the cookie of the visitor's session."""
    session = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    return page


@pytest.fixture
def thumb(live_server: Any, new_page: Any, accessible: Check, fits: Check) -> Callable[..., Any]:
    """Opens the visitor's telephone at a visit, and gives it with a way to examine what it shows."""

    def open_at(visit: Visit, name: str = "visit", **options: Any) -> Page:
        page: Page = new_page(width=360, height=740, has_touch=True, is_mobile=True, **options)
        signed_in(page, visiting.visitor_of(visit), live_server.url)
        page.goto(live_server.url + (door.address(visit, name) if name != "today" else "/field/"))
        return page

    def examine(page: Page, name: str) -> None:
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"field-{name}-360.png")
        fits(page)
        if page.evaluate("document.scripts.length") and page.evaluate("Boolean(window.htmx)"):
            accessible(page)

    open_at.examine = examine  # type: ignore[attr-defined]
    return open_at


def delivered() -> None:
    """As if the relay had told the engine all."""
    Command.objects.update(state=CommandState.SENT)


def test_a_whole_visit_with_a_thumb(thumb: Any) -> None:
    visit = visiting.in_the_window()
    visiting.step(visit, "check_in")
    page = thumb(visit, "today", permissions=["geolocation"], geolocation=AMSTERDAM)
    thumb.examine(page, "today")

    page.get_by_role("link", name="To the next one").click()
    thumb.examine(page, "check-in")
    page.get_by_role("button", name="Check in and share my place").click()
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    assert visit_of(visit.case).coarse_place == "52.37, 4.90"
    thumb.examine(page, "moment")

    delivered()
    visiting.step(visit, "meet_customer")
    expect(page.get_by_role("heading", name="Ring")).to_be_visible()
    thumb.examine(page, "ring")
    page.get_by_label("The customer is here").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()

    delivered()
    comparing = ask(visit.case, "compare_half")
    visiting.step(visit, "enter_half")
    expect(page.locator(".big-code__digits")).to_have_text(re.compile(r"\d{3}\s*\d{3}"))
    thumb.examine(page, "show-half")
    answering.answer(item_id=comparing.id, by=visiting.by_customer(visit), data={"half": visiting.half_b(visit)})

    digits = page.get_by_label("The six digits that the customer reads to you")
    expect(digits).to_be_visible()
    thumb.examine(page, "enter-half")
    digits.fill(visiting.half_a(visit))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()

    delivered()
    visiting.step(visit, "id_check")
    expect(page.get_by_role("heading", name="Check the identity")).to_be_visible()
    thumb.examine(page, "identity")
    page.get_by_label("The document is the customer's").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="The document")).to_be_visible()
    thumb.examine(page, "result")
    page.get_by_label("Yes").check()
    page.get_by_label("Passport").check()
    page.get_by_label("Valid until").fill(f"{now().year + 3}-05-01")
    page.get_by_label("The last four characters of its number").fill("7X2Q")
    page.get_by_role("button", name="Send the result").click()

    expect(page.get_by_role("heading", name="The visit is over")).to_be_visible()
    thumb.examine(page, "over")
    assert visit_of(visit.case).found == Found.MATCH


def test_a_whole_visit_works_without_script(thumb: Any) -> None:
    visit = visiting.in_the_window()
    visiting.step(visit, "check_in")
    page = thumb(visit, javascript=False)
    assert page.get_by_role("button", name="Check in and share my place").count() == 0
    page.get_by_role("button", name="I will not share my place").click()
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    assert visit_of(visit.case).location_refused

    visiting.step(visit, "meet_customer")
    page.get_by_role("link", name="Look again").click()
    page.get_by_label("The customer is here").check()
    page.get_by_role("button", name="Continue").click()
    comparing = ask(visit.case, "compare_half")
    visiting.step(visit, "enter_half")
    page.get_by_role("link", name="Look again").click()
    expect(page.locator(".big-code__digits")).to_be_visible()
    answering.answer(item_id=comparing.id, by=visiting.by_customer(visit), data={"half": visiting.half_b(visit)})
    page.get_by_role("link", name="Compared, go on").click()
    page.get_by_label("The six digits that the customer reads to you").fill(visiting.half_a(visit))
    page.get_by_role("button", name="Continue").click()
    visiting.step(visit, "id_check")
    page.get_by_role("link", name="Look again").click()
    page.get_by_label("It is not, or I have a doubt").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send the result").click()

    expect(page.get_by_role("heading", name="The visit is over")).to_be_visible()
    assert visit_of(visit.case).found == Found.MISMATCH


def test_a_place_that_cannot_be_read_leaves_the_choice(thumb: Any) -> None:
    visit = visiting.in_the_window()
    visiting.step(visit, "check_in")
    page = thumb(visit)

    page.get_by_role("button", name="Check in and share my place").click()
    expect(page.get_by_text("Your place cannot be read")).to_be_visible()
    thumb.examine(page, "no-place")
    page.get_by_role("button", name="I will not share my place").click()

    expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    assert visit_of(visit.case).location_refused


def test_not_feeling_safe_takes_two_presses(thumb: Any) -> None:
    visit, _item = door.showing_half()
    page = thumb(visit)

    page.get_by_text("I do not feel safe").click()
    thumb.examine(page, "unsafe")
    page.get_by_role("button", name="End the visit now").click()

    expect(page.get_by_text("A supervisor was alarmed")).to_be_visible()
    thumb.examine(page, "after-unsafe")
    assert visit_of(visit.case).found == Found.UNSAFE


@pytest.mark.parametrize("name", ["early", "late", "paused", "ran-out", "mismatch", "empty"])
def test_every_other_screen_fits_and_can_be_used_by_everybody(thumb: Any, name: str) -> None:
    visit = {"early": too_early, "late": too_late, "paused": paused, "ran-out": ran_out, "mismatch": doubt}.get(
        name, too_early
    )()
    page = thumb(visit, "today" if name == "empty" else "visit")
    if name == "mismatch":
        page.get_by_label("It is not, or I have a doubt").check()
        page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_be_attached()
    thumb.examine(page, name)


COVERED = """() => [...document.querySelectorAll("main label, main button, main a")].filter((one) => {
  one.scrollIntoView({block: "nearest", behavior: "instant"});
  const {left, top, width, height} = one.getBoundingClientRect();
  if (!width) return false;
  const seen = document.elementFromPoint(left + width / 2, top + height / 2);
  return !(one.contains(seen) || seen?.contains(one));
}).map((one) => one.textContent.trim())"""
"""What can be pressed and yet is covered, once it is scrolled to."""


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 568), (360, 740), (740, 360), (320, 256)],
    ids=["small", "usual", "on its side", "400 %"],
)
def test_the_bar_covers_nothing_that_can_be_chosen(thumb: Any, width: int, height: int) -> None:
    visit = doubt()
    page = thumb(visit)
    page.set_viewport_size({"width": width, "height": height})
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"field-bar-{width}x{height}.png")

    assert page.get_by_label("The customer does not show a document").count() == 1
    assert page.evaluate(COVERED) == []
    page.get_by_label("The customer does not show a document").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="No document was shown")).to_be_visible()


def too_early() -> Visit:
    return visiting.agreed(slot=visiting.free_slot(hours=30))


def too_late() -> Visit:
    visit = visiting.in_the_window()
    starts, ends = now().replace(hour=0, minute=0), now().replace(hour=0, minute=1)
    Visit.objects.filter(pk=visit.pk).update(starts=starts, ends=ends)
    return visit_of(visit.case)


def paused() -> Visit:
    visit = visiting.in_the_window()
    freezing.freeze(case_id=visit.case_id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="suspicion")
    return visit


def ran_out() -> Visit:
    visit, _item = door.showing_half()
    door.let_the_halves_run_out(visit)
    return visit


def doubt() -> Visit:
    return door.checking_identity()[0]


def refused_or_offline(browser: Browser, address: str, visit: Visit) -> Page:
    """A telephone whose console may complain: of a refused answer, or of a lost connection."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = signed_in(context.new_page(), visiting.visitor_of(visit), address)
    page.goto(address + door.address(visit))
    return page


def test_a_wrong_half_is_shown_beside_its_field(
    browser: Browser, live_server: Any, accessible: Check, thumb: Any
) -> None:
    visit, _item = door.compared()
    page = refused_or_offline(browser, live_server.url, visit)

    page.get_by_label("The six digits that the customer reads to you").fill(visiting.wrong(visiting.half_a(visit)))
    page.get_by_role("button", name="Continue").click()

    expect(page.locator("[role=alert]").get_by_text("type them once more")).to_be_visible()
    expect(page.locator("[role=alert]").first).to_be_focused()
    thumb.examine(page, "wrong-half")
    page.get_by_label("The six digits that the customer reads to you").fill(visiting.half_a(visit))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    page.context.close()


def test_a_step_without_connection_is_queued_and_sent_once_when_there_is_one(
    browser: Browser, live_server: Any, thumb: Any
) -> None:
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    item = visiting.step(visit, "meet_customer")
    page = refused_or_offline(browser, live_server.url, visit)
    page.get_by_label("The customer is here").check()

    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Queued: no connection")).to_be_visible()
    thumb.examine(page, "queued")
    page.context.set_offline(False)

    expect(page.get_by_role("heading", name="One moment")).to_be_visible(timeout=10_000)
    item.refresh_from_db()
    assert (item.state, visit_of(visit.case).state) == (ItemState.ANSWERED, VisitState.AT_DOOR)
    assert WorkItem.objects.filter(case=visit.case, kind="meet_customer").count() == 1
    page.context.close()
