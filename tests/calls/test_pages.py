"""The console at the desk and the page of the code in the portal."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.calls import codes
from backoffice.calls.models import Call
from backoffice.cases import answering, freezing
from backoffice.cases.models import Case
from backoffice.staff.models import Role
from tests.calls.calling import TOLD, OnTheLine, make_agent, make_caller, take_call
from tests.factories import make_customer, make_staff, sign_in
from tests.playing import ask, close

pytestmark = pytest.mark.django_db
CONSOLE = "/desk/call/"


def at_desk(line: OnTheLine) -> Client:
    return sign_in(Client(), line.agent)


def in_portal(line: OnTheLine) -> Client:
    assert line.customer.user is not None
    return sign_in(Client(), line.customer.user)


def of_call(line: OnTheLine, name: str = "call", *more: str) -> str:
    return reverse(f"admin:phone_authorisation:{name}", args=[line.case.reference, *more])


def of_code(line: OnTheLine, name: str = "code") -> str:
    return reverse(f"portal:phone_authorisation:{name}", args=[line.case.reference])


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_the_menu_leads_those_who_take_calls_to_the_console() -> None:
    support, approver = make_agent(), make_staff(role=Role.APPROVER)

    assert 'href="/desk/call/"' in sign_in(Client(), support).get("/desk/").content.decode()
    assert 'href="/desk/call/"' not in sign_in(Client(), approver).get("/desk/").content.decode()
    assert sign_in(Client(), approver).get(CONSOLE).status_code == 403


def test_the_first_screen_finds_the_record_and_shows_nothing_of_it() -> None:
    customer, desk = make_caller(given_name="Ludmila", family_name="Zielinska"), sign_in(Client(), make_agent())
    page = desk.get(CONSOLE)
    assert "Never ask for a password" in text_of(page)

    shown = desk.post(CONSOLE, {**TOLD, "opening_key": str(uuid.uuid4())}, follow=True)

    case = Case.objects.get()
    assert shown.redirect_chain == [(f"/desk/call/{case.reference}/", 302)]
    assert "There is a record" in text_of(shown)
    told = [*re.findall(r"\w+", customer.name), *(point.masked for point in customer.contact_points.all())]
    assert [one for one in told if one in text_of(shown)] == []


def test_a_fault_is_on_its_field_and_keeps_what_was_typed() -> None:
    desk = sign_in(Client(), make_agent())

    page = desk.post(CONSOLE, {**TOLD, "known": "5252248482", "opening_key": str(uuid.uuid4())})

    assert page.status_code == 400
    assert "the check digit does not fit the others" in text_of(page)
    assert 'value="5252248482"' in page.content.decode()
    assert desk.post(CONSOLE, TOLD).status_code == 400


def test_the_console_goes_back_to_the_call_that_is_not_wrapped_up(line: OnTheLine) -> None:
    assert at_desk(line).get(CONSOLE).headers["Location"] == of_call(line)


def test_a_call_from_its_code_to_its_wrap_up(line: OnTheLine) -> None:
    desk, code = at_desk(line), line.shows()
    assert "The portal shows the code now" in text_of(desk.get(of_call(line)))
    wrong = desk.post(of_call(line, "answer", "type_code"), {"code": "22222222"})
    assert (wrong.status_code, "2 tries are left" in text_of(wrong)) == (400, True)
    assert code.replace(" ", "") not in wrong.content.decode()

    right = desk.post(of_call(line, "answer", "type_code"), {"code": code})
    assert right.headers["Location"] == f"{of_call(line, 'order')}#id_card_0"
    assert "Which card?" in text_of(desk.get(of_call(line, "order")))
    faulty = desk.post(of_call(line, "order"), {"card": str(line.card.public_id), "reason": ""})
    assert faulty.status_code == 400
    desk.post(of_call(line, "order"), {"card": str(line.card.public_id), "reason": "lost"})
    opened = Case.objects.get(process="card_reissue")
    ask(line.case, "wrap_up", stage="proven", holder=str(line.agent.public_id))
    screen = desk.get(of_call(line))
    assert f"Opened for the caller: Replace a card, case {opened.reference}." in text_of(screen)
    assert "Which login a passkey" in text_of(screen)
    refused = desk.post(of_call(line, "answer", "wrap_up"), {"changed": "A card", "ordered_by": "nobody"})
    assert (refused.status_code, "Say on whose order" in text_of(refused)) == (400, True)

    done = desk.post(of_call(line, "answer", "wrap_up"), {"changed": "A card", "ordered_by": "holder"})

    assert done.headers["Location"] == CONSOLE
    assert "This call is over" in text_of(desk.get(of_call(line)))
    assert desk.get(CONSOLE).status_code == 200


def test_the_screen_of_another_agents_call_is_not_there(line: OnTheLine) -> None:
    other = sign_in(Client(), make_agent())

    for name, more in (("call", ()), ("live", ()), ("order", ())):
        assert other.get(of_call(line, name, *more)).status_code == 404


def test_the_open_screen_learns_what_happened_and_is_loaded_again_when_its_forms_change(line: OnTheLine) -> None:
    desk = at_desk(line)
    address = re.search(r'hx-get="([^"]+)"', desk.get(of_call(line)).content.decode())
    assert address is not None
    live = address[1].replace("&amp;", "&")
    assert "Ask for the code" in text_of(desk.get(live))

    line.shows()
    assert "The portal shows the code now" in text_of(desk.get(live))
    codes.deny(case_id=line.case.id, by=line.by_customer)

    assert desk.get(live).headers["HX-Refresh"] == "true"
    assert "The customer is not talking to us" in text_of(desk.get(of_call(line)))


def test_what_is_not_asked_now_is_refused_in_words(line: OnTheLine) -> None:
    desk = at_desk(line)
    early = desk.post(of_call(line, "answer", "wrap_up"), {"changed": "A card", "ordered_by": "holder"})
    unproven = desk.get(of_call(line, "order"))
    line.typing.delete()
    waiting = desk.get(of_call(line))

    assert (early.status_code, unproven.status_code) == (409, 409)
    assert "There is a record. One moment" in text_of(waiting)


def test_the_screen_says_when_the_call_is_frozen_or_with_a_supervisor(line: OnTheLine) -> None:
    desk = at_desk(line)
    freezing.freeze(case_id=line.case.id, by=line.by_agent, reason="suspicion")
    assert "This case is frozen" in text_of(desk.get(of_call(line)))
    other = take_call(customer=line.customer)
    answering.answer(item_id=other.typing.id, by=other.by_agent, data={"no_code": "on"})
    item = other.wrap_up()
    assert "Do nothing for this caller" in text_of(at_desk(other).get(of_call(other)))
    ask(other.case, "wrap_up_late", expires=(item.step,))

    assert "not wrapped up in time" in text_of(at_desk(other).get(of_call(other)))


def test_the_page_of_the_case_leads_to_the_screen_of_the_call(line: OnTheLine) -> None:
    page = at_desk(line).get(f"/desk/case/{line.case.reference}/")

    assert of_call(line) in page.content.decode()
    close(line.case, "rejected")
    assert of_call(line) not in at_desk(line).get(f"/desk/case/{line.case.reference}/").content.decode()


# --- the portal -------------------------------------------------------------------------------------------------------


def test_the_page_says_in_large_letters_for_what_the_code_is_and_who_asks(line: OnTheLine) -> None:
    page = in_portal(line).get(of_code(line))

    assert re.search(r"<h1[^>]*>Report that something is wrong with my card</h1>", page.content.decode())
    assert "Hanna of" in text_of(page)
    assert line.agent.staff_profile.badge_number in text_of(page)
    assert "Bakker" not in text_of(page)
    assert in_portal(line).get(f"/portal/cases/{line.case.reference}/").content.decode().count(of_code(line)) == 1


def test_looking_at_the_page_changes_nothing_and_shows_no_code(line: OnTheLine) -> None:
    portal, before = in_portal(line), line.call.case.events
    for name in ("code", "status", "not_me"):
        portal.get(of_code(line, name))

    assert (line.call.case.events, line.call.shown, line.code()) == (before, 0, "")
    assert portal.get(of_code(line, "another")).status_code == 405


def test_the_code_is_shown_after_a_press_and_again_when_the_page_is_loaded_again(line: OnTheLine) -> None:
    portal = in_portal(line)
    page = portal.post(reverse("portal:item", args=[line.giving.id]), {"answer": "shown"}, follow=True)

    first = line.code()
    assert page.redirect_chain[-1][0] == of_code(line)
    assert all(group in text_of(page) for group in first.split())
    assert first.split()[0] in text_of(portal.get(of_code(line)))
    portal.post(of_code(line, "another"))
    assert line.code() not in ("", first)


def test_one_press_and_one_more_say_that_it_is_not_me(line: OnTheLine) -> None:
    portal = in_portal(line)
    portal.post(of_code(line, "not_me"))

    assert line.call.state == "denied"
    assert "We do nothing for this caller" in text_of(portal.get(of_code(line)))


def test_the_open_page_learns_what_happened_and_says_when_it_cannot(line: OnTheLine) -> None:
    portal = in_portal(line)
    page = portal.get(of_code(line)).content.decode()
    address = re.search(r'hx-get="([^"]+)"', page)
    assert address is not None
    assert 'data-fresh-for="15"' in page
    assert "We cannot check now: do not talk" in page
    assert portal.get(address[1]).status_code == 204

    line.is_proven()

    assert "The code was right" in text_of(portal.get(address[1]))


def test_the_page_is_true_in_every_state(line: OnTheLine) -> None:
    portal, said = in_portal(line), []

    def note() -> None:
        found = re.search(r'notice__title">([^<]+)|panel--turn[^>]+>\s*<h2[^>]*>([^<]+)', _live(portal, line))
        assert found is not None
        said.append(" ".join((found[1] or found[2]).split()))

    line.shows()
    note()
    freezing.freeze(case_id=line.case.id, by=line.by_agent, reason="suspicion")
    note()
    Case.objects.filter(pk=line.case.pk).update(state="open")
    Call.objects.filter(case=line.case).update(code=None)
    note()
    line.typing.delete()
    note()
    Case.objects.filter(pk=line.case.pk).update(stage="")
    note()

    assert said == [
        "Read this to Hanna, if you called us",
        "This is paused",
        "The code is too old",
        "Nobody asks for this code any more",
        "One moment",
    ]


def _live(portal: Client, line: OnTheLine) -> str:
    page = portal.get(of_code(line)).content.decode()
    return page.partition('data-fresh-for="15"')[2] or page.partition('id="call"')[2]


def test_it_is_the_page_of_its_customer_only(line: OnTheLine) -> None:
    stranger = make_customer()
    assert stranger.user is not None
    portal = sign_in(Client(), stranger.user)

    assert [portal.get(of_code(line, name)).status_code for name in ("code", "status", "not_me")] == [404] * 3
    assert portal.post(of_code(line, "another")).status_code == 404
