"""The customer on a telephone: chooses when we call, reads the announcement, looks while it rings, and says no, also
without script."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from backoffice.cases.models import Case
from backoffice.telephony.models import CallState
from tests.calls.call_backs import announced, staff_hours, tomorrow
from tests.journeys.at_desk import sit
from tests.journeys.test_phone_call import examine
from tests.journeys.test_portal_pages import Looking, _fresh_limits, look
from tests.portal.conftest import make_person

__all__ = ["_fresh_limits", "look"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = 360


def test_a_customer_chooses_a_time_and_looks_while_the_telephone_rings(look: Looking, live_server: Any) -> None:
    starts, maria = staff_hours(), make_person()
    phone = look.at(maria, reverse("portal:open", args=["call_back"]), "call-back-wish", NARROW)
    examine(look, phone, "call-back-wish")
    phone.get_by_role("button", name="Arrange the call").click()
    expect(phone.get_by_text("Choose a time.").first).to_be_visible()
    phone.get_by_label("My cards").check()
    phone.get_by_label("When do we call?").select_option(index=1)
    phone.get_by_role("button", name="Arrange the call").click()
    expect(phone.get_by_role("heading", name="Our call to you").first).to_be_visible()
    examine(look, phone, "call-back-case")

    agreed = announced(case=Case.objects.get(), starts=starts)
    phone.get_by_role("link", name="To the page of the call").click()
    expect(phone.get_by_text("Nobody is calling you about this now")).to_be_visible()
    expect(phone.get_by_text("The cards team", exact=True)).to_be_visible()
    examine(look, phone, "call-back-agreed")

    agreed.dial()
    expect(phone.get_by_role("heading", name="Hanna of the cards team is calling you now")).to_be_visible()
    examine(look, phone, "call-back-calling")
    agreed.press(CallState.ANSWERED)
    expect(phone.get_by_role("heading", name="Hanna of the cards team is talking to you now")).to_be_visible()
    agreed.press(CallState.ENDED)
    agreed.wrap_up("rings_back")
    expect(phone.get_by_role("heading", name="Ring us, to be sure that it is us")).to_be_visible()
    examine(look, phone, "call-back-ring-back")

    without_script(look, live_server)


def without_script(look: Looking, live_server: Any) -> None:
    """Another customer moves their call, and calls it off."""
    agreed = announced(starts=staff_hours(starts=tomorrow(12)))
    context = look.browser.new_context(viewport={"width": NARROW, "height": 800}, java_script_enabled=False)
    look.contexts.append(context)
    phone, account = context.new_page(), agreed.case.customer.user
    assert account is not None
    sit(phone, live_server, account)
    phone.goto(live_server.url + reverse("portal:call_back:call", args=[agreed.case.reference]))
    phone.get_by_role("link", name="Choose another time").click()
    phone.get_by_label("When do we call?").select_option(index=2)
    phone.get_by_role("button", name="Call me then").click()
    expect(phone.get_by_text("The call is moved. We confirm it by mail.")).to_be_visible()
    phone.get_by_role("link", name="I want no call").click()
    phone.get_by_label("Do not call me about this at all").check()
    phone.get_by_role("button", name="Call it off").click()
    expect(phone.get_by_text("Nobody calls you. If somebody calls all the same")).to_be_visible()
