"""Threat 21, the log is altered: by somebody who owns the database and switches our triggers off."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backoffice.actors import system
from backoffice.cases import checkpoints, freezing, timeline
from backoffice.cases.models import Case, Event
from tests.factories import make_card
from tests.playing import advance, ask, open_card_case

pytestmark = pytest.mark.django_db


def as_owner(statement: str, *args: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, args)
        assert cursor.rowcount >= 1
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def case() -> Case:
    """A case with five events, signed by a checkpoint; there is a second case too."""
    case = open_card_case(make_card())
    advance(case, stage="told")
    ask(case, "prove_identity")
    ask(case, "email_survey")
    advance(case, no_return=True)
    open_card_case(make_card())
    case.refresh_from_db()
    return case


def verifies() -> str:
    told = io.StringIO()
    call_command("verify_timeline", stdout=told)
    return told.getvalue().strip()


def broken() -> str:
    with pytest.raises(CommandError) as found:
        verifies()
    assert found.value.returncode == 1
    return str(found.value)


def rewrite(case: Case, change: Callable[[list[Event]], None]) -> None:
    """Rewrites the whole chain, with its hashes, and the head in the case, so that nothing in the rows contradicts
    it."""
    events = list(Event.objects.filter(case=case).order_by("number"))
    change(events)
    previous = ""
    for number, event in enumerate(events, start=1):
        event.number, event.previous = number, previous
        event.hash = previous = timeline.fingerprint(event)
    as_owner("DELETE FROM cases_event WHERE case_id = %s", case.id)
    Event.objects.bulk_create(events)
    Case.objects.filter(id=case.id).update(events=len(events), head=previous)


def test_an_untouched_timeline_verifies(case: Case) -> None:
    checkpoints.sign(now=datetime.now(UTC))

    assert verifies() == f"{Event.objects.count()} events in 2 cases, chain intact"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "another reason"),
        ("actor_id", "somebody else"),
        ("actor_kind", "customer"),
        ("kind", "case.unfrozen"),
        ("data", '{"title": "something else"}'),
        ("at", "2020-01-01 00:00:00+00"),
        ("channel", "desk"),
        ("proof", "totp"),
        ("request_id", "r"),
    ],
)
def test_an_edited_event_is_named(case: Case, column: str, value: str) -> None:
    as_owner(f"UPDATE cases_event SET {column} = %s WHERE case_id = %s AND number = 3", value, case.id)

    assert broken() == f"BROKEN: event 3 of case {case.reference} was changed."


def test_an_edited_event_with_a_hash_of_its_own_is_named_by_the_next(case: Case) -> None:
    event = Event.objects.get(case=case, number=3)
    event.reason = "another reason"
    as_owner(
        "UPDATE cases_event SET reason = %s, hash = %s WHERE id = %s",
        event.reason, timeline.fingerprint(event), event.id,
    )  # fmt: skip

    assert broken() == f"BROKEN: event 4 of case {case.reference} does not follow the one before it."


@pytest.mark.parametrize("number", [1, 3])
def test_a_deleted_event_is_named(case: Case, number: int) -> None:
    as_owner("DELETE FROM cases_event WHERE case_id = %s AND number = %s", case.id, number)

    assert broken() == f"BROKEN: event {number} of case {case.reference} is missing."


def test_swapped_events_are_named(case: Case) -> None:
    as_owner(
        "UPDATE cases_event SET number = CASE number WHEN 2 THEN 1003 ELSE 1002 END "
        "WHERE case_id = %s AND number IN (2, 3)",
        case.id,
    )
    as_owner("UPDATE cases_event SET number = number - 1000 WHERE case_id = %s AND number > 1000", case.id)

    assert broken() == f"BROKEN: event 2 of case {case.reference} does not follow the one before it."


def test_a_cut_tail_is_named(case: Case) -> None:
    last = case.events
    as_owner("DELETE FROM cases_event WHERE case_id = %s AND number > %s", case.id, last - 2)

    assert broken() == f"BROKEN: event {last - 1} of case {case.reference} is missing at the end."


def test_a_tail_that_was_cut_with_its_count_contradicts_the_checkpoint(case: Case) -> None:
    checkpoints.sign(now=datetime.now(UTC))
    last = case.events
    rewrite(case, lambda events: events.__delitem__(slice(-2, None)))

    assert timeline.verify(Case.objects.get(id=case.id)) is None
    assert broken().startswith(f"BROKEN: event {last} of case {case.id} is not the one that checkpoint")


def test_a_chain_that_was_rewritten_whole_contradicts_the_checkpoint(case: Case) -> None:
    checkpoints.sign(now=datetime.now(UTC))
    rewrite(case, lambda events: setattr(events[1], "reason", "another reason"))

    assert timeline.verify(Case.objects.get(id=case.id)) is None
    assert broken().startswith(f"BROKEN: event {case.events} of case {case.id} is not the one that checkpoint")


def test_a_timeline_that_vanished_whole_contradicts_the_checkpoint(case: Case) -> None:
    checkpoints.sign(now=datetime.now(UTC))
    as_owner("DELETE FROM cases_event WHERE case_id = %s", case.id)
    Case.objects.filter(id=case.id).update(events=0, head="")

    assert "is not the one that checkpoint" in broken()


def test_a_checkpoint_that_was_adapted_is_not_signed_by_us(case: Case) -> None:
    point = checkpoints.sign(now=datetime.now(UTC))
    assert point is not None
    rewrite(case, lambda events: setattr(events[1], "reason", "another reason"))
    case.refresh_from_db()
    heads = [[case_id, number, case.head if case_id == str(case.id) else head] for case_id, number, head in point.heads]
    digest = checkpoints._digest(point.at, heads, point.previous)
    as_owner(
        "UPDATE cases_checkpoint SET heads = %s::jsonb, digest = %s WHERE id = %s",
        json.dumps(heads), digest, point.pk,
    )  # fmt: skip

    assert broken() == f"BROKEN: checkpoint {point.pk} is not signed by us."


def test_a_checkpoint_that_was_edited_or_taken_away_is_named(case: Case) -> None:
    first = checkpoints.sign(now=datetime.now(UTC))
    advance(case, stage="survey")
    second = checkpoints.sign(now=datetime.now(UTC))
    assert first is not None
    assert second is not None
    assert second.previous == first.digest
    as_owner("DELETE FROM cases_checkpoint WHERE id = %s", first.pk)

    assert broken() == f"BROKEN: checkpoint {second.pk} was changed or one before it is missing."


def test_a_checkpoint_signs_only_what_grew(case: Case) -> None:
    first = checkpoints.sign(now=datetime.now(UTC))
    advance(case, stage="survey")
    second = checkpoints.sign(now=datetime.now(UTC))

    assert first is not None
    assert len(first.heads) == 2
    assert second is not None
    assert [head[0] for head in second.heads] == [str(case.id)]
    assert checkpoints.sign(now=datetime.now(UTC)) is None


def test_one_case_may_be_verified_by_its_reference_and_an_unknown_one_is_said_to_be(case: Case) -> None:
    told = io.StringIO()
    call_command("verify_timeline", case=case.reference.lower(), stdout=told)

    assert told.getvalue().strip() == f"{case.events} events in 1 cases, chain intact"
    with pytest.raises(CommandError, match="There is no case"):
        call_command("verify_timeline", case="ZZZ-ZZZ-9", stdout=io.StringIO())


def test_a_reason_is_kept_as_all_texts_are_and_its_line_can_be_verified(case: Case) -> None:
    freezing.freeze(case_id=case.id, by=system(), reason=" Zo\u0301\u200b \u202ecalled\u202c  \r\n twice\x07")

    assert Event.objects.get(case=case, kind="case.frozen").reason == "Zó called\ntwice"
    assert timeline.verify(Case.objects.get(pk=case.pk)) is None
