"""What machines reported and nobody could read, on the desk in a real browser: the pages fit, and everybody can use
them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.cards.reissue.signals import fraud_signalled, note_details
from backoffice.cards.reissue.understanding import Details
from backoffice.cases import alarms
from backoffice.cases.models import Alarm
from backoffice.staff.models import Role
from tests.factories import make_card, make_staff, now
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.playing import ask, outside_actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
UNREAD = Details(
    not_understood={"payments.0.amount": ["This is no amount."], "data.device_fingerprint": ["We do not know this."]},
    rest='{"data": {"card": "ic_1", "device_fingerprint": "' + "f00d" * 60 + '"}}',
)


def test_what_could_not_be_read_is_read_by_a_person(
    live_server: Any, page: Page, accessible: Check, fits: Check
) -> None:
    case, _ = fraud_signalled(signal_id="s1", card=make_card(), by=outside_actor())
    note_details(signal_id="s1", details=UNREAD, by=outside_actor())
    ask(case, "call_customer")
    told = {"fields": UNREAD.not_understood, "text": UNREAD.rest}
    alarms.sound(process="card_reissue", code="signal_of_unknown_card", key="signal:2", told=told, now=now())
    person = make_staff(role=Role.SUPERVISOR)
    person.groups.add(*make_staff(role=Role.SUPPORT).groups.all())
    sit(page, live_server, person)

    def look(name: str) -> None:
        for width, _scheme in in_looks(page, *BOTH_WIDTHS):
            picture(page, f"{name}-{width}")
            fits(page)
            accessible(page)

    page.goto(live_server.url + "/desk/?tab=attention")
    look("alarms")
    page.goto(f"{live_server.url}/desk/alarm/{Alarm.objects.get().pk}/")
    page.get_by_label("Why you read it").fill("I ask the issuer which card it is")
    page.get_by_role("button", name="Show what was told").click()
    expect(page.get_by_text("ic_1")).to_be_visible()
    look("alarm")
    page.goto(f"{live_server.url}/desk/case/{case.reference}/")
    look("case-unread")
    page.get_by_role("link", name="Read it, and say why").click()
    look("unread-why")
    page.get_by_label("I check or take over a colleague's work").check()
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("ic_1")).to_be_visible()
    look("unread")
