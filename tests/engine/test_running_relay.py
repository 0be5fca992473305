from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from temporalio.client import Client

from backoffice.cases.models import Command, CommandState
from backoffice.cases.outbox import Claimed
from backoffice.engine import client as engine
from backoffice.engine import delivering, relay
from tests.engine.relaying import claim, end, listeners, make_due, ours, relaying, sent
from tests.engine.ringing import open_bell, ring, signals, starts
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_commit_wakes_the_relay_long_before_it_sweeps(temporal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "SWEEP", timedelta(minutes=10))
    with relaying():
        assert until(lambda: len(listeners()) == 1)
        case = open_bell()
        rung = ring(case)

        assert until(lambda: sent(rung))

    assert signals(temporal, case) == [str(rung.id)]


def test_what_nobody_woke_the_relay_for_is_swept(temporal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "SWEEP", timedelta(milliseconds=200))
    case = open_bell()
    rung = ring(case)
    make_due(case, next_try_at=timezone.now() + timedelta(hours=1))
    with relaying():
        assert until(lambda: len(listeners()) == 1)

        make_due(case)

        assert until(lambda: sent(rung))


def test_a_relay_whose_connections_are_killed_connects_anew_and_loses_nothing(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SWEEP", timedelta(minutes=10))
    case = open_bell()
    with relaying():
        assert until(lambda: len(listeners()) == 1 and sent(*Command.objects.filter(case=case)))
        before = ours()

        end(before)
        rung = ring(case)

        assert until(lambda: sent(rung))
        assert until(lambda: len(listeners()) == 1)
        later = ring(case)
        assert until(lambda: sent(later))

    assert len(before) == 2
    assert set(listeners()) & set(before) == set()
    assert signals(temporal, case) == [str(rung.id), str(later.id)]


def test_two_relays_that_run_deliver_each_command_once_and_those_of_a_case_in_order(temporal: Client) -> None:
    with relaying(), relaying():
        cases = [open_bell() for _ in range(4)]
        rung = {case.id: [ring(case) for _ in range(5)] for case in cases}

        assert until(lambda: all(sent(*commands) for commands in rung.values()))

    told = {case.id: signals(temporal, case) for case in cases}
    assert told == {case_id: [str(command.id) for command in commands] for case_id, commands in rung.items()}


def test_a_running_relay_takes_over_from_one_that_died_when_its_lease_runs_out(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SWEEP", timedelta(milliseconds=200))
    monkeypatch.setattr(relay, "LEASE", timedelta(seconds=2))
    case = open_bell()
    [of_the_dead] = claim()

    with relaying():
        assert until(lambda: Command.objects.get(id=of_the_dead.id).state == CommandState.SENT)

    command = Command.objects.get(id=of_the_dead.id)
    assert command.tries == 2
    assert command.sent_at is not None
    assert command.sent_at - command.created_at > timedelta(seconds=1)
    assert starts(temporal, case) == 1


def test_a_slow_delivery_holds_up_no_other_case(temporal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, release = open_bell(), asyncio.Event()
    deliver = delivering.deliver

    async def deliver_slowly(client: Client, command: Claimed) -> None:
        if command.case_id == slow.id:
            await release.wait()
        await deliver(client, command)

    monkeypatch.setattr(relay, "deliver", deliver_slowly)
    with relaying():
        assert until(lambda: Command.objects.filter(case=slow, leased_until__isnull=False).exists())
        other = open_bell()
        assert until(lambda: sent(*Command.objects.filter(case=other)))
        assert not sent(*Command.objects.filter(case=slow))
        engine._loop().call_soon_threadsafe(release.set)

    assert sent(*Command.objects.filter(case=slow))
