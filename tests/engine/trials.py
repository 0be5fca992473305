"""The trial process in the catalogue, for tests on a real engine and real rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice.actors import Level, system
from backoffice.cases import answering, opening
from backoffice.cases.catalogue import BoundCall, BoundEffect, BoundItem, Process, Record, decided
from backoffice.cases.forms import OutcomeForm
from backoffice.cases.models import Case, ItemState, Party, WorkItem
from tests.catalogue import installed
from tests.factories import make_customer
from tests.playing import customer_actor
from tests.workflows import trial
from workflows.base.spec import Facts, Nothing


def _does(*, case: Case, args: Facts, now: datetime) -> Nothing:
    return Nothing()


def _reserves(*, case: Case, args: trial.Number, now: datetime) -> trial.Reference:
    return trial.Reference(reference=f"r{args.number}")


def _makes(*, case: Case, args: Facts, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    return lambda case, now: Nothing()


def _executes(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[trial.Reference]:
    return lambda case, now: trial.Reference(reference=key)


def make_trial(scene: trial.Scene, **makes: Any) -> Process:
    """`makes` are the calls of outside systems, by name, that a test makes itself."""
    return Process(
        spec=trial.TRIAL,
        story=trial.Trial,
        prepare=lambda *, case, content, by, now: trial.TrialOpening(scene=scene),
        items=[BoundItem(kind, OutcomeForm, decided) for kind in trial.TRIAL.kinds],
        effects=[
            BoundEffect(trial.RESERVE, _reserves),
            BoundEffect(trial.FREE, _does),
            BoundEffect(trial.NOTE, _does),
        ],
        calls=[
            BoundCall(trial.LOCK, makes.get("lock", _makes)),
            BoundCall(trial.UNLOCK, makes.get("unlock", _makes)),
            BoundCall(trial.EXECUTE, makes.get("execute", _executes)),
            BoundCall(trial.TELL_BILLER, makes.get("tell_biller", _makes)),
        ],
    )


def open_trial() -> Case:
    case, _new = opening.open_case(
        process="trial", customer=make_customer(), by=system(), key=str(uuid.uuid4()), content={}
    )
    return case


@contextmanager
def two_parties(scene: trial.Scene) -> Iterator[Case]:
    """A case with a second party that has an account."""
    with installed(make_trial(scene)):
        case = open_trial()
        Party.objects.create(root=case, role="new_holder", customer=make_customer(), invited_at=timezone.now())
        yield case


def confirm(case: Case, kind: str) -> None:
    """Who is asked says yes."""
    item = WorkItem.objects.get(case=case, kind=kind, state=ItemState.OPEN)
    by = customer_actor(item.party or case.customer, level=Level.CONFIRMED)
    answering.answer(item_id=item.id, by=by, data={"outcome": "confirmed", "reason": "agreed"})
