from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings
from temporalio.client import Client

from backoffice.cases import incidents
from backoffice.cases.models import Case, Command, CommandKind, CommandState
from backoffice.cases.outbox import Claimed
from backoffice.engine import client as engine
from backoffice.engine import delivering, relay
from backoffice.refusals import Conflict, Forbidden
from backoffice.staff.models import Role
from tests.engine.conftest import Working
from tests.engine.relaying import claim, make_due
from tests.engine.ringing import closed, open_bell, ring, signals, starts
from tests.factories import actor, make_staff
from tests.playing import incidents_of
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def deliver_without_marking() -> None:
    async def deliver() -> None:
        temporal = await engine.client()
        for command in commands:
            await delivering.deliver(temporal, command)

    commands = claim()
    engine.run(deliver())


async def mark(command: Claimed, result: BaseException | None) -> None:
    late = relay.Relay()
    await late.mark([command], [result])
    await late._database.close()


def dead_letter(case: Case) -> Command:
    """A command that cannot be delivered to Temporal, put off so often that the next failure is the last."""
    command = ring(case)
    Command.objects.filter(id=command.id).update(signal="no_such_signal", tries=relay.TRIES - 1)
    relay.relay_all()
    command.refresh_from_db()
    assert command.state == CommandState.DEAD
    return command


def test_commands_of_a_case_go_in_their_order(temporal: Client) -> None:
    case = open_bell()
    sent = [str(ring(case).id) for _ in range(5)]

    delivered = relay.relay_all()

    assert delivered == 6
    assert signals(temporal, case) == sent
    assert set(Command.objects.filter(case=case).values_list("state", flat=True)) == {CommandState.SENT}


def test_a_claim_holds_one_command_of_each_case(temporal: Client) -> None:
    first, second = open_bell(), open_bell()
    ring(first), ring(second)

    claimed = claim()

    assert {(command.case_id, command.number) for command in claimed} == {(first.id, 1), (second.id, 1)}
    assert claim() == []


def test_a_relay_that_dies_before_marking_has_its_command_delivered_again_and_counted_once(
    temporal: Client, working: Working
) -> None:
    case = open_bell()
    relay.relay_all()
    rung = ring(case)
    deliver_without_marking()
    assert relay.relay_all() == 0

    make_due(case, leased_until=timezone.now() - timedelta(seconds=1))
    assert relay.relay_all() == 1
    ring(case, "enough")
    relay.relay_all()

    assert signals(temporal, case)[:2] == [str(rung.id)] * 2
    with working():
        assert until(lambda: closed(case))
    assert case.outcome_reason == "rung 1"


def test_a_failed_relay_does_not_take_back_what_another_has_delivered(temporal: Client) -> None:
    case = open_bell()
    [slow] = claim()
    make_due(case, leased_until=timezone.now() - timedelta(seconds=1))
    assert relay.relay_all() == 1

    engine.run(mark(slow, KeyError("late")))

    command = Command.objects.get(id=slow.id)
    assert (command.state, command.error) == (CommandState.SENT, "")


def test_starting_again_is_the_same_run(temporal: Client, working: Working) -> None:
    case = open_bell()
    relay.relay_all()
    Command.objects.filter(case=case).update(state=CommandState.WAITING)
    relay.relay_all()
    ring(case, "enough")
    relay.relay_all()
    with working():
        assert until(lambda: closed(case))

    Command.objects.filter(case=case, kind=CommandKind.START).update(state=CommandState.WAITING, leased_until=None)
    assert relay.relay_all() == 1

    assert until(lambda: starts(temporal, case) == 1)
    assert case.outcome_reason == "rung 0"


def test_a_signal_to_a_closed_case_counts_as_delivered(temporal: Client, working: Working) -> None:
    case = open_bell()
    ring(case, "enough")
    relay.relay_all()
    with working():
        assert until(lambda: closed(case))
        assert until(lambda: not running(temporal, case))
    late = ring(case)

    relay.relay_all()

    late.refresh_from_db()
    assert late.state == CommandState.SENT


def running(temporal: Client, case: Case) -> bool:
    found = engine.run(temporal.get_workflow_handle(str(case.id)).describe())
    return found.status is not None and found.status.name == "RUNNING"


def test_a_command_that_fails_is_put_off_longer_each_time(temporal: Client) -> None:
    case = open_bell()
    relay.relay_all()
    command = ring(case)
    Command.objects.filter(id=command.id).update(signal="no_such_signal")
    pauses = []

    for _ in range(10):
        make_due(case)
        before = timezone.now()
        relay.relay_all()
        command.refresh_from_db()
        pauses.append(round((command.next_try_at - before).total_seconds()))

    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert (command.state, command.error) == (CommandState.WAITING, "KeyError")


def test_a_dead_letter_marks_its_case_and_holds_back_what_comes_after(temporal: Client) -> None:
    case, other = open_bell(), open_bell()
    relay.relay_all()

    dead_letter(case)
    later, elsewhere = ring(case), ring(other)
    relay.relay_all()

    assert incidents_of(case) == [("dead_letter", "2")]
    later.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (later.state, elsewhere.state) == (CommandState.WAITING, CommandState.SENT)
    assert signals(temporal, case) == []


def test_a_retry_by_a_supervisor_sends_dead_letters_again_in_order(temporal: Client) -> None:
    case = open_bell()
    relay.relay_all()
    first = dead_letter(case)
    later = ring(case)
    supervisor = actor(make_staff(role=Role.SUPERVISOR))
    with pytest.raises(Forbidden):
        incidents.retry(case_id=case.id, by=actor(make_staff(role=Role.SUPPORT)))
    Command.objects.filter(id=first.id).update(signal="happened")

    incidents.retry(case_id=case.id, by=supervisor)
    relay.relay_all()

    assert signals(temporal, case) == [str(first.id), str(later.id)]
    assert incidents_of(case) == []
    with pytest.raises(Conflict):
        incidents.retry(case_id=case.id, by=supervisor)


def test_a_retry_whose_cause_is_still_there_brings_the_mark_back(temporal: Client) -> None:
    case = open_bell()
    relay.relay_all()
    first = dead_letter(case)
    incidents.retry(case_id=case.id, by=actor(make_staff(role=Role.ADMINISTRATOR)))
    Command.objects.filter(id=first.id).update(tries=relay.TRIES - 1)

    relay.relay_all()

    assert incidents_of(case) == [("dead_letter", "2")]


def test_many_relays_at_once_deliver_each_command_once_and_in_order(temporal: Client) -> None:
    cases = [open_bell() for _ in range(6)]
    sent = {case.id: [str(ring(case).id) for _ in range(4)] for case in cases}
    together = threading.Barrier(4)

    def one_relay(_number: int) -> int:
        together.wait(timeout=30)
        try:
            return relay.relay_all()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        delivered = sum(threads.map(one_relay, range(4)))
    delivered += relay.relay_all()

    assert delivered == 30
    assert {case.id: signals(temporal, case) for case in cases} == sent


def test_a_command_that_another_holds_is_passed_over_and_not_waited_for(temporal: Client) -> None:
    held, free = open_bell(), open_bell()
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Command.objects.select_for_update().filter(case=held))
            locked.set()
            release.wait(timeout=30)
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(hold)
        assert locked.wait(timeout=30)
        try:
            claimed = claim()
        finally:
            release.set()
        holding.result(timeout=30)

    assert [command.case_id for command in claimed] == [free.id]


@contextlib.contextmanager
def nobody_listens() -> Iterator[str]:
    """An address that refuses connections while it is held."""
    with socket.socket() as closed_port:
        closed_port.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{closed_port.getsockname()[1]}"


def test_while_temporal_is_away_commands_wait_and_never_die(temporal: Client, settings: Settings) -> None:
    case, there = open_bell(), settings.TEMPORAL_ADDRESS
    with nobody_listens() as address:
        settings.TEMPORAL_ADDRESS = address
        for _ in range(relay.TRIES + 2):
            make_due(case)
            assert relay.relay_all() == 0
    command = Command.objects.get(case=case)
    assert (command.state, command.tries, command.leased_until) == (CommandState.WAITING, relay.TRIES, None)
    assert command.next_try_at - timezone.now() < timedelta(seconds=3)
    assert incidents_of(case) == []

    settings.TEMPORAL_ADDRESS = there
    make_due(case)

    assert relay.relay_all() == 1


def test_a_temporal_that_takes_calls_and_never_answers_costs_no_command(
    temporal: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = open_bell()
    monkeypatch.setattr(relay, "TIME_TO_DELIVER", timedelta(seconds=2))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.TEMPORAL_ADDRESS = f"127.0.0.1:{mute.getsockname()[1]}"

        assert relay.relay_all() == 0

    command = Command.objects.get(case=case)
    assert (command.state, command.leased_until) == (CommandState.WAITING, None)
