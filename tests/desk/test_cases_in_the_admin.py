"""Cases, work items, timelines and commands among the records: found and read, never changed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.cases.models import Case, CommandState
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import make_card
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    case = open_card_case(make_card())
    ask(case, "call_customer", stage="survey")
    return case


@pytest.mark.parametrize("model", ["case", "workitem", "event", "command", "checkpoint"])
def test_each_list_is_shown_and_nothing_can_be_added(at_desk: Desk, case: Case, model: str) -> None:
    desk = at_desk(role=Role.SUPERVISOR)

    assert desk.get(f"/desk/cases/{model}/").status_code == 200
    assert desk.get(f"/desk/cases/{model}/add/").status_code == 403


@pytest.mark.parametrize("model", ["case", "workitem", "event", "command"])
def test_a_list_is_searched_by_the_reference_however_it_is_typed(at_desk: Desk, case: Case, model: str) -> None:
    other = open_card_case(make_card())
    desk = at_desk(role=Role.SUPERVISOR)

    page = desk.get(f"/desk/cases/{model}/", {"q": case.reference.lower().replace("-", " ")}).content.decode()
    nothing = desk.get(f"/desk/cases/{model}/", {"q": "nonsense"})

    assert case.reference in page
    assert other.reference not in page
    assert nothing.context["cl"].result_count == 0


def test_a_case_of_the_list_is_its_page_at_the_desk(at_desk: Desk, case: Case) -> None:
    desk, item = at_desk(), case.items.get()

    assert desk.get(f"/desk/cases/case/{case.pk}/change/").headers["Location"] == f"/desk/case/{case.reference}/"
    assert desk.get(f"/desk/cases/workitem/{item.pk}/change/").headers["Location"] == f"/desk/item/{item.pk}/"


def test_filters_are_what_the_processes_declare(at_desk: Desk, case: Case) -> None:
    page = at_desk().get("/desk/cases/case/?process=card_reissue").content.decode()

    assert case.reference in page
    assert "Home visit" in page
    assert case.reference not in at_desk().get("/desk/cases/case/?process=home_visit").content.decode()


@pytest.mark.parametrize("model", ["case", "workitem", "event", "command"])
def test_an_address_that_names_nothing_is_404(at_desk: Desk, model: str) -> None:
    for object_id in ("nonsense", "00000000-0000-4000-8000-000000000000", "0"):
        address = f"/desk/cases/{model}/{object_id}/change/"
        assert at_desk(role=Role.SUPERVISOR).get(address).status_code in (302, 404)


def test_a_dead_letter_is_seen_with_its_error(at_desk: Desk, case: Case) -> None:
    case.outbox.update(state=CommandState.DEAD, error="workflow not found")

    assert "workflow not found" in at_desk(role=Role.SUPERVISOR).get("/desk/cases/command/?state=dead").content.decode()
    assert at_desk(role=Role.SUPPORT).get("/desk/cases/command/").status_code == 403


def test_a_list_counts_no_further_than_a_thousand(at_desk: Desk, case: Case) -> None:
    desk = at_desk()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        desk.get("/desk/cases/event/")

    counts = [query["sql"] for query in queries if "COUNT" in query["sql"] and "cases_event" in query["sql"]]
    assert counts
    assert all("LIMIT 1000" in sql for sql in counts)


def test_all_records_lie_behind_the_worklist(at_desk: Desk) -> None:
    page = at_desk().get("/desk/records/").content.decode()

    assert "/desk/cases/case/" in page
    assert "/desk/customers/customer/" in page
