"""A customer who was rung by a robot complains on a phone, without script; the owner answers at the desk; the customer
reads it and is content."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cases.models import Case
from backoffice.complaints.models import Complaint
from backoffice.staff.models import Role
from tests.complaints.complaining import ask_owner, begin, hanna, rung, tell
from tests.factories import make_staff
from tests.journeys.at_desk import sit
from tests.journeys.conftest import NewPage
from tests.playing import ask
from tests.portal.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(PICTURES) / f"complaint_{name}_{width}.png", full_page=True)


def test_who_was_rung_by_a_robot_complains_and_is_answered(
    live_server: Any, new_page: NewPage, accessible: Any, fits: Any
) -> None:
    cache.clear()
    owner = make_staff(role=Role.SUPERVISOR, first_name="Sam", last_name="Prins")
    maria, agent = make_person(), hanna()
    call = rung(maria.customer, agent)
    phone = new_page(width=360, height=740, has_touch=True, is_mobile=True, javascript=False)
    session = maria.client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    phone.goto(live_server.url + "/portal/open/")
    phone.get_by_role("link", name="Complain about something").click()
    picture(phone, "write")
    phone.get_by_label("a telephone call").check()
    phone.get_by_label("What happened?").fill("A robot rang me: my line is cut off. Then Visser was rude.")
    phone.get_by_label("The code of the message or call, if you have it").fill(call.contact.reference)
    phone.get_by_role("button", name="Send the complaint").click()
    expect(phone.get_by_role("heading", name="When you have our answer")).to_be_visible()
    case = Case.objects.get(process="complaint")
    assert list(case.kept_from.values_list("user", flat=True)) == [agent.pk]
    assert begin(case) == str(owner.public_id)
    item = ask_owner(case, holder=str(owner.public_id))

    theirs = new_page(width=360, height=740)
    theirs.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    theirs.goto(live_server.url + f"/portal/cases/{case.reference}/")
    picture(theirs, "waits")
    theirs.set_viewport_size({"width": 360, "height": 740})
    accessible(theirs)
    fits(theirs)

    desk = new_page()
    sit(desk, live_server, owner)
    desk.goto(live_server.url + reverse("admin:complaint:board"))
    picture(desk, "board")
    accessible(desk)
    desk.goto(live_server.url + reverse("admin:desk_case", args=[case.reference]))
    picture(desk, "desk_case")
    desk.set_viewport_size({"width": 1280, "height": 900})
    accessible(desk)
    desk.goto(live_server.url + reverse("admin:desk_item", args=[item.id]))
    desk.get_by_label("Upheld: the customer is right").check()
    desk.get_by_label("Your reasons, to the customer").fill("You are right. No robot calls you again.")
    desk.get_by_label("They get an apology in writing").check()
    picture(desk, "answer")
    desk.set_viewport_size({"width": 1280, "height": 900})
    accessible(desk)
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_role("button", name="Send the answer")).to_have_count(0)

    tell(case, promise=True)
    react = ask(case, "react")
    theirs.goto(live_server.url + f"/portal/cases/{case.reference}/")
    expect(theirs.get_by_text("No robot calls you again")).to_be_visible()
    picture(theirs, "answered")
    theirs.set_viewport_size({"width": 360, "height": 740})
    accessible(theirs)
    fits(theirs)
    theirs.goto(live_server.url + f"/portal/items/{react.id}/")
    picture(theirs, "react")
    theirs.get_by_label("Yes. The matter is closed for me.").check()
    theirs.get_by_role("button", name="Send").click()
    expect(theirs.get_by_role("heading", name="We have your answer")).to_be_visible()
    react.refresh_from_db()
    assert react.outcome == "accepted"
    assert Complaint.of(case).answered_at is not None

    stranger = new_page(width=360, height=740)
    stranger.goto(live_server.url + "/portal/complain/")
    picture(stranger, "stranger")
    stranger.set_viewport_size({"width": 360, "height": 740})
    accessible(stranger)
    fits(stranger)
