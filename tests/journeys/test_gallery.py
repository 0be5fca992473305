"""Every component on every face: it fits, it can be used by everybody, and it keeps to the policy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.staff.models import User
from tests.journeys.conftest import ALL_FOUR, BOTH_WIDTHS, in_looks

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.journeys.gallery"),
]
Check = Callable[[Page], None]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")
"""A folder for screenshots, to look at them."""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("face", ["portal", "desk", "field", "public"])
def test_every_component_is_accessible_and_fits(
    live_server: Any, page: Page, accessible: Check, fits: Check, face: str
) -> None:
    page.goto(f"{live_server.url}/gallery/{face}?wrong")
    page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")

    for width, scheme in in_looks(page, *ALL_FOUR):
        picture(page, f"{face}-{width}-{scheme}")
        fits(page)
        accessible(page)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_pages_for_what_went_wrong_say_what_to_do(
    live_server: Any, browser: Any, accessible: Check, fits: Check, status: int
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})

    page.goto(f"{live_server.url}/broken/{status}")

    picture(page, f"broken-{status}")
    expect(page.get_by_role("link", name="the first page")).to_be_visible()
    fits(page)
    accessible(page)
    page.close()


def test_the_summary_of_errors_takes_the_focus_and_leads_to_the_field(live_server: Any, page: Page) -> None:
    page.goto(f"{live_server.url}/gallery/portal?wrong")

    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").first.click()
    page.keyboard.press("Space")

    expect(page.get_by_label("Yes")).to_be_checked()


def test_a_reference_is_copied_with_one_press(live_server: Any, new_page: Any) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/gallery/portal")

    page.get_by_role("button", name="Copy K7Q-4MX-2").first.click()

    expect(page.get_by_role("status").filter(has_text="copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "K7Q-4MX-2"


def test_without_script_nothing_is_offered_that_needs_it(live_server: Any, new_page: Any) -> None:
    page = new_page(javascript=False)

    page.goto(f"{live_server.url}/gallery/portal")

    assert page.get_by_role("button", name="Copy K7Q-4MX-2").count() == 0
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_times_of_no_known_zone_are_shown_on_the_reader_s_clock(live_server: Any, new_page: Any) -> None:
    page = new_page(timezone_id="America/New_York", locale="en")
    page.goto(f"{live_server.url}/account/login/")

    shown = page.evaluate(
        """() => {
            const late = '<p id="late"><time datetime="2031-11-26T16:00:00Z" data-reader></time></p>';
            document.body.insertAdjacentHTML("beforeend", late);
            document.dispatchEvent(new CustomEvent("htmx:load", {detail: {}}));
            return document.querySelector("#late").textContent;
        }"""
    )

    assert shown == "Wed 26 Nov 2031, 11:00"


def test_a_form_is_sent_once_however_often_its_button_is_pressed(live_server: Any, page: Page) -> None:
    page.goto(f"{live_server.url}/gallery/portal")
    page.evaluate(
        """() => {
            window.sent = 0;
            const form = document.querySelector("form.form");
            form.addEventListener("submit", (event) => { window.sent += 1; event.preventDefault(); });
        }"""
    )

    page.get_by_role("button", name="Go on").dblclick()

    assert page.evaluate("window.sent") == 1


def test_the_pages_of_the_account_keep_to_the_policy(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    User.objects.create_user("mieke", password="a long pass phrase", email="mieke@example.org")
    page.goto(f"{live_server.url}/account/login/?next=/gallery/public")
    for width, _scheme in in_looks(page, *BOTH_WIDTHS):
        picture(page, f"login-{width}")
        accessible(page)
    page.get_by_label("Username").fill("mieke")
    page.get_by_label("Password", exact=True).fill("a long pass phrase")

    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/gallery/public")

    for name in ["2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "2fa/webauthn/", "password/change/", "logout/"]:
        page.goto(f"{live_server.url}/account/{name}")
        if "reauthenticate" in page.url:
            accessible(page)
            page.get_by_label("Password", exact=True).fill("a long pass phrase")
            page.get_by_role("button", name="Confirm").click()
            page.wait_for_url(f"**/account/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"account-{name.replace('/', '-')}{width}")
            fits(page)
            accessible(page)
