"""A form whose session is over, or whose page is another's or too old, stands in its page again, and is never sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from backoffice.cases import freezing
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.staff.models import Role, User
from backoffice.ui import typed
from backoffice.ui.models import KeptAnswer, KeptTyping
from backoffice.ui.page_forms import MARK
from tests.factories import actor, make_card, make_staff, sign_in
from tests.playing import ask, open_card_case
from tests.ui.faulty_forms import REASON, at_desk, field_form, portal_form
from tests.ui.sessions import form_on, signed_out, values_in

pytestmark = pytest.mark.django_db
NOTHING_SENT = "What you had typed is here; nothing was sent."


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def item() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


def after_sign_in(client: Client, answer: Any, user: User) -> str:
    """Signs in as `user` in the same browser, and follows where the sign-in leads."""
    assert answer.status_code == 303
    path, _question, query = answer.headers["Location"].partition("?next=")
    assert path == settings.LOGIN_URL or path == reverse("account_login")
    sign_in(client, user)
    page: str = client.get(query.replace("%3F", "?").replace("%3D", "=")).content.decode()
    return page


def test_what_was_typed_at_the_desk_stands_there_after_signing_in_again(item: WorkItem) -> None:
    user, address = make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address)
    signed_out(client)
    events = Event.objects.count()

    answer = client.post(address, form | {"outcome": "reached", "reason": REASON})
    page = after_sign_in(client, answer, user)

    assert values_in(page, {"reason": ""}) == {"reason": REASON}
    assert "checked" in page.partition('value="reached"')[2].partition(">")[0]
    assert "You were signed out at " in page
    assert NOTHING_SENT in page
    item.refresh_from_db()
    assert item.state == "open"
    assert Event.objects.exclude(kind="customer.read").count() <= events + 1


def test_the_sign_in_says_what_became_of_it(item: WorkItem) -> None:
    client, address = at_desk(make_staff()), f"/desk/item/{item.id}/"
    form = form_on(client, address)
    signed_out(client)

    answer = client.post(address, form | {"reason": REASON})
    page = client.get(answer.headers["Location"]).content.decode()

    assert "You were signed out before this was sent. Nothing was sent." in page
    assert "it stands on the page once more" in page
    assert REASON not in page + answer.headers["Location"] + str(client.cookies)


def test_so_it_is_in_the_portal() -> None:
    user, address, values = portal_form()
    client = at_desk(user)
    form = form_on(client, address)
    signed_out(client)

    answer = client.post(address, form | values | {"reason": "stolen"})
    page = after_sign_in(client, answer, user)

    assert "checked" in page.partition('value="stolen"')[2].partition(">")[0]
    assert NOTHING_SENT in page
    assert not Case.objects.exists()


def test_so_it_is_on_the_visitors_telephone() -> None:
    user, address, values = field_form()
    client = at_desk(user)
    form = form_on(client, address)
    signed_out(client)

    answer = client.post(address, form | values | {"outcome": "not_home"}, headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"].startswith(reverse("account_login"))
    sign_in(client, user)
    page = client.get(address).content.decode()
    assert "checked" in page.partition('value="not_home"')[2].partition(">")[0]


def test_somebody_else_who_signs_in_sees_nothing_of_it_and_loses_nothing(item: WorkItem) -> None:
    user, other, address = make_staff(), make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address)
    signed_out(client)
    client.post(address, form | {"reason": REASON})

    sign_in(client, other)
    seen = client.get(address).content.decode()
    sign_in(client, user)

    assert REASON not in seen
    assert REASON in client.get(address).content.decode()


def test_a_page_that_another_user_left_open_is_kept_for_them(item: WorkItem) -> None:
    user, other, address = make_staff(), make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address) | {"outcome": "reached", "reason": REASON}
    sign_in(client, other)

    answer = client.post(address, form, follow=True)

    assert "opened under another sign-in. Nothing was sent." in answer.content.decode()
    assert REASON not in answer.content.decode()
    item.refresh_from_db()
    assert item.state == "open"
    sign_in(client, user)
    assert REASON in client.get(address).content.decode()


def test_a_page_older_than_the_sign_in_is_kept_for_its_own_user(item: WorkItem) -> None:
    user, address = make_staff(), f"/desk/item/{item.id}/"
    client = sign_in(Client(enforce_csrf_checks=True), user)
    form = form_on(client, address)

    answer = client.post(address, form | {"outcome": "reached", "reason": REASON, "csrfmiddlewaretoken": "a" * 64})

    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert REASON in client.get(address).content.decode()


@pytest.mark.parametrize("forged", ["", "x:y:z", "another"])
def test_without_a_good_mark_nothing_is_kept(item: WorkItem, forged: str) -> None:
    marks = {MARK: forged} if forged else {}

    answer = Client().post(f"/desk/item/{item.id}/", {"reason": REASON} | marks)

    assert answer.status_code == 302
    assert not KeptTyping.objects.exists()


def test_an_account_that_is_switched_off_keeps_nothing(item: WorkItem) -> None:
    user, address = make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address)
    User.objects.filter(pk=user.pk).update(is_active=False)

    client.post(address, form | {"reason": REASON})

    assert not KeptTyping.objects.exists()


def test_what_is_too_long_to_keep_is_said_before_the_sign_in(item: WorkItem) -> None:
    client, address = at_desk(make_staff()), f"/desk/item/{item.id}/"
    form = form_on(client, address)
    signed_out(client)

    answer = client.post(address, form | {"reason": "a" * typed.LARGEST})

    assert "could not be kept. Go back to copy it" in client.get(answer.headers["Location"]).content.decode()


def test_a_text_too_long_to_be_searched_is_answered_at_once_and_nothing_of_it_is_kept(item: WorkItem) -> None:
    client, address = at_desk(make_staff()), f"/desk/item/{item.id}/"
    form = form_on(client, address)

    answer = client.post(address, form | {"reason": "1 " * typed.LONGEST_READ})

    assert answer.status_code == 400
    assert answer.request["REQUEST_METHOD"] == "POST", "no other page was fetched"
    assert not KeptTyping.objects.exists()
    assert not KeptAnswer.objects.exists()


def test_what_has_no_place_any_more_can_be_copied(item: WorkItem) -> None:
    user, address = make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address) | {"outcome": "reached", "reason": REASON}
    signed_out(client)
    client.post(address, form)
    freezing.freeze(case_id=item.case_id, by=actor(make_staff()), reason="A second call")

    sign_in(client, user)
    page = client.get(address).content.decode()

    assert "Nothing was sent, and the page has changed. This is what you had typed:" in page
    assert REASON in page


def test_once_it_is_sent_it_is_forgotten(item: WorkItem) -> None:
    user, address = make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address) | {"outcome": "reached", "reason": REASON}
    signed_out(client)
    client.post(address, form)
    sign_in(client, user)

    client.post(address, form_on(client, address) | {"outcome": "reached", "reason": REASON})

    item.refresh_from_db()
    assert item.state == "answered"
    assert not KeptTyping.objects.exists()


def test_what_was_typed_before_a_second_factor_was_asked_is_there_after_it() -> None:
    case = open_card_case(make_card())
    user, address = make_staff(role=Role.SUPERVISOR), f"/desk/case/{case.reference}/withdraw/"
    client = sign_in(Client(), user, seconds_ago=0)
    form = form_on(client, address)
    sign_in(client, user, seconds_ago=3600)

    answer = client.post(address, form | {"reason": REASON})
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    sign_in(client, user)

    assert REASON in client.get(address).content.decode()


def test_the_first_page_leads_to_what_was_typed(item: WorkItem) -> None:
    user, address = make_staff(), f"/desk/item/{item.id}/"
    client = at_desk(user)
    form = form_on(client, address)
    signed_out(client)
    client.post(address, form | {"reason": REASON})

    sign_in(client, user)

    assert f'<a href="{address}">Go on with it</a>' in client.get("/desk/").content.decode()
