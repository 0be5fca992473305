"""The screen of a telephone call at the desk: calls to us."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from backoffice.calls.back.models import CallBack
from backoffice.telephony.models import Call
from tests.calls.calling import make_agent, make_caller
from tests.calls.telephoning import agreed_call_back, number_of
from tests.factories import make_card, sign_in
from tests.playing import open_card_case

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
    number = "202-555-01"
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
