"""Where a case stands, in the customer's words: whose turn, until when, what happens next, and what has happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.models import Case, CaseOutcome, CaseState, Event, WaitingOn
from backoffice.cases.words import stage_of
from backoffice.messages.composing import in_words
from backoffice.portal.selectors import Family
from backoffice.ui.states import Reader, State, state_of, words


@dataclass(frozen=True)
class Standing:
    """`state` is one of the six; `words` name it, `says` explains it; `until` is a time in words or empty."""

    state: State
    words: str
    says: str
    until: str = ""


@dataclass(frozen=True)
class Step:
    """One stage of "what happens next". `state` is done, current or future; `when` is a sentence or empty."""

    label: str
    state: str
    when: str = ""


def standing(family: Family) -> Standing:
    """Whose turn it is. The customer's comes first: what they can do matters more than what others do meanwhile."""
    case = family.acting
    if family.case.state != CaseState.OPEN or case.state != CaseState.OPEN:
        return _halted(family.case if family.case.state != CaseState.OPEN else case)
    if family.turns:
        return Standing(
            State.CUSTOMER, words(State.CUSTOMER, Reader.CUSTOMER), "", _until(family.turns[0].due_at, case)
        )
    state = state_of(case)
    if state == State.CUSTOMER:
        state = State.US
    says = {
        State.OTHERS: _others(case),
        State.ATTENTION: _(
            "Something did not go as it should, and one of us is looking into it. You need do nothing now."
        ),
    }.get(state, _("We are working on it. You need do nothing now; we write to you when it is your turn."))
    until = _until(case.waiting_until, case) if state == State.OTHERS else ""
    return Standing(state, words(state, Reader.CUSTOMER), says, until)


def _others(case: Case) -> str:
    if case.waiting_on == WaitingOn.NOBODY:
        return _("Nothing is to be done now; this goes on by itself. We write to you when it is your turn.")
    return _("Somebody else is at work for us now. You need do nothing; we write to you when it is your turn.")


def _halted(case: Case) -> Standing:
    if case.state == CaseState.FROZEN:
        return Standing(
            State.STOPPED,
            _("Paused"),
            _("We paused this case while we look into something. What is due waits too. You need do nothing now."),
        )
    if case.state == CaseState.STOPPING:
        return Standing(State.STOPPED, _("Being stopped"), _("We are taking back what was begun."))
    named, says = {
        CaseOutcome.DONE: (_("Done"), _("This is done. You need do nothing more.")),
        CaseOutcome.WITHDRAWN: (_("Stopped"), _("This was stopped. Nothing more happens.")),
        CaseOutcome.EXPIRED: (_("Ended"), _("The time for an answer ran out, so this ended. Nothing more happens.")),
        CaseOutcome.REJECTED: (_("Ended"), _("We could not do this. Call us, and we explain what you can do now.")),
    }.get(
        CaseOutcome(case.outcome),
        (_("Ended"), _("This could not be done. One of us looks into it, and contacts you if you must do anything.")),
    )
    return Standing(State.DONE if case.outcome == CaseOutcome.DONE else State.STOPPED, named, says)


def _until(at: datetime | None, case: Case) -> str:
    return in_words(at, case.customer.time_zone) if at else ""


def steps(case: Case, events: Sequence[Event]) -> list[Step]:
    """The declared stages that have a name for the customer: those reached, and those that come for certain."""
    stages = list(catalogue.spec(case.process).stages)
    now = next((number for number, stage in enumerate(stages) if stage.value == case.stage), -1)
    reached = _reached(case, events)
    over = case.state == CaseState.CLOSED
    found = []
    for number, stage in enumerate(stages):
        if not stage.customer:
            continue
        if number > now or stage.value not in reached:
            if number > now and not stage.optional and not over and case.state != CaseState.STOPPING:
                found.append(Step(_(stage.customer), "future"))
            continue
        state = "current" if number == now and not over else "done"
        found.append(Step(_(stage.customer), state, _moment(reached[stage.value])))
    return found


def _reached(case: Case, events: Sequence[Event]) -> dict[str, datetime]:
    noted = [event for event in events if event.case_id == case.id and event.kind == "case.stage"]
    return {stage: event.at for event in noted if (stage := stage_of(case.process, event.data))}


def _moment(at: datetime) -> str:
    """ "today 13:58" or "22 November", on the reader's clock."""
    local, today = timezone.localtime(at), timezone.localtime()
    if local.date() == today.date():
        return _("today %(time)s") % {"time": date_format(local, "H:i")}
    return date_format(local, "j F")
