from __future__ import annotations

import contextlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case, Command, CommandKind, Event
from backoffice.cases.outbox import order
from backoffice.cases.unit_of_work import changing, outside_any, unit_of_work
from backoffice.refusals import NotFound
from tests.factories import make_card
from tests.playing import advance, ask, customer_actor, open_card_case
from workflows.base.contracts import OpenChild


def note(case: Case, at: datetime | None = None) -> None:
    timeline.note(case, "case.no_return", by=system(), at=at)


def fail_after_a_note(case: Case) -> None:
    with changing(case.id) as locked:
        note(locked)
        raise KeyError


def go_on_after_a_failure(case: Case) -> None:
    with changing(case.id) as locked:
        locked.stage = "survey"
        with contextlib.suppress(KeyError):
            fail_after_a_note(case)


def child_of(parent: Case) -> Case:
    advance(parent, children=(OpenChild("home_visit", "home_visit"),))
    return Case.objects.get(parent=parent)


@pytest.mark.django_db
def test_case_events_and_commands_are_written_by_one_statement_at_the_end() -> None:
    case = open_card_case(make_card())

    with CaptureQueriesContext(connection) as asked, changing(case.id) as locked:
        locked.stage = "survey"
        note(locked)
        note(locked)
        order(locked, CommandKind.SIGNAL, signal="happened")
        assert not Command.objects.filter(signal="happened").exists()

    written = [query["sql"] for query in asked if not query["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
    case.refresh_from_db()
    assert len(written) == 1
    assert (case.stage, case.events, case.commands) == ("survey", 3, 2)
    assert Event.objects.filter(case=case).count() == 3
    assert Command.objects.get(signal="happened").number == 2
    assert timeline.verify(case) is None


@pytest.mark.django_db
def test_a_case_and_the_topmost_of_its_family_are_locked_by_one_statement() -> None:
    child = child_of(open_card_case(make_card()))

    with CaptureQueriesContext(connection) as asked, changing(child.id) as locked:
        assert locked == child
        assert locked.customer.pk == child.customer_id

    assert [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]] == [asked[1]["sql"]]
    assert len(asked) == 3, "a savepoint of the test, the lock, and its release"


@pytest.mark.django_db
def test_a_block_within_another_has_the_same_object_and_no_savepoint() -> None:
    parent = open_card_case(make_card())
    child = child_of(parent)

    with (
        changing(child.id) as outer,
        CaptureQueriesContext(connection) as asked,
        changing(child.id) as inner,
        changing(parent.id) as above,
    ):
        assert inner is outer
        note(above)

    parent.refresh_from_db()
    assert [query["sql"] for query in asked] == []
    assert timeline.verify(parent) is None


@pytest.mark.django_db
def test_an_exception_within_leaves_nothing_behind() -> None:
    case = open_card_case(make_card())

    with pytest.raises(KeyError):
        fail_after_a_note(case)

    case.refresh_from_db()
    assert (case.events, Event.objects.filter(case=case).count()) == (1, 1)


@pytest.mark.django_db
def test_what_an_inner_block_said_is_not_written_even_where_its_failure_is_caught() -> None:
    case = open_card_case(make_card())

    with pytest.raises(RuntimeError, match="nothing of it is written"):
        go_on_after_a_failure(case)

    case.refresh_from_db()
    assert (case.stage, case.events, Event.objects.filter(case=case).count()) == ("", 1, 1)
    with changing(case.id) as again:
        note(again)
    assert Event.objects.filter(case=case).count() == 2


@pytest.mark.django_db
def test_an_event_keeps_the_microseconds_that_its_hash_counts() -> None:
    case = open_card_case(make_card())
    at = datetime(2026, 11, 22, 13, 5, 0, 123456, tzinfo=UTC)

    with changing(case.id) as locked:
        note(locked, at=at)

    case.refresh_from_db()
    assert Event.objects.get(case=case, number=2).at == at
    assert timeline.verify(case) is None


@pytest.mark.django_db
def test_an_unknown_case_is_not_found() -> None:
    with pytest.raises(NotFound), changing(uuid.uuid4()):
        pass


@pytest.mark.django_db
def test_what_locks_several_families_is_refused_within_a_unit_of_work() -> None:
    outside_any()

    with unit_of_work(), pytest.raises(RuntimeError):
        outside_any()


@pytest.mark.django_db(transaction=True)
def test_parent_and_child_that_change_each_other_at_once_never_wait_for_each_other_in_a_ring() -> None:
    parent = open_card_case(make_card())
    child = child_of(parent)
    together = threading.Barrier(2)

    def both(first: Case, second: Case) -> None:
        together.wait(timeout=30)
        try:
            for _ in range(20):
                with changing(first.id) as one, changing(second.id) as other:
                    note(one)
                    note(other)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(both, (parent, child), (child, parent)))

    for case in (parent, child):
        case.refresh_from_db()
        assert timeline.verify(case) is None
    assert (parent.events - 2, child.events - 1) == (40, 40)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("what", "most"), [("a stage", 2), ("a work item", 2), ("an answer", 3)], ids=lambda value: str(value)
)
def test_a_step_of_a_case_costs_few_statements(what: str, most: int) -> None:
    from backoffice.actors import Level
    from backoffice.cases import answering, transitions
    from workflows.base.contracts import OpenItem, Said, Transition

    case = open_card_case(make_card())
    now = datetime.now(UTC)
    item = OpenItem("prove_identity", "p", now)
    step = Transition(str(case.id), 1, now, Said(stage="told", opens=(item,) if what == "a work item" else ()))
    asked_item = ask(case, "prove_identity") if what == "an answer" else None
    by = customer_actor(case.customer, level=Level.CONFIRMED)

    with CaptureQueriesContext(connection) as asked:
        if asked_item:
            answering.answer(item_id=asked_item.id, by=by, data={})
        else:
            transitions.apply(step)

    assert len([query for query in asked if query["sql"] not in ("BEGIN", "COMMIT")]) == most
