"""A customer is rung by a stranger, and reports it with one press on a telephone; an analyst at the desk decides; what
goes round stands on the public page. With and without script."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.staff.models import Role
from backoffice.suspicions.models import Report
from tests.factories import make_staff
from tests.journeys.at_desk import sit
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.portal.conftest import make_person, open_blocked
from tests.suspicions.conftest import SMISH

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")


def test_from_one_press_to_the_warning(live_server: Any, new_page: Any, accessible: Any, fits: Any) -> None:
    cache.clear()
    person = make_person()
    open_blocked(person.card)
    url = live_server.url

    def examine(page: Page, name: str, *, widths: Any = BOTH_WIDTHS) -> None:
        for width, _scheme in in_looks(page, *widths):
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"suspicion-{name}-{width}.png", full_page=True)
            fits(page)
            accessible(page)

    phone = new_page(width=360, height=740, javascript=False)
    assert person.customer.user is not None
    sit(phone, live_server, person.customer.user)
    phone.goto(url + reverse("portal:suspicious_contact:report"))
    button = phone.get_by_role("button", name="Somebody is on the phone with me now")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 400, "the press must be on the first screen"
    button.click()
    expect(phone.get_by_role("heading", name="What to do now")).to_be_visible()
    expect(phone.get_by_text("We paused 1 open case of yours.")).to_be_visible()
    phone.get_by_label("I told or typed the number of a card").check()
    phone.get_by_role("button", name="Show me what to do").click()
    expect(phone.get_by_text("Have the card blocked and replaced.")).to_be_visible()

    scripted = new_page()
    sit(scripted, live_server, person.customer.user)
    scripted.goto(url + reverse("portal:suspicious_contact:report"))
    examine(scripted, "report")
    scripted.goto(phone.url)
    examine(scripted, "case")
    scripted.goto(url + reverse("portal:suspicious_contact:report"))
    scripted.get_by_label("What does it say").fill(SMISH)
    scripted.get_by_label("A text message, or a chat").check()
    scripted.get_by_role("button", name="Report it").click()
    expect(scripted.get_by_text("This is not from us. Hang up, and do not answer.")).to_be_visible()

    desk = new_page()
    sit(desk, live_server, make_staff(role=Role.COMPLIANCE))
    group = Report.objects.filter(is_on_now=False).select_related("group").latest("at").group
    assert group is not None
    desk.goto(url + reverse("admin:suspicious_contact:groups"))
    examine(desk, "groups")
    desk.goto(url + reverse("admin:suspicious_contact:group", args=[group.reference]))
    desk.get_by_role("button", name="Take and read").click()
    desk.get_by_label("Fraud. Warn others with the words below").check()
    desk.get_by_label("Why").fill("The same text goes round at other companies")
    desk.get_by_label("The warning, in your own words").fill(
        "A text message says that a parcel waits, and asks for a small fee by card."
    )
    examine(desk, "group")
    desk.get_by_role("button", name="Decide for all of them").click()
    expect(desk.get_by_text("Decided. Every case of these reports goes on with it.")).to_be_visible()
    examine(desk, "decided", widths=BOTH_WIDTHS[:1])

    anybody = new_page(width=360, height=740)
    anybody.goto(url + reverse("check"))
    expect(anybody.get_by_text("A text message says that a parcel waits")).to_be_visible()
    examine(anybody, "check")
    anybody.goto(url + reverse("portal:suspicious_contact:public"))
    examine(anybody, "public")
    anybody.get_by_label("What does it say").fill(SMISH)
    anybody.get_by_label("A text message, or a chat").check()
    anybody.get_by_role("button", name="Report it").click()
    expect(anybody.get_by_role("heading", name="This is going round. It is not from us.")).to_be_visible()
    examine(anybody, "receipt")
    reference = Report.objects.latest("at").contact.reference
    anybody.goto(url + reverse("portal:suspicious_contact:receipt"))
    anybody.get_by_label("The reference of your report").fill(reference)
    anybody.get_by_role("button", name="Look").click()
    expect(anybody.get_by_role("heading", name="It is fraud. It did not come from us.")).to_be_visible()
    examine(anybody, "came")
