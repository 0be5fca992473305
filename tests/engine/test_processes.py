"""The promises of the base of all processes, on a real engine and with real rows."""

from __future__ import annotations

import threading

import pytest
from temporalio.client import Client

from backoffice.cases import timeline
from backoffice.cases.models import CallRecord, Event, ItemState, WorkItem
from backoffice.engine import relay
from tests.engine.conftest import Working
from tests.engine.relaying import relaying
from tests.engine.ringing import closed, open_bell, ring, starts
from tests.engine.trials import confirm, two_parties
from tests.waiting import until
from tests.workflows.trial import Scene, Trial
from workflows.base.process import Process

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = ("old_confirms", "new_confirms")


@pytest.mark.parametrize("scene", [Scene.PARTIES, Scene.BRANCHES])
def test_two_parties_who_are_asked_and_answer_at_once_swallow_no_step(
    temporal: Client, working: Working, scene: Scene
) -> None:
    with two_parties(scene) as case:
        relay.relay_all()
        with working(Trial):
            assert until(lambda: WorkItem.objects.filter(case=case, state=ItemState.OPEN).count() == 2)
        for kind in BOTH:
            confirm(case, kind)
        relay.relay_all()
        with working(Trial):
            assert until(lambda: closed(case))

    assert (case.outcome, timeline.verify(case)) == ("done", None)
    assert set(WorkItem.objects.filter(case=case).values_list("kind", "state")) == {(kind, "answered") for kind in BOTH}
    assert CallRecord.objects.filter(case=case).count() == (scene is Scene.BRANCHES)
    assert Event.objects.filter(case=case, kind="item.opened").count() == 2


def test_signals_that_come_as_a_case_continues_as_new_are_neither_lost_nor_doubled(
    temporal: Client, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Process, "entries_a_run", 1)
    case = open_bell()
    ringers = [threading.Thread(target=_ring_often, args=(case,)) for _ in range(3)]

    with relaying(), working():
        ring(case)
        assert until(lambda: starts(temporal, case) > 1)
        for ringer in ringers:
            ringer.start()
        for ringer in ringers:
            ringer.join()
        ring(case, "enough")
        assert until(lambda: closed(case))

    assert case.outcome_reason == "rung 31"


def _ring_often(case: object) -> None:
    from django.db import connection

    from backoffice.cases.models import Case

    assert isinstance(case, Case)
    for _ in range(10):
        ring(case)
    connection.close()
