"""Where a case stands among the stages that its process declares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.models import Case, CaseOutcome, CaseState, Event


@dataclass(frozen=True)
class Step:
    """`state` is done, current, future or skipped, as the stepper's template takes it."""

    label: str
    state: str


def steps(case: Case) -> Sequence[Step]:
    """All declared stages in order. What was passed by without being reached is skipped; so is what a stopped case
    will not reach any more."""
    stages = list(catalogue.spec(case.process).stages)
    reached = reached_stages(case)
    at = next((place for place, stage in enumerate(stages) if stage.value == case.stage), -1)
    closed = case.state == CaseState.CLOSED
    return [
        Step(
            _label(stage.staff, optional=stage.optional and place > at and not closed),
            _state(place, at=at, reached=stage.staff in reached, closed=closed, case=case),
        )
        for place, stage in enumerate(stages)
    ]


def reached_stages(case: Case) -> Collection[str]:
    """The staff names of the stages that the timeline says were reached."""
    noted = Event.objects.filter(case=case, kind="case.stage").values_list("data", flat=True)
    return {data.get("stage", "") for data in noted}


def _state(place: int, *, at: int, reached: bool, closed: bool, case: Case) -> str:
    if place == at and not closed:
        return "current"
    if place > at:
        return "skipped" if closed else "future"
    if place == at:
        return "done" if case.outcome == CaseOutcome.DONE else "skipped"
    return "done" if reached else "skipped"


def _label(name: str, *, optional: bool) -> str:
    return _("%(stage)s (if needed)") % {"stage": _(name)} if optional else _(name)
