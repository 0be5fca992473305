"""The live parts of the desk: what changed shows up by itself, at the cost of one query of a process."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.cases import answering, incidents, worklist
from backoffice.cases.models import IncidentKind, WorkItem
from backoffice.customers import reading
from backoffice.desk import live, presence, pulse
from backoffice.staff.models import Role, User
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, open_card_case, open_incident
from workflows.base.contracts import OpenChild

pytestmark = pytest.mark.django_db
DECISION = {"outcome": "reached", "reason": "They answer tonight"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each question reads the database, and nobody has anything open yet."""
    monkeypatch.setattr(pulse, "EVERY", 0.0)
    monkeypatch.setattr(live, "PULSE", pulse.Pulse())
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def item() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


class OpenPage:
    """A page that asks for its live part, as htmx does in a browser."""

    def __init__(self, desk: Client, path: str) -> None:
        self.desk = desk
        self.html = desk.get(path).content.decode()

    def asks(self) -> Any:
        [(url, headers)] = re.findall(r'hx-get="([^"]+)"\s+hx-headers="([^"]+)"', self.html)
        answer = self.desk.get(html.unescape(url), headers=json.loads(html.unescape(headers)))
        if answer.status_code == 200:
            self.html = answer.content.decode()
        return answer


def other_item() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


# --- the worklist -----------------------------------------------------------------------------------------------------


def test_new_work_shows_up_by_itself_and_in_the_title(at_desk: Desk, item: WorkItem) -> None:
    page = OpenPage(at_desk(), "/desk/")

    quiet = page.asks()
    new = other_item()
    news = page.asks()

    assert (quiet.status_code, news.status_code) == (204, 200)
    assert new.case.reference in news.content.decode()
    assert "<title>(2) Worklist · Countersign</title>" in news.content.decode()
    assert page.asks().status_code == 204


def test_work_of_other_roles_is_no_news(at_desk: Desk, item: WorkItem) -> None:
    page = OpenPage(at_desk(), "/desk/")

    ask(item.case, "approve_reissue")

    assert page.asks().status_code == 204


def claimed(item: WorkItem, hanna: User) -> None:
    piotr = make_staff()
    worklist.claim(item_id=item.id, by=actor(piotr), user=piotr)


def handed_to_me(item: WorkItem, hanna: User) -> None:
    piotr = make_staff()
    worklist.claim(item_id=item.id, by=actor(piotr), user=piotr)
    worklist.hand_over(item_id=item.id, to=hanna, by=actor(piotr), user=piotr)


def answered(item: WorkItem, hanna: User) -> None:
    answering.answer(item_id=item.id, by=actor(make_staff()), data=DECISION)


def broken(item: WorkItem, hanna: User) -> None:
    open_incident(item.case, IncidentKind.OUTSIDE_AWAY, key="issuer")


def looked_at(item: WorkItem, hanna: User) -> None:
    presence.note(item.case_id, user_id=make_staff().pk)


def overdue(item: WorkItem, hanna: User) -> None:
    WorkItem.objects.filter(id=item.id).update(due_at=item.opened_at)


@pytest.mark.parametrize("change", [claimed, handed_to_me, answered, broken, looked_at, overdue])
def test_whatever_changes_the_list_is_news(at_desk: Desk, item: WorkItem, change: object) -> None:
    hanna = make_staff()
    page = OpenPage(at_desk(hanna), "/desk/?tab=roles")
    assert page.asks().status_code == 204

    change(item, hanna)  # type: ignore[operator]

    assert page.asks().status_code == 200


def test_what_is_raised_to_the_supervisors_shows_up_with_them(at_desk: Desk, item: WorkItem) -> None:
    page = OpenPage(at_desk(role=Role.SUPERVISOR), "/desk/")

    advance(item.case, escalates=(item.step,))

    assert item.case.reference in page.asks().content.decode()


def test_forty_pages_cost_one_query(at_desk: Desk, item: WorkItem, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [OpenPage(at_desk(), "/desk/") for _ in range(20)]
    pages += [OpenPage(at_desk(), f"/desk/case/{item.case.reference}/") for _ in range(20)]
    for page in pages:
        page.asks()  # Each now knows of the others.
    monkeypatch.setattr(pulse, "EVERY", 60.0)

    with CaptureQueriesContext(connection) as queries:
        assert {page.asks().status_code for page in pages} == {204}

    assert len(queries) <= 1, [query["sql"] for query in queries.captured_queries]


def test_the_next_round_asks_the_database_again(at_desk: Desk, item: WorkItem, monkeypatch: pytest.MonkeyPatch) -> None:
    page = OpenPage(at_desk(), "/desk/")
    page.asks()

    with CaptureQueriesContext(connection) as queries:
        page.asks()

    assert len(queries) == 1


def test_only_the_first_page_of_a_list_renews_itself(at_desk: Desk, item: WorkItem) -> None:
    fields = {f.attname: getattr(item, f.attname) for f in WorkItem._meta.concrete_fields if f.attname != "id"}
    WorkItem.objects.bulk_create(WorkItem(**fields | {"step": f"call-{number}"}) for number in range(30))
    desk = at_desk()
    first = desk.get("/desk/?tab=roles")

    assert "hx-get" in first.content.decode()
    assert "hx-get" not in desk.get(first.context["older"]).content.decode()


# --- the page of a case -----------------------------------------------------------------------------------------------


def test_a_case_tells_that_it_has_moved_on(at_desk: Desk, item: WorkItem) -> None:
    page = OpenPage(at_desk(), f"/desk/case/{item.case.reference}/")

    quiet = page.asks()
    advance(item.case, stage="checked")
    news = page.asks()

    assert quiet.status_code == 204
    assert "Reached the stage “Risk assessed”" in news.content.decode()
    assert "This case has moved on" in news.content.decode()
    assert page.asks().status_code == 204


def test_what_happens_in_the_cases_under_it_is_news_too(at_desk: Desk, item: WorkItem) -> None:
    advance(item.case, children=(OpenChild("home_visit", "home_visit"),))
    page = OpenPage(at_desk(), f"/desk/case/{item.case.reference}/")
    assert page.asks().status_code == 204

    advance(item.case.children.get(), stage="proposed")

    assert page.asks().status_code == 200


def test_who_else_has_a_case_open_is_shown_and_is_no_move_of_the_case(at_desk: Desk, item: WorkItem) -> None:
    anna = make_staff(first_name="Anna", last_name="Nowak")
    page = OpenPage(at_desk(), f"/desk/case/{item.case.reference}/")
    assert "Anna Nowak" not in page.html

    at_desk(anna).get(f"/desk/item/{item.id}/")
    news = page.asks().content.decode()

    assert "Also open at: Anna Nowak" in " ".join(news.split())
    assert "has moved on" not in news
    assert "open at: Anna Nowak" in " ".join(at_desk().get("/desk/").content.decode().split())


def test_i_am_not_told_of_myself_and_the_portal_tells_nobody(at_desk: Desk, item: WorkItem) -> None:
    hanna = make_staff()
    at_desk(hanna).get(f"/desk/case/{item.case.reference}/")

    page = at_desk(hanna).get(f"/desk/case/{item.case.reference}/").content.decode()

    assert "Also open at" not in page


def test_who_closed_the_page_is_gone_after_half_a_minute(item: WorkItem, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, hanna = make_staff(), make_staff()
    presence.note(item.case_id, user_id=anna.pk)
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + presence.SECONDS + 1)

    assert presence.names([item.case_id], besides=hanna) == {}


def test_two_who_open_at_once_are_both_there(item: WorkItem) -> None:
    anna, hanna, piotr = make_staff(), make_staff(), make_staff()
    for one in (anna, piotr, anna):
        presence.note(item.case_id, user_id=one.pk)

    named = presence.names([item.case_id], besides=hanna)[item.case_id]
    assert named == ", ".join(sorted([anna.get_full_name(), piotr.get_full_name()]))


# --- the page of a work item ------------------------------------------------------------------------------------------


def test_the_page_of_an_item_says_what_happened_while_one_types(at_desk: Desk, item: WorkItem) -> None:
    page = OpenPage(at_desk(), f"/desk/item/{item.id}/")

    quiet = page.asks()
    answering.answer(item_id=item.id, by=actor(make_staff()), data=DECISION)
    news = page.asks()

    assert quiet.status_code == 204
    assert "This case has moved on" in news.content.decode()
    assert "Answered: Call the customer" in news.content.decode()
    assert 'hx-get="' in news.content.decode(), "it goes on"


def test_an_incident_is_told_on_the_page_of_an_item(at_desk: Desk, item: WorkItem) -> None:
    page = OpenPage(at_desk(), f"/desk/item/{item.id}/")

    open_incident(item.case, IncidentKind.STEP_FAILS, key="1", error="KeyError")

    assert "Needs attention" in page.asks().content.decode()
    assert incidents.open_ones(item.case).exists()


# --- it never vanishes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/desk/", "/desk/case/{0}/", "/desk/item/{1}/"])
def test_a_page_of_a_session_that_ended_says_so_and_keeps_what_it_shows(
    at_desk: Desk, item: WorkItem, path: str
) -> None:
    desk = at_desk()
    page = OpenPage(desk, path.format(item.case.reference, item.id))

    desk.logout()
    answer = page.asks()

    assert answer.status_code == 286
    assert answer.headers["HX-Retarget"] == "#news"
    assert answer.headers["HX-Reswap"] == "innerHTML"
    assert "You are signed out" in answer.content.decode()
    assert 'id="news"' in page.html


def test_a_page_that_may_no_longer_be_read_keeps_what_it_shows(
    at_desk: Desk, item: WorkItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "OPEN_FOR", timedelta())
    page = OpenPage(at_desk(), f"/desk/case/{item.case.reference}/")
    claimed(item, make_staff())

    answer = page.asks()

    assert answer.status_code == 286
    assert "no longer kept up to date" in answer.content.decode()


@pytest.mark.parametrize("token", ["", "nonsense", "old", "of another session"])
def test_a_token_that_is_not_good_only_leads_to_the_full_check(
    at_desk: Desk, item: WorkItem, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = OpenPage(at_desk(), f"/desk/case/{item.case.reference}/")
    if token == "old":
        monkeypatch.setattr(live, "GOOD_FOR", -1)
    elif token == "of another session":
        page.desk = Client()
    else:
        page.html = re.sub(
            r'hx-headers="[^"]+"', f'hx-headers="{html.escape(json.dumps({live.HEADER: token}))}"', page.html
        )

    assert page.asks().status_code == (286 if token == "of another session" else 200)


def test_a_forged_token_says_nothing(at_desk: Desk, item: WorkItem) -> None:
    forged = signing.dumps({"user": 1, "session": ""}, salt="something else")

    answer = at_desk().get(f"/desk/live/case/{item.case.reference}/", headers={live.HEADER: forged})

    assert answer.status_code == 200
