"""The customer's own page of who is on the telephone with them, its ticket, and what it asks without a stream."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from backoffice.telephony.live import watching
from backoffice.telephony.live.publishing import snapshot_of_now
from backoffice.telephony.live.reading import Reader
from backoffice.telephony.live.snapshots import Snapshot, key_of_customer
from backoffice.telephony.live.states import OnCall
from tests.portal.conftest import Person, make_person
from tests.telephony.live.oncall import Clocks, on_call

pytestmark = pytest.mark.django_db


class Line:
    """What the reader of this process holds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clocks, self.reader = Clocks(), Reader()
        self.reader.latest = self.clocks.latest()
        monkeypatch.setattr("backoffice.telephony.live.reading._reader", self.reader)

    def has(self, person: Person, *calls: OnCall) -> None:
        self.clocks.pass_(1)
        keys = [key_of_customer(person.customer.public_id)]
        self.reader.latest.take(Snapshot.taken(self.clocks.wall, [(keys, call) for call in calls]).sealed())


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Line:
    settings.LIVE_STORE = "unix:///nowhere"
    return Line(monkeypatch)


def shown(client: Client, page: str = "portal:calls_now", **query: str) -> str:
    """What is shown before any script runs: the first of the sentences."""
    text = client.get(reverse(page), query).content.decode()
    return strip_tags(text.split("data-live-shown", 1)[1].split("<template", 1)[0])


def test_the_page_says_each_of_the_five_sentences(maria: Person, line: Line) -> None:
    assert "We cannot check now: do not talk." in shown(maria.client)
    line.has(maria)
    assert "Nobody of us is calling you." in shown(maria.client)
    assert "This is not us: hang up." in shown(maria.client, somebody="")
    line.has(maria, on_call(talking=False))
    ringing = shown(maria.client, somebody="")
    assert "We are calling you now." in ringing
    assert "It is Hanna of the cards team, about case K7Q-4MX-4." in ringing
    line.has(maria, on_call(since=1_779_998_520.0))
    talking = shown(maria.client)
    assert "Hanna of the cards team is talking to you now, about case K7Q-4MX-4, since 22:02." in talking
    assert "On your number +31 ••• ••12." in talking


def test_without_a_case_the_sentence_names_none(maria: Person, line: Line) -> None:
    line.has(maria, on_call(case=""))

    assert "Hanna of the cards team is talking to you now, since" in shown(maria.client)


def test_two_calls_at_once_are_both_named(maria: Person, line: Line) -> None:
    """An organisation may talk to several of us."""
    line.has(maria, on_call(), on_call(agent="Piet", case="3TK-9WD-5"))
    talking = shown(maria.client)

    assert "Hanna of" in talking
    assert "Piet of" in talking


def test_what_is_not_believed_any_more_names_nobody(maria: Person, line: Line) -> None:
    line.has(maria, on_call())
    line.clocks.pass_(15.1)

    assert "We cannot check now" in shown(maria.client)
    assert "Hanna" not in shown(maria.client)
    assert "Hanna" not in maria.client.get("/live/now").content.decode()


def block(client: Client) -> str:
    text = client.get(reverse("portal:contacts")).content.decode()
    return text.split("<section", 1)[1].split(">", 1)[0]


def test_every_page_of_the_portal_shows_a_call_that_is_on_and_is_quiet_otherwise(maria: Person, line: Line) -> None:
    line.has(maria)
    assert " hidden " in block(maria.client)
    line.has(maria, on_call(talking=False))
    assert " hidden " not in block(maria.client)
    line.has(maria, on_call())
    assert "Hanna of the cards team is talking to you" in shown(maria.client, "portal:contacts")
    line.has(maria, on_call(heard=line.clocks.wall - 20))
    assert " hidden " not in block(maria.client)
    assert "We cannot check now" in shown(maria.client, "portal:contacts")


def test_a_page_without_a_stream_asks_at_no_query(maria: Person, line: Line) -> None:
    line.has(maria, on_call())
    shown(maria.client)
    with CaptureQueriesContext(connection) as captured:
        answer = maria.client.get("/live/now")

    assert len(captured) == 0
    assert answer.json()["state"] == "talking"
    assert "no-store" in answer["Cache-Control"]


def test_a_ticket_is_its_own_customers_alone(maria: Person, line: Line) -> None:
    anna = make_person()
    line.has(maria, on_call())
    shown(maria.client)
    shown(anna.client)
    assert anna.client.get("/live/now").json()["state"] == "nobody"

    anna.client.cookies[watching.COOKIE] = maria.client.cookies[watching.COOKIE].value
    assert anna.client.get("/live/now").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "\u00e9", "W10:1x:y"])
def test_a_forged_ticket_is_none(maria: Person, line: Line, value: str) -> None:
    maria.client.cookies[watching.COOKIE] = value

    assert maria.client.get("/live/now").status_code == 401


def test_signing_out_ends_the_ticket(maria: Person, line: Line) -> None:
    """In this browser at once, and for whoever copied its cookies with the next snapshot."""
    shown(maria.client)
    thief = Client()
    for name in (watching.COOKIE, settings.SESSION_COOKIE_NAME):
        thief.cookies[name] = maria.client.cookies[name].value
    assert thief.get("/live/now").status_code == 200
    maria.client.post(reverse("account_logout"))
    maria.client.cookies[watching.COOKIE] = thief.cookies[watching.COOKIE].value
    assert maria.client.get("/live/now").status_code == 401
    assert maria.client.get(reverse("portal:live_ticket")).status_code == 302

    line.reader.latest.take(snapshot_of_now().sealed())
    assert thief.get("/live/now").status_code == 401


def test_the_ticket_goes_nowhere_else_and_holds_nothing_of_anybody(maria: Person, line: Line) -> None:
    shown(maria.client)
    ticket = maria.client.cookies[watching.COOKIE]

    assert (ticket["path"], ticket["samesite"], ticket["httponly"]) == ("/live/", "Strict", True)
    assert ticket["max-age"] == watching.GOOD_FOR
    assert str(maria.customer.public_id) not in signing.b64_decode(ticket.value.split(":")[0].encode()).decode()


def test_who_stays_on_a_page_gets_another_ticket(maria: Person, line: Line) -> None:
    answer = maria.client.get(reverse("portal:live_ticket"))

    assert answer.status_code == 200
    assert watching.COOKIE in answer.cookies


def test_only_reading_is_answered(maria: Person, line: Line) -> None:
    assert maria.client.post("/live/now").status_code == 405


def test_the_public_page_leads_whoever_is_signed_in_to_their_own(maria: Person) -> None:
    assert maria.client.get(reverse("calling"))["Location"] == reverse("portal:calls_now")
    assert Client().get(reverse("calling")).status_code == 200


def test_the_policy_lets_pages_reach_the_streams_and_nothing_else(maria: Person) -> None:
    policy = maria.client.get(reverse("portal:calls_now"))["Content-Security-Policy"]

    assert "connect-src 'self';" in f"{policy};"
