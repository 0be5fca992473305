"""The stepper: where a case stands among the stages of its process, for staff and for customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from backoffice.cases import catalogue, durations
from backoffice.cases.models import Case, CaseOutcome, CaseState, Event
from backoffice.ui import times
from workflows.base.spec import Stage


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    FUTURE = "future"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Step:
    """`when` says in words when a done step ended, since when the current one lasts, or when one that was never done
    began; empty before it was reached. `usually` says how long one that is not over takes, if that is known."""

    label: str
    state: StepState
    when: str = ""
    usually: str = ""


def for_staff(case: Case, events: Iterable[Event] | None = None) -> Sequence[Step]:
    """All declared stages in order. A stage is skipped if the case has gone past it without reaching it, or has ended
    before it. `events` are the case's events, if the caller has read them already."""
    over = _is_over(case)
    return [
        Step(_label(stage, if_needed=state is StepState.FUTURE and not over), state, when)
        for stage, state, when in _placed(case, events)
    ]


def for_customer(case: Case, events: Iterable[Event] | None = None) -> Sequence[Step]:
    """The stages that have a name for the customer: those that were reached, and those that are certain to come."""
    takes = {} if _is_over(case) else durations.usual(case.process)
    return [
        Step(_(stage.customer), state, when, _usually(state, takes.get(stage.value)))
        for stage, state, when in _placed(case, events)
        if stage.customer and (when or (state is StepState.FUTURE and not stage.optional))
    ]


def reached(case: Case, events: Iterable[Event] | None = None) -> dict[str, datetime]:
    """When each stage was first reached, by the value of the stage (aware UTC)."""
    if events is None:
        events = Event.objects.filter(case=case, kind="case.stage").order_by("number")
    known = {name: stage.value for stage in catalogue.spec(case.process).stages for name in (stage.value, stage.staff)}
    noted = sorted(
        (event for event in events if event.case_id == case.id and event.kind == "case.stage"),
        key=lambda event: event.number,
        reverse=True,
    )
    return {known[said]: event.at for event in noted if (said := event.data.get("stage", "")) in known}


def _placed(case: Case, events: Iterable[Event] | None) -> Iterator[tuple[Stage, StepState, str]]:
    stages = list(catalogue.spec(case.process).stages)
    at = next((place for place, stage in enumerate(stages) if stage.value == case.stage), -1)
    found = reached(case, events)
    for place, stage in enumerate(stages):
        since = found.get(stage.value) if place <= at else None
        state = _state(case, place - at, was_reached=since is not None)
        later = [found[one.value] for one in stages[place + 1 : at + 1] if one.value in found]
        yield stage, state, _when(state, since, min(later, default=case.closed_at))


def _state(case: Case, ahead: int, *, was_reached: bool) -> StepState:
    """`ahead` is how many stages lie between the case and this one; negative behind it."""
    if ahead > 0:
        return StepState.SKIPPED if _is_over(case) else StepState.FUTURE
    if ahead < 0:
        return StepState.DONE if was_reached else StepState.SKIPPED
    if case.state != CaseState.CLOSED:
        return StepState.CURRENT
    return StepState.DONE if case.outcome == CaseOutcome.DONE else StepState.SKIPPED


def _is_over(case: Case) -> bool:
    return case.state in (CaseState.CLOSED, CaseState.STOPPING)


def _label(stage: Stage, *, if_needed: bool) -> str:
    name = _(stage.staff)
    return _("%(stage)s (if needed)") % {"stage": name} if stage.optional and if_needed else name


def _usually(state: StepState, takes: timedelta | None) -> str:
    return times.usually(takes) if takes is not None and state in (StepState.CURRENT, StepState.FUTURE) else ""


def _when(state: StepState, since: datetime | None, ended: datetime | None) -> str:
    if since is None:
        return ""
    if state is StepState.DONE:
        return times.moment(ended or since)
    words = _("since %(when)s") if state is StepState.CURRENT else _("begun %(when)s")
    return words % {"when": times.moment(since)}
