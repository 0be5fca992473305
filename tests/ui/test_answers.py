"""Post, redirect, get on every face: neither Back nor Reload sends a form again, and an answer is for one browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from backoffice.cases.models import WorkItem
from backoffice.raw_input import reply_at
from backoffice.trust.limits import Limit
from backoffice.ui import answers
from backoffice.ui.models import KeptAnswer
from tests import browser
from tests.factories import make_card, make_staff
from tests.playing import ask, open_card_case
from tests.ui.faulty_forms import FORMS, REASON, FaultyForm, at_desk
from tests.ui.sessions import form_on, values_in

pytestmark = pytest.mark.django_db
NOTHING_SENT = "What you had typed is here; nothing was sent."


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def item() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


@pytest.mark.parametrize("made", FORMS)
def test_a_refused_form_is_answered_by_a_redirect_on_each_face(
    made: Callable[[], FaultyForm],
) -> None:
    user, address, values = made()
    client = at_desk(user)

    shown = client.post(address, form_on(client, address) | values if "account" not in address else values)

    assert browser.redirect_of(shown).status_code == 303
    assert browser.redirect_of(shown).headers["Cache-Control"] == "no-store, private"
    assert browser.redirect_of(shown).content == b""
    assert 'aria-invalid="true"' in shown.content.decode()


@pytest.mark.parametrize("address", ["/check/", "/join/", "/join/code/", "/join/again/", "/account/login/"])
def test_so_it_is_for_somebody_without_a_session(address: str) -> None:
    shown = Client().post(address, {"code": "", "login": "nobody", "password": "wrong wrong"})

    assert browser.redirect_of(shown).status_code == 303
    assert "errors" in shown.content.decode()


def test_an_answer_that_is_no_refusal_is_fetched_too() -> None:
    shown = Client().post("/check/", {"code": "K7Q-4MX-2"})

    assert (browser.redirect_of(shown).status_code, shown.status_code) == (303, 200)


def test_a_page_that_says_too_many_tries_is_fetched_too(item: WorkItem) -> None:
    client = at_desk(make_staff())

    shown = client.post(f"/desk/item/{item.id}/release/")

    assert (browser.redirect_of(shown).status_code, shown.status_code) == (303, 409)


def test_the_answer_is_shown_once_and_then_the_page_of_the_form(item: WorkItem) -> None:
    client, address = at_desk(make_staff()), f"/desk/item/{item.id}/"
    shown = client.post(address, form_on(client, address) | {"outcome": "nonsense", "reason": REASON})

    again = client.get(browser.redirect_of(shown).headers["Location"])
    page = client.get(again.headers["Location"]).content.decode()

    assert (again.status_code, again.headers["Location"]) == (303, address)
    assert values_in(page, {"reason": ""}) == {"reason": REASON}
    assert NOTHING_SENT in page


def test_an_answer_that_is_sent_again_is_answered_as_the_first_page(item: WorkItem) -> None:
    client, address = at_desk(make_staff()), f"/desk/item/{item.id}/"
    values = form_on(client, address) | {"outcome": "nonsense", "reason": REASON}
    first = browser.redirect_of(client.post(address, values)).headers["Location"]

    second = browser.redirect_of(client.post(first, values)).headers["Location"]
    sent = client.post(second, values | {"outcome": "reached"})

    assert second.startswith(f"{address}?reply=")
    assert second.count("reply") == 1
    assert sent.status_code == 302
    item.refresh_from_db()
    assert item.state == "answered"


def test_a_second_look_at_the_answer_of_a_button_leads_back_to_its_page(item: WorkItem) -> None:
    client, address = at_desk(make_staff()), f"/desk/item/{item.id}/"

    shown = client.post(f"{address}release/", form_on(client, address))

    assert client.get(browser.redirect_of(shown).headers["Location"]).headers["Location"] == address


def test_nobody_else_fetches_an_answer(item: WorkItem) -> None:
    client = at_desk(make_staff())
    location = unread(client, item)

    for other in (at_desk(make_staff()), Client()):
        stolen = other.get(location)
        assert stolen.status_code in (302, 303)
        assert REASON not in stolen.content.decode()
    assert client.get(location).status_code == 400


def unread(client: Client, item: WorkItem) -> str:
    """Sends a faulty form; returns where its answer waits."""
    with browser.that_does_not_fetch():
        answer = client.post(f"/desk/item/{item.id}/", {"outcome": "nonsense", "reason": REASON})
    return str(answer.headers["Location"])


def test_an_answer_waits_sealed_at_its_path_and_for_ten_minutes(item: WorkItem) -> None:
    client = at_desk(make_staff())
    location = unread(client, item)
    [row] = KeptAnswer.objects.all()

    elsewhere = client.get(location.replace(f"/desk/item/{item.id}/", "/desk/"))
    assert elsewhere.status_code == 303
    assert REASON.encode() not in bytes(row.sealed)
    assert timedelta(0) < row.until - timezone.now() <= answers.LIVES
    KeptAnswer.objects.update(until=timezone.now())
    assert client.get(location).status_code == 303


def test_an_answer_holds_no_card_number_and_no_code(item: WorkItem) -> None:
    client = at_desk(make_staff())

    page = client.post(f"/desk/item/{item.id}/", {"outcome": "reached", "reason": "It is\n4111 1111 1111 1111"})

    assert page.status_code == 400
    assert "4111 1111" not in page.content.decode()
    assert "····1111" in page.content.decode()


def test_a_redirect_never_leads_to_another_site() -> None:
    request = RequestFactory().post("/x/?next=%2Fdesk%2F")
    request.path = "//evil.example/"

    assert reply_at(request, "id") == "/%2Fevil.example/?next=%2Fdesk%2F&reply=id"


def test_machines_get_their_answer_as_it_is() -> None:
    answer = Client().post("/api/v1/cases", {}, content_type="application/json")

    assert answer.status_code == 401


def test_a_page_that_was_too_old_for_anybody_is_fetched_without_being_kept() -> None:
    shown = Client(enforce_csrf_checks=True).post("/check/", {"code": "K7Q-4MX-2"})

    assert (browser.redirect_of(shown).status_code, shown.status_code) == (303, 403)
    assert "The page was too old" in shown.content.decode()
    assert not KeptAnswer.objects.exists()


def test_what_is_too_large_is_refused_by_a_page_that_can_be_loaded_again() -> None:
    shown = at_desk(make_staff()).post("/desk/ours/", {"pasted": "a" * 300_000})

    assert (browser.redirect_of(shown).status_code, shown.status_code) == (303, 413)
    assert "Go back, make it shorter" in shown.content.decode()


def test_a_browser_that_sends_without_end_is_answered_without_a_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", Limit("few", times=1, per=timedelta(hours=1)))
    client = Client()

    first, second = (client.post("/check/", {"code": ""}) for _twice in range(2))

    assert browser.redirect_of(first).status_code == 303
    assert browser.redirect_of(second) is None
    assert second.status_code == 400
