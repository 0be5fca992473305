"""The screen of a telephone call at the desk, in and out."""

from __future__ import annotations

import html
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
import pytest
from django.test import Client

from backoffice.actors import system
from backoffice.calls.back.models import CallBack
from backoffice.cases.models import Case, WorkItem
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, Customer
from backoffice.staff.models import Role
from backoffice.telephony import proving, states
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import MutualCode
from tests.calls.calling import make_agent, make_caller, take_call
from tests.calls.telephoning import agreed_call_back, number_of, where_it_is_night
from tests.factories import make_card, make_staff, sign_in
from tests.playing import ask, customer_actor, open_card_case

pytestmark = pytest.mark.django_db
CONSOLE = "/desk/call/"


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def take(desk: Client, number: str = "") -> Any:
    return desk.post(f"{CONSOLE}in/", {"number": number, "opening_key": str(uuid.uuid4())}, follow=True)


def test_somebody_calls_and_their_number_proves_nothing() -> None:
    customer, agent = make_caller(given_name="Ludmila", family_name="Zielinska"), make_agent()
    case = open_card_case(make_card(customer=customer))
    desk = sign_in(Client(), agent)

    page = take(desk, number_of(customer))

    call = Call.objects.get()
    assert page.redirect_chain == [(f"{CONSOLE}line/{call.contact.reference}/", 302)]
    assert (call.direction, call.agent) == ("in", agent)
    assert "It proves nothing" in text_of(page)
    assert case.reference in text_of(page)
    assert "Zielinska" not in text_of(page)


def test_the_open_call_comes_first_on_the_console_and_the_worklist() -> None:
    agent = make_agent()
    desk = sign_in(Client(), agent)
    take(desk)
    call = Call.objects.get()

    assert desk.get(CONSOLE).headers["Location"] == f"{CONSOLE}line/{call.contact.reference}/"
    rows = re.findall(r'class="work__what" href="([^"]+)"', desk.get("/desk/").content.decode())
    assert rows[0] == f"{CONSOLE}line/{call.contact.reference}/"


def spoken(number: str) -> str:
    """As the screen shows it."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def at_desk(agent: Any) -> Client:
    return sign_in(Client(), agent)


def begin(desk: Client, call_back: CallBack) -> str:
    """Opens the sheet; the address of the call's screen."""
    taken = desk.post(f"{CONSOLE}next/{call_back.case.reference}/")
    return str(taken.headers["Location"])


def press(desk: Client, line: str, *keys: str) -> Any:
    for key in keys:
        page = desk.post(f"{line}press/", {"state": key}, follow=True)
    return page


def test_a_call_back_from_the_sheet_to_the_wrap_up() -> None:
    agent, call_back = make_agent(), agreed_call_back()
    desk = at_desk(agent)
    assert "Open the sheet" in text_of(desk.get(CONSOLE))

    line = begin(desk, call_back)
    page = desk.get(line)
    assert "Call with Maria Jansen" in text_of(page)
    assert "Never ask for a password" in text_of(page)
    point = contact_points.current(customer=call_back.case.customer, kind=ContactKind.PHONE)
    assert point is not None
    number = spoken(str(point.value))
    assert number not in page.content.decode()

    page = press(desk, line, "dialling")
    assert number in page.content.decode()
    page = press(desk, line, "ringing", "answered")
    assert number not in page.content.decode()
    assert "First prove who we are" in text_of(page)
    page = press(desk, line, "company_proven", "ended")
    assert "Write down what came of it" in text_of(page)

    empty = desk.post(f"{line}wrap-up/", {"outcome": "spoken", "text": " "}, follow=True)
    assert "Write down what came of the call" in text_of(empty)
    done = desk.post(f"{line}wrap-up/", {"outcome": "spoken", "text": "The card comes on Friday."})

    call = Call.objects.get()
    assert done.headers["Location"] == CONSOLE
    assert (call.state, call.outcome, call.wrap_up) == ("ended", "spoken", "The card comes on Friday.")


def test_the_worklist_leads_to_the_call_and_says_why_not_now() -> None:
    agent, call_back = make_agent(), agreed_call_back()
    desk, item = at_desk(agent), WorkItem.objects.get(kind="call_customer_back")

    page = desk.get(f"/desk/item/{item.id}/", follow=True)

    assert page.redirect_chain == [(f"{CONSOLE}next/{call_back.case.reference}/", 302)]
    assert "Open the sheet" in text_of(page)
    Customer.objects.update(time_zone=where_it_is_night())
    page = desk.get(f"{CONSOLE}next/{call_back.case.reference}/")
    assert "We call between 08:00 and 21:00 by the customer's own clock" in html.unescape(text_of(page))
    assert 'data-key="n"' not in page.content.decode()


def test_what_cannot_follow_is_shown_with_why_and_refused_in_words() -> None:
    agent = make_agent()
    desk = at_desk(agent)
    line = begin(desk, agreed_call_back())

    page = desk.get(line).content.decode()
    pressed = desk.post(f"{line}press/", {"state": "answered"}, follow=True)

    button = re.search(r'<button[^>]*value="answered"[^>]*>', page)
    assert button is not None
    assert " disabled" in button[0]
    assert "Somebody answers only after it was dialled" in page
    assert pressed.status_code == 409
    assert re.search(r'id="id_state" role="alert"[^>]*>.*Somebody answers only after', pressed.content.decode(), re.S)
    for unknown in ("", "hang_up", "customer_proven"):
        assert desk.post(f"{line}press/", {"state": unknown}, follow=True).status_code in (400, 409)
    assert Call.objects.get().state == "announced"


def test_pressing_twice_is_pressing_once() -> None:
    agent = make_agent()
    desk = at_desk(agent)
    line = begin(desk, agreed_call_back())
    press(desk, line, "dialling")
    events = Case.objects.get(process="call_back").events

    page = press(desk, line, "dialling")

    assert page.status_code == 200
    assert Case.objects.get(process="call_back").events == events


@pytest.mark.parametrize(("key", "said"), [("busy", "busy"), ("voicemail", "voicemail"), ("no_answer", "no_answer")])
def test_nobody_answered_and_that_is_all_that_can_be_written_down(key: str, said: str) -> None:
    desk = at_desk(make_agent())
    line = begin(desk, agreed_call_back())
    page = press(desk, line, "dialling", key)

    assert Call.objects.get().outcome == said
    assert re.findall(r'name="outcome" value="(\w+)"', page.content.decode()) == ["not_reached"]
    done = desk.post(f"{line}wrap-up/", {"outcome": "not_reached", "text": "Later."})
    assert done.headers["Location"] == CONSOLE


def test_who_is_not_sure_rings_back_and_the_call_to_us_goes_on_with_the_same_case() -> None:
    agent, call_back = make_agent(), agreed_call_back()
    desk, line = at_desk(agent), ""
    line = begin(desk, call_back)
    press(desk, line, "dialling", "answered", "rings_back")
    desk.post(f"{line}wrap-up/", {"outcome": "rings_back", "text": "Wants to be sure."})
    assert call_back.case.reference in text_of(desk.get(CONSOLE))

    page = take(desk, number_of(call_back.case.customer))
    assert "We rang them within the last day" in text_of(page)
    line = page.redirect_chain[-1][0]
    page = desk.post(f"{line}about/", {"reference": call_back.case.reference}, follow=True)

    call_back.refresh_from_db()
    assert "A call to us: it may be Maria Jansen" in text_of(page)
    assert "We call from" not in text_of(page)
    assert call_back.call == Call.objects.get(direction="in")
    by_customer, call = customer_actor(call_back.case.customer), Call.objects.get(direction="in")
    shown = proving.show_code(call_id=call.id, by=by_customer, now=datetime.now(UTC))
    page = desk.post(f"{line}customer-code/", {"code": shown.code}, follow=True)
    assert "It is the customer" in text_of(page)
    assert "One moment" in text_of(press(desk, line, "ended"))
    ask(call_back.case, "call_customer_back", holder=str(agent.public_id))
    done = desk.post(f"{line}wrap-up/", {"outcome": "spoken", "text": "All is well."})
    assert done.headers["Location"] == CONSOLE


def test_a_caller_who_names_the_case_and_shows_no_code_comes_to_nothing() -> None:
    agent, call_back = make_agent(), agreed_call_back()
    desk = at_desk(agent)
    line = take(desk, number_of(call_back.case.customer)).redirect_chain[-1][0]
    page = desk.post(f"{line}about/", {"reference": call_back.case.reference}, follow=True)
    assert "The code that the customer reads out" in text_of(page)
    assert "Have digits made that prove us" not in text_of(page)
    press(desk, line, "ended")
    ask(call_back.case, "call_customer_back", holder=str(agent.public_id))

    page = desk.get(line)
    assert re.findall(r'name="outcome" value="(\w+)"', page.content.decode()) == ["other_person", "broken_off"]
    assert "The caller did not prove who they are; I told them nothing" in text_of(page)
    refused = desk.post(f"{line}wrap-up/", {"outcome": "spoken", "text": "All is well."}, follow=True)
    assert refused.status_code == 400
    desk.post(f"{line}wrap-up/", {"outcome": "other_person", "text": "No code."})
    assert Call.objects.get().outcome == "not_the_customer"


def test_a_call_to_us_about_nothing_is_wrapped_up_too() -> None:
    desk = at_desk(make_agent())
    line = take(desk).redirect_chain[-1][0]
    wrong = desk.post(f"{line}about/", {"reference": "K7Q-4MX-3"}, follow=True)
    assert (wrong.status_code, "is not a reference" in text_of(wrong)) == (400, True)
    press(desk, line, "ended")

    empty = desk.post(f"{line}wrap-up/", {"outcome": "broken_off", "text": ""}, follow=True)
    desk.post(f"{line}wrap-up/", {"outcome": "broken_off", "text": "Hung up."})

    assert "Write down what came of the call" in text_of(empty)
    assert 'value="broken_off"' in empty.content.decode()
    assert Call.objects.get().outcome == "broken_off"


def test_the_code_of_a_caller_proves_who_calls_us() -> None:
    line = take_call()
    desk = at_desk(line.agent)
    take(desk, number_of(line.customer))
    desk.post(f"{CONSOLE}{line.case.reference}/answer/type_code/", {"code": line.shows()})

    assert Call.objects.get().state == "customer_proven"


def test_a_page_that_was_closed_says_what_the_customer_read_meanwhile() -> None:
    desk = at_desk(make_agent())
    line = begin(desk, agreed_call_back())
    press(desk, line, "dialling", "answered")
    assert "could not check this call" not in text_of(desk.get(line))
    Call.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=3))

    page = desk.get(line)
    beat = desk.post(f"{line}still/", headers={"HX-Request": "true"})

    assert "could not check this call" in text_of(page)
    assert "3 minutes ago" in text_of(page)
    assert beat.status_code == 204
    assert "could not check this call" not in text_of(desk.get(line))
    assert desk.post(f"{line}still/").headers["Location"] == line


def test_the_open_screen_follows_what_the_telephone_says() -> None:
    desk = at_desk(make_agent())
    line = begin(desk, agreed_call_back())
    found = re.search(r'hx-get="([^"]+)"', desk.get(line).content.decode())
    assert found is not None
    assert desk.get(found[1]).status_code == 204

    call = Call.objects.get()
    states.move(call_id=call.id, to=CallState.DIALLING, by=system(), now=datetime.now(UTC))

    assert desk.get(found[1]).headers["HX-Refresh"] == "true"


def test_a_call_is_its_agents_own() -> None:
    line = begin(at_desk(make_agent()), agreed_call_back())
    other, approver = at_desk(make_agent()), at_desk(make_staff(role=Role.APPROVER))

    assert [other.get(f"{line}{page}").status_code for page in ("", "news/")] == [404, 404]
    posts = [other.post(f"{line}{name}/").status_code for name in ("press", "still", "about", "wrap-up")]
    assert posts == [404] * 4
    assert approver.get(line).status_code == approver.post(f"{CONSOLE}in/").status_code == 403


def test_a_call_that_is_not_dialled_can_be_left_to_a_colleague() -> None:
    agent, call_back = make_agent(), agreed_call_back()
    desk = at_desk(agent)
    line = begin(desk, call_back)

    left = desk.post(f"{line}press/", {"state": "called_off"})

    assert left.headers["Location"] == CONSOLE
    assert "Open the sheet" in text_of(at_desk(make_agent()).get(CONSOLE))
    assert "Nothing is left to do" in text_of(desk.get(line))


def test_we_prove_who_we_are_first_and_then_the_customer_by_a_code_of_this_call() -> None:
    agent, call_back = make_agent(), agreed_call_back()
    desk, by_customer = at_desk(agent), customer_actor(call_back.case.customer)
    line = begin(desk, call_back)
    press(desk, line, "dialling", "answered")
    call = Call.objects.get()
    half = proving.half_b(call, agent=agent, now=datetime.now(UTC))
    page = desk.get(line).content.decode()
    assert all(group in page for group in half.split())
    assert desk.post(f"{line}customer-code/", {"code": "7KQ4MX2R"}, follow=True).status_code == 409

    proving.compare(call_id=call.id, typed=half, by=by_customer, now=datetime.now(UTC))
    page = desk.get(line).content.decode()
    assert half not in page
    assert "Now the customer proves who they are" in page
    shown = proving.show_code(call_id=call.id, by=by_customer, now=datetime.now(UTC))
    wrong = desk.post(f"{line}customer-code/", {"code": "22222222"}, follow=True)
    assert (wrong.status_code, "2 tries are left" in text_of(wrong)) == (400, True)
    assert shown.code not in wrong.content.decode()
    right = desk.post(f"{line}customer-code/", {"code": shown.code}, follow=True)

    assert Call.objects.get().state == "customer_proven"
    assert "Talk about this, and nothing else" in text_of(right)


def test_digits_that_are_too_old_are_made_again() -> None:
    agent = make_agent()
    desk = at_desk(agent)
    line = begin(desk, agreed_call_back())
    press(desk, line, "dialling", "answered")
    MutualCode.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert "Have digits made that prove us" in text_of(desk.get(line))

    desk.post(f"{line}half/")

    assert proving.half_b(Call.objects.get(), agent=agent, now=datetime.now(UTC))
    assert "Have digits made that prove us" not in text_of(desk.get(line))


def test_the_wrap_up_waits_for_the_end_and_twice_is_once() -> None:
    desk = at_desk(make_agent())
    line = begin(desk, agreed_call_back())
    early = desk.post(f"{line}wrap-up/", {"outcome": "spoken", "text": "Too early."}, follow=True)
    press(desk, line, "dialling", "busy")

    for _time in range(2):
        done = desk.post(f"{line}wrap-up/", {"outcome": "not_reached", "text": "Busy."})

    assert (early.status_code, "This call is not over yet" in text_of(early)) == (409, True)
    assert done.headers["Location"] == CONSOLE
    assert Call.objects.get().wrap_up == "Busy."
