"""How long each stage of a process usually takes: the median over our own cases that were done lately. Nothing is said
of a stage before enough of them have gone through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median

from django.db import transaction

from backoffice.cases import catalogue
from backoffice.cases.models import Case, CaseOutcome, CaseState, Event, StageDuration

FEWEST = 20
"""Cases. Of fewer, one slow case or one quick one would say too much."""
NEWEST = 200
"""So many of the newest cases of a process that were done count."""


def usual(process: str) -> Mapping[str, timedelta]:
    """By the value of each stage of which enough is known."""
    return dict(StageDuration.objects.filter(process=process).values_list("stage", "median"))


def measure(*, now: datetime) -> None:
    """Measures all processes again. `now` is UTC."""
    for process in catalogue.all_processes():
        found = _durations(process.name)
        rows = [
            StageDuration(process=process.name, stage=stage, median=_median(took), cases=len(took), measured_at=now)
            for stage, took in found.items()
            if len(took) >= FEWEST
        ]
        with transaction.atomic():
            StageDuration.objects.filter(process=process.name).exclude(stage__in=[row.stage for row in rows]).delete()
            StageDuration.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["process", "stage"],
                update_fields=["median", "cases", "measured_at"],
            )


def _durations(process: str) -> dict[str, list[timedelta]]:
    done = Case.objects.filter(process=process, state=CaseState.CLOSED, outcome=CaseOutcome.DONE)
    closed = dict(done.order_by("-opened_at", "id").values_list("id", "closed_at")[:NEWEST])
    events = Event.objects.filter(case__in=closed, kind="case.stage").order_by("case_id", "number")
    known = {name: stage.value for stage in catalogue.spec(process).stages for name in (stage.value, stage.staff)}
    found: dict[str, list[timedelta]] = {}
    for case_id, of_case in groupby(events, key=lambda event: event.case_id):
        reached = [(known.get(event.data.get("stage", ""), ""), event.at) for event in of_case]
        for stage, took in _took(reached, closed[case_id]):
            found.setdefault(stage, []).append(took)
    return found


def _took(reached: Sequence[tuple[str, datetime]], closed: datetime | None) -> Iterator[tuple[str, timedelta]]:
    ends = [*reached, ("", closed or reached[-1][1])]
    for (stage, since), (_next, until) in pairwise(ends):
        if stage:
            yield stage, until - since


def _median(took: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=round(median(one.total_seconds() for one in took)))
