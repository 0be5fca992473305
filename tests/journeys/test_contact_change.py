"""The holder changes their mail address in the portal; the old address stops it, without a sign-in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Page, expect

from backoffice.cases.models import Case, CaseState
from backoffice.messages.models import Message
from backoffice.trust.models import Contact
from tests.contact_changes.changing import ask_for_code, assess, code_in, in_force, sent
from tests.factories import totp_code
from tests.journeys.conftest import NewPage
from tests.playing import advance, ask
from tests.portal.conftest import make_person
from workflows.base.contracts import SendNotice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(PICTURES) / f"contact_change_{name}_{width}.png", full_page=True)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_holder_changes_the_mail_address_and_the_old_one_stops_it(
    live_server: Any, phone: Page, new_page: NewPage, accessible: Any
) -> None:
    cache.clear()
    maria = make_person()
    session = maria.client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    phone.goto(live_server.url + "/portal/open/")
    phone.get_by_role("link", name="I have a new address or telephone number").click()
    phone.get_by_label("The e-mail address").check()
    phone.get_by_label("The new e-mail address or telephone number").fill("maria@new.example.net")
    picture(phone, "open")
    accessible(phone)
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_text("We have it.")).to_be_visible()

    case = Case.objects.get(process="contact_change")
    ask(case, "confirm_change", stage="confirmed", notices=(SendNotice("change_asked"),))
    phone.reload()
    picture(phone, "confirm_asked")
    phone.get_by_role("link", name="Confirm the change").first.click()
    expect(phone.get_by_text("becomes maria@new.example.net")).to_be_visible()
    picture(phone, "prove")
    phone.locator("[name=code]").fill(totp_code(maria.secret))
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_role("heading", name="We have your answer")).to_be_visible()

    ask_for_code(case)
    phone.goto(live_server.url + f"/portal/cases/{case.reference}/")
    picture(phone, "code_waited_for")
    fits(phone)
    accessible(phone)
    phone.get_by_role("link", name="Enter the code").first.click()
    phone.get_by_label("The code that we sent you").fill(code_in(sent(case)))
    picture(phone, "code")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("heading", name="We have your answer")).to_be_visible()

    assess(case)
    advance(case, stage="announced", waiting_on="others", notices=(SendNotice("change_announced"),))
    phone.goto(live_server.url + f"/portal/cases/{case.reference}/")
    picture(phone, "announced")
    told = Contact.objects.get(case_id=case.id, purpose="contact_change.change_announced", channel="mail")
    assert Message.objects.get(contact=told).destination == in_force(maria.customer, "mail")

    somebody = new_page()
    somebody.goto(live_server.url + "/stop")
    somebody.locator("[name=code]").fill(told.reference)
    somebody.locator("[name=last_three]").fill(in_force(maria.customer, "phone").value[-3:])
    somebody.get_by_role("button", name="Show what it stops").click()
    somebody.get_by_role("button", name="Stop it now").click()
    expect(somebody.get_by_text("It is stopped: nothing is changed.")).to_be_visible()
    case.refresh_from_db()
    assert case.state == CaseState.STOPPING
    assert in_force(maria.customer, "mail").value != "maria@new.example.net"
