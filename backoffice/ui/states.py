"""The six states, each with a colour, that are the same on every face: which one a case is in, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.models import Case, CaseOutcome, CaseState, WaitingOn, WorkItem
from backoffice.cases.shown_to_customers import Stands
from backoffice.cases.timeline_view import Reader
from backoffice.cases.turns import whose_turn
from backoffice.cases.words import away
from backoffice.ui import times


class State(StrEnum):
    US = "us"
    CUSTOMER = "customer"
    OTHERS = "others"
    DONE = "done"
    STOPPED = "stopped"
    ATTENTION = "attention"


WORDS: dict[Reader, dict[State, str | Promise]] = {
    Reader.STAFF: {
        State.US: gettext_lazy("Waiting on us"),
        State.CUSTOMER: gettext_lazy("Waiting on the customer"),
        State.OTHERS: gettext_lazy("Waiting on somebody else"),
        State.DONE: gettext_lazy("Done"),
        State.STOPPED: gettext_lazy("Stopped"),
        State.ATTENTION: gettext_lazy("Needs attention"),
    },
    Reader.CUSTOMER: {
        State.US: gettext_lazy("Our turn"),
        State.CUSTOMER: gettext_lazy("Your turn"),
        State.OTHERS: gettext_lazy("Waiting on somebody else"),
        State.DONE: gettext_lazy("Done"),
        State.STOPPED: gettext_lazy("Stopped"),
        State.ATTENTION: gettext_lazy("We are looking into this"),
    },
}
_TURNS = {
    WaitingOn.US: State.US,
    WaitingOn.CUSTOMER: State.CUSTOMER,
    WaitingOn.OTHERS: State.OTHERS,
    WaitingOn.NOBODY: State.OTHERS,
}


def state_of(case: Case) -> State:
    """First what holds the case up, then how it ended, then whose turn it is."""
    if case.open_incidents or case.outcome == CaseOutcome.FAILED:
        return State.ATTENTION
    if case.state == CaseState.CLOSED:
        return State.DONE if case.outcome == CaseOutcome.DONE else State.STOPPED
    if case.state in (CaseState.FROZEN, CaseState.STOPPING):
        return State.STOPPED
    return _TURNS[whose_turn(case)]


def words(state: State, reader: Reader = Reader.STAFF) -> str:
    """The words of a state: "Waiting on the customer" to staff, "Your turn" to the customer."""
    return str(WORDS[reader][state])


def words_for_staff(case: Case) -> str:
    """The words of a case's state at the desk: a case that is held up is named by what holds it up."""
    state = state_of(case)
    held = {CaseState.FROZEN: _("Frozen"), CaseState.STOPPING: _("Being stopped")}.get(CaseState(case.state))
    return held if held and state is State.STOPPED else words(state)


@dataclass(frozen=True)
class Standing:
    """`words` name the state, `says` explains it in a sentence; `until` is a time in words. Each may be empty.
    `over_since` (aware UTC) is when it was done for a customer whose case is still open."""

    state: State
    words: str
    says: str = ""
    until: str = ""
    over_since: datetime | None = None


def for_staff(case: Case) -> Standing:
    """Where a case stands while no work item of it is open."""
    state = state_of(case)
    return Standing(state, words_for_staff(case), _says_to_staff(case))


def _says_to_staff(case: Case) -> str:
    if case.state == CaseState.CLOSED:
        return _("This case is closed. There is nothing to do.")
    if case.state == CaseState.STOPPING:
        return _("The case is being stopped, and what it did is taken back as far as that is safe.")
    if case.state == CaseState.FROZEN:
        return _("The case is frozen. It goes on when a supervisor who did not freeze it unfreezes it.")
    if whose_turn(case) == WaitingOn.OTHERS:
        return _("We wait for somebody outside. There is nothing to do here.")
    if whose_turn(case) == WaitingOn.CUSTOMER:
        return _("We wait for the customer. There is nothing to do here.")
    return _("Received, being processed. The next step shows up here by itself.")


def for_customer(case: Case, *, acting: Case, turns: Sequence[WorkItem], told: Stands | None = None) -> Standing:
    """Where a case stands for its customer. Their own turn comes first: what they can do matters more than what others
    do meanwhile. `acting` is the open case under this one that is active now, or the case itself. `turns` are the
    customer's open work items, the most urgent first, and `told` is what the process says. Times are in the customer's
    time zone.
    """
    halted = next((one for one in (case, acting) if one.state != CaseState.OPEN), None)
    if halted is not None:
        return _halted(halted, told)
    if turns:
        return Standing(
            State.CUSTOMER, words(State.CUSTOMER, Reader.CUSTOMER), "", times.until(turns[0].due_at, acting.customer)
        )
    if told is not None and told.over_since is not None:
        done = words(State.DONE, Reader.CUSTOMER)
        return Standing(State.DONE, done, told.says, over_since=told.over_since)
    if told is not None and told.asks:
        until = times.until(told.until, case.customer)
        return Standing(State.CUSTOMER, words(State.CUSTOMER, Reader.CUSTOMER), told.says, until)
    state = State.ATTENTION if state_of(acting) is State.ATTENTION else state_of(case)
    if state is State.CUSTOMER:
        state = State.US
    says = {
        State.OTHERS: _others(acting),
        State.ATTENTION: _(
            "Something did not go as it should, and one of us is looking into it. You need do nothing now."
        ),
    }.get(state, _("We are working on it. Nothing waits for you here; we write to you when it is your turn."))
    if told is not None and state is State.US:
        says = told.says
    if acting.waits_for:
        says = _("%(what)s. You need do nothing now.") % {"what": away(acting.process, acting.waits_for)}
    until = times.until(acting.waiting_until, acting.customer) if state is State.OTHERS else ""
    return Standing(state, words(state, Reader.CUSTOMER), says, until)


def _others(case: Case) -> str:
    if whose_turn(case) == WaitingOn.NOBODY:
        return _("There is nothing to do now; this goes on by itself. We write to you when it is your turn.")
    return _("We wait for somebody else now. You need do nothing; we write to you when it is your turn.")


def _halted(case: Case, told: Stands | None) -> Standing:
    if case.state == CaseState.FROZEN:
        return Standing(
            State.STOPPED,
            _("Paused"),
            _("We paused this case while we look into something. What is due waits too; nothing waits for you here."),
        )
    if case.state == CaseState.STOPPING:
        return Standing(State.STOPPED, _("Being stopped"), _("We are stopping this. You need do nothing now."))
    named, says = {
        CaseOutcome.DONE: (_("Done"), _("This is done. You need do nothing more.")),
        CaseOutcome.WITHDRAWN: (_("Stopped"), _("This was stopped. Nothing more happens.")),
        CaseOutcome.EXPIRED: (_("Ended"), _("The time for a step ran out, so this ended. Nothing more happens.")),
        CaseOutcome.REJECTED: (_("Ended"), _("We could not do this. Call us, and we explain what you can do now.")),
    }.get(
        CaseOutcome(case.outcome),
        (_("Ended"), _("This could not be done. One of us looks into it, and contacts you if you must do anything.")),
    )
    if told is not None:
        says = told.says
    if case.parent_id is not None:
        says = _("This part is over. The case that it belongs to shows what happens next.")
    return Standing(State.DONE if case.outcome == CaseOutcome.DONE else State.STOPPED, named, says)
