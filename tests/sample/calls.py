"""A handover's calls of the lockers' system, and its effects on our own records, as its spec declares them."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from tests.sample.facts import HandedOver, Locker
from tests.sample.lockers import lockers
from workflows.base.spec import Nothing


def _note(kind: str, locker: Locker) -> Record[Nothing]:
    def write(case: Case, now: datetime) -> Nothing:
        timeline.note(case, kind, by=system(), data={"locker": str(locker.number)}, at=now)
        return Nothing()

    return write


def hold(*, case: Case, args: Locker, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    lockers().hold(args.number, key=key)
    return _note("locker.held", args)


def release(*, case: Case, args: Locker, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    lockers().release(args.number, key=key)
    return _note("locker.released", args)


def assign(*, case: Case, args: Locker, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    lockers().assign(args.number, key=key)
    return _note("locker.assigned", args)


def keep(*, case: Case, args: HandedOver, now: datetime) -> Nothing:
    data = {"locker": str(args.locker), "keys": str(args.keys)}
    timeline.note(case, "locker.handed_over", by=system(), data=data, at=now)
    return Nothing()
