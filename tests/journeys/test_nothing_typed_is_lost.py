"""A form in a real browser: its session ends before it is sent, it is refused and read again, and a warning comes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from backoffice.cases.models import WorkItem
from backoffice.staff.models import User
from tests.factories import make_card, make_staff, sign_in, totp_code
from tests.playing import ask, open_card_case
from tests.portal.conftest import make_person
from tests.ui.sessions import idle_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")
REASON = "They answer tonight, after the school run"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WORD = "a long word for tests"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def clerk() -> User:
    user = make_staff(totp=SECRET)
    user.set_password(WORD)
    user.save()
    return user


def bring(page: Page, client: Client, address: str) -> None:
    """Brings the session of the test client into the browser."""
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def call() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_form_sent_after_the_session_ended_stands_there_again(
    live_server: Any, new_page: Any, accessible: Any, fits: Any, width: int
) -> None:
    user, item, page = clerk(), call(), new_page(width=width, javascript=width == 1280)
    client = sign_in(Client(), user)
    bring(page, client, live_server.url)
    page.goto(f"{live_server.url}/desk/item/{item.id}/")
    page.get_by_label("Why").first.fill(REASON)
    idle_for(client, settings.IDLE.total_seconds() + 60)

    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(page.get_by_text("You were signed out before this was sent.")).to_be_visible()
    picture(page, f"signed-out-{width}")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("input[name=code]").first.fill(totp_code(SECRET))
    page.locator("form:has(input[name=code]) button[type=submit]").first.click()

    expect(page.get_by_text("What you had typed is here; nothing was sent.")).to_be_visible()
    expect(page.get_by_text("You were signed out at")).to_be_visible()
    expect(page.get_by_label("Why").first).to_have_value(REASON)
    picture(page, f"typed-again-{width}")
    fits(page)
    if width == 1280:
        accessible(page)


def test_neither_reload_nor_back_sends_a_refused_form_again(live_server: Any, browser: Any) -> None:
    user, item = clerk(), call()
    page = browser.new_context().new_page()
    bring(page, sign_in(Client(), user), live_server.url)
    page.goto(f"{live_server.url}/desk/")
    page.goto(f"{live_server.url}/desk/item/{item.id}/")
    page.get_by_label("Why").first.fill(REASON)

    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Why").first).to_have_value(REASON)
    again = page.reload()

    assert again.request.method == "GET"
    expect(page.get_by_label("Why").first).to_have_value(REASON)
    page.go_back()
    expect(page.get_by_role("heading", name="Call the customer")).to_be_visible()
    page.go_forward()
    expect(page.get_by_label("Why").first).to_have_value(REASON)
    page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_warning_comes_two_minutes_before_and_a_press_renews(
    live_server: Any, new_page: Any, accessible: Any, fits: Any, width: int
) -> None:
    person, page = make_person(), new_page(width=width)
    bring(page, person.client, live_server.url)
    page.clock.install()
    page.goto(f"{live_server.url}/portal/open/card_reissue/")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    idle_for(person.client, settings.IDLE.total_seconds() - 110)

    page.clock.fast_forward((int(settings.IDLE.total_seconds()) - 110) * 1000)
    expect(page.get_by_text("You will be signed out in 2 minutes, at")).to_be_visible(timeout=20_000)
    picture(page, f"warning-{width}")
    fits(page)
    accessible(page)
    page.get_by_role("button", name="Stay signed in").click()

    expect(page.get_by_text("You stay signed in.")).to_be_visible(timeout=20_000)
    idle_for(person.client, settings.IDLE.total_seconds() + 1)
    page.clock.fast_forward(int(settings.IDLE.total_seconds() + 1) * 1000)
    expect(page.get_by_text("What you typed stays on this page")).to_be_visible(timeout=20_000)
    picture(page, f"ended-{width}")
