from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.cases import answering, incidents, timeline
from backoffice.cases.models import (
    Case,
    Command,
    CommandState,
    Event,
    Incident,
    IncidentKind,
    ItemState,
    Resolution,
    WorkItem,
)
from backoffice.cases.unit_of_work import changing
from backoffice.cases.words import of_incident
from backoffice.refusals import Conflict, Forbidden, NotFound
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, close, incidents_of, open_card_case, open_incident, system

pytestmark = pytest.mark.django_db
migration = importlib.import_module("backoffice.cases.migrations.0007_attention_becomes_incidents")


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


def resolve(case: Case, kind: IncidentKind, *, key: str | None = None) -> None:
    with changing(case.id) as locked:
        incidents.resolve(locked, kind, by=system(), key=key)
    case.refresh_from_db()


def waits_for_issuer(case: Case, code: str = "no_answer_in_time") -> None:
    with changing(case.id) as locked:
        incidents.outside_away(locked, system="issuer", code=code)
    case.refresh_from_db()


def asked(case: Case) -> WorkItem:
    return WorkItem.objects.get(case=case, kind="look_into_incident")


def test_several_are_open_at_once_and_each_is_resolved_alone(case: Case) -> None:
    open_incident(case, IncidentKind.STEP_FAILS, key="3", error="KeyError")
    open_incident(case, IncidentKind.DEAD_LETTER, key="2", error="TypeError")
    waits_for_issuer(case)

    resolve(case, IncidentKind.STEP_FAILS, key="3")

    assert incidents_of(case) == [("dead_letter", "2"), ("outside_away", "issuer")]
    assert (case.open_incidents, case.waits_for) == (1, "issuer")
    first = Incident.objects.get(kind=IncidentKind.STEP_FAILS)
    assert (first.resolution, first.resolved_by) == (Resolution.WORKS, None)


def test_the_same_one_twice_is_one_and_another_key_is_another(case: Case) -> None:
    for key in ("3", "3", "4"):
        open_incident(case, IncidentKind.STEP_FAILS, key=key, error="KeyError")

    assert incidents_of(case) == [("step_fails", "3"), ("step_fails", "4")]
    assert Event.objects.filter(case=case, kind="case.attention").count() == 2
    assert timeline.verify(case) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(case=case, kind="step_fails", key="3", opened_at=case.opened_at)


def test_it_can_happen_again_after_it_was_resolved(case: Case) -> None:
    open_incident(case, IncidentKind.STEP_FAILS, key="3", error="KeyError")
    resolve(case, IncidentKind.STEP_FAILS)

    open_incident(case, IncidentKind.STEP_FAILS, key="3", error="KeyError")

    assert (incidents_of(case), Incident.objects.count()) == ([("step_fails", "3")], 2)


def test_resolving_costs_no_statement_where_nothing_is_open(case: Case) -> None:
    with changing(case.id) as locked, CaptureQueriesContext(connection) as statements:
        incidents.resolve(locked, IncidentKind.STEP_FAILS, by=system(), key="3")

    assert len(statements) == 0


def test_what_a_person_must_do_is_a_work_item_until_it_works_again(case: Case) -> None:
    open_incident(case, IncidentKind.STEP_FAILS, key="3", error="KeyError")
    item = asked(case)
    assert (item.role, item.state, item.why) == ("supervisor", ItemState.OPEN, "step_fails")

    resolve(case, IncidentKind.STEP_FAILS, key="3")

    item.refresh_from_db()
    assert item.state == ItemState.WITHDRAWN


def test_a_system_that_is_away_needs_no_person(case: Case) -> None:
    waits_for_issuer(case)

    assert (case.open_incidents, case.waits_for) == (0, "issuer")
    assert not WorkItem.objects.filter(case=case).exists()
    assert of_incident(case.process, Incident.objects.get().told) == (
        "The issuer does not answer just now; we try again every few seconds"
    )


def test_a_supervisor_looks_into_it_and_says_that_nothing_is_left_to_do(case: Case) -> None:
    open_incident(case, IncidentKind.ENGINE_LOST)
    sue = make_staff(role=Role.SUPERVISOR)
    commands = Command.objects.filter(case=case).count()

    answering.answer(
        item_id=asked(case).id, by=actor(sue), data={"outcome": "looked_into", "reason": "it was started by hand"}
    )

    case.refresh_from_db()
    incident = Incident.objects.get()
    assert (incident.resolution, incident.resolved_by, case.open_incidents) == (Resolution.LOOKED_INTO, sue, 0)
    assert asked(case).state == ItemState.ANSWERED
    assert Command.objects.filter(case=case).count() == commands, "the story knows nothing of it"


def dead_letter(case: Case) -> Command:
    command = Command.objects.get(case=case)
    Command.objects.filter(id=command.id).update(state=CommandState.DEAD, error="KeyError")
    open_incident(case, IncidentKind.DEAD_LETTER, key=str(command.number), error="KeyError")
    return command


def test_trying_again_resolves_what_it_tries_and_nothing_else(case: Case) -> None:
    command = dead_letter(case)
    open_incident(case, IncidentKind.ALARM, key="visit", code="nobody_expected")

    incidents.retry(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)))

    command.refresh_from_db()
    assert command.state == CommandState.WAITING
    assert incidents_of(case) == [("alarm", "visit")]
    assert asked(case).state == ItemState.WITHDRAWN
    with pytest.raises(Conflict):
        incidents.retry(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)))


def test_trying_again_by_the_work_item_is_the_same(case: Case) -> None:
    command = dead_letter(case)

    answering.answer(
        item_id=asked(case).id,
        by=actor(make_staff(role=Role.SUPERVISOR)),
        data={"outcome": "try_again", "reason": "the worker was mended"},
    )

    command.refresh_from_db()
    assert (command.state, incidents_of(case)) == (CommandState.WAITING, [])
    assert asked(case).state == ItemState.ANSWERED


def test_trying_a_system_that_is_away_wakes_the_process_and_leaves_the_incident_until_it_answers(case: Case) -> None:
    waits_for_issuer(case)

    incidents.retry(case_id=case.id, by=actor(make_staff(role=Role.ADMINISTRATOR)))

    assert Command.objects.filter(case=case, signal="system_back").count() == 1
    assert incidents_of(case) == [("outside_away", "issuer")]


def test_a_system_that_is_back_wakes_each_case_that_waits_for_it_once() -> None:
    waiting, other = [open_card_case(make_card()) for _ in range(2)], open_card_case(make_card())
    for one in waiting:
        waits_for_issuer(one)
    with changing(other.id) as locked:
        incidents.outside_away(locked, system="registry")

    assert incidents.outside_back(system="issuer") == 2
    assert incidents.outside_back(system="issuer") == 0

    signalled = Command.objects.filter(signal="system_back").order_by("created_at")
    assert [command.case for command in signalled] == waiting
    assert {command.payload["system"] for command in signalled} == {"issuer"}
    assert list(Case.objects.exclude(waits_for="").values_list("waits_for", flat=True)) == ["registry"]


def test_a_system_that_is_back_is_not_told_within_a_change_of_a_case(case: Case) -> None:
    with changing(case.id), pytest.raises(RuntimeError):
        incidents.outside_back(system="issuer")


def test_a_case_that_waits_for_two_systems_goes_on_waiting_for_the_other(case: Case) -> None:
    waits_for_issuer(case)
    with changing(case.id) as locked:
        incidents.outside_away(locked, system="registry")

    resolve(case, IncidentKind.OUTSIDE_AWAY, key="registry")

    assert case.waits_for == "issuer"


def test_who_looks_into_it_is_noted_and_stays(case: Case) -> None:
    open_incident(case, IncidentKind.RUNS_ON)
    incident = Incident.objects.get()
    first, second = make_staff(role=Role.SUPERVISOR), make_staff(role=Role.SUPERVISOR)

    incidents.look_into(incident_id=incident.pk, by=actor(first), user=first)
    incidents.look_into(incident_id=incident.pk, by=actor(second), user=second)

    incident.refresh_from_db()
    assert incident.looked_into_by == first
    incidents.resolve_by_hand(incident_id=incident.pk, by=actor(second), reason="ended by hand")
    incident.refresh_from_db()
    assert (incident.resolved_by, incident.resolution) == (second, Resolution.LOOKED_INTO)
    with pytest.raises(Conflict):
        incidents.look_into(incident_id=incident.pk, by=actor(first), user=first)


def test_support_agents_look_into_nothing(case: Case) -> None:
    open_incident(case, IncidentKind.RUNS_ON)
    hanna = make_staff(role=Role.SUPPORT)

    with pytest.raises(Forbidden):
        incidents.look_into(incident_id=Incident.objects.get().pk, by=actor(hanna), user=hanna)
    with pytest.raises(Forbidden):
        incidents.look_into(incident_id=0, by=actor(hanna), user=hanna)


def test_an_unknown_incident_is_not_looked_into() -> None:
    sam = make_staff(role=Role.SUPERVISOR)

    with pytest.raises(NotFound):
        incidents.look_into(incident_id=0, by=actor(sam), user=sam)


def test_nobody_looks_into_an_incident_in_the_name_of_another(case: Case) -> None:
    open_incident(case, IncidentKind.RUNS_ON)
    sam = make_staff(role=Role.SUPERVISOR)

    with pytest.raises(Forbidden, match="in the name of another"):
        incidents.look_into(incident_id=Incident.objects.get().pk, by=actor(sam), user=make_staff(role=Role.SUPERVISOR))

    assert Incident.objects.get().looked_into_by is None


def test_a_system_that_is_away_is_not_resolved_by_hand(case: Case) -> None:
    waits_for_issuer(case)

    with pytest.raises(Conflict):
        incidents.resolve_by_hand(
            incident_id=Incident.objects.get().pk, by=actor(make_staff(role=Role.SUPERVISOR)), reason="I think so"
        )


def test_a_case_that_ends_as_failed_has_an_incident_and_no_work_item(case: Case) -> None:
    close(case, "failed")

    assert incidents_of(case) == [("ended_failed", "")]
    assert not WorkItem.objects.filter(case=case).exists()


@pytest.mark.parametrize(
    ("text", "kind", "key", "what"),
    [
        ("step 3 fails: KeyError", "step_fails", "3", {"error": "KeyError"}),
        ("dead letter: KeyError", "dead_letter", "", {"error": "KeyError"}),
        ("issuer.order_card: connection", "outside_away", "issuer", {"code": "connection"}),
        ("issuer.order_card fails: TypeError", "call_fails", "issuer.order_card", {"error": "TypeError"}),
        ("the engine has lost the process", "engine_lost", "", {}),
        ("the process fails and waits for a mended version (ValueError)", "process_fails", "", {"error": "ValueError"}),
        ("visit: half_different", "alarm", "visit", {"code": "half_different"}),
        ("issuer.order_card:card_closed", "ended_failed", "", {"reason": "issuer.order_card:card_closed"}),
    ],
)
def test_what_was_one_text_becomes_an_incident_and_back(
    case: Case, text: str, kind: str, key: str, what: Mapping[str, str]
) -> None:
    apps = SimpleNamespace(get_model=lambda _app, name: {"Case": Case, "Incident": Incident}[name])
    events = Event.objects.count()
    Case.objects.filter(id=case.id).update(needs_attention=text)

    migration.forwards(apps, None)

    case.refresh_from_db()
    incident = Incident.objects.get()
    assert (incident.kind, incident.key, incident.what, case.needs_attention) == (kind, key, what, "")
    assert (case.open_incidents, case.waits_for) == ((0, "issuer") if kind == "outside_away" else (1, ""))

    migration.backwards(apps, None)

    case.refresh_from_db()
    assert case.needs_attention == text.replace("order_card: ", "call: ")
    assert (case.open_incidents, case.waits_for, Incident.objects.count(), Event.objects.count()) == (0, "", 0, events)


def test_a_frozen_case_lets_its_incident_be_looked_into(case: Case) -> None:
    open_incident(case, IncidentKind.STEP_FAILS, key="1", error="KeyError")
    Case.objects.filter(id=case.id).update(state="frozen")

    answering.answer(
        item_id=asked(case).id,
        by=actor(make_staff(role=Role.SUPERVISOR)),
        data={"outcome": "looked_into", "reason": "seen"},
    )

    assert incidents_of(case) == []
    assert advance(case).held == "frozen"
