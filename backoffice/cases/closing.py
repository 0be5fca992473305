"""The end of a case, and what its parent learns of it."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor
from backoffice.cases import catalogue, incidents, timeline
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, CaseOutcome, CaseState, CommandKind, IncidentKind, WaitingOn
from backoffice.cases.outbox import order
from backoffice.cases.unit_of_work import changing
from backoffice.cases.withdrawing import stop_below
from workflows.base.contracts import Close


def close_case(case: Case, *, close: Close, by: Actor, now: datetime) -> None:
    """Closes a case. Its parent's process is told the outcome and who had which part, because four eyes are counted
    over the family. Cases under it that are still open are stopped."""
    withdraw_items(case, steps=None, by=by, now=now)
    case.state = CaseState.CLOSED
    case.outcome = close.result
    case.outcome_reason = close.reason
    case.closed_at = now
    case.waiting_on, case.waiting_until = WaitingOn.NOBODY, None
    catalogue.process(case.process).on_close(case)
    timeline.note(case, "case.closed", by=by, data={"outcome": close.result}, reason=close.reason, at=now)
    if close.result == CaseOutcome.FAILED:
        incidents.open(case, IncidentKind.ENDED_FAILED, by=by, values={"reason": close.reason}, at=now)
    stop_below(case, by=by, reason=close.reason)
    if case.parent_id is None:
        return
    with changing(case.parent_id) as parent:
        step = case.opening_key.partition(":")[2]
        timeline.note(
            parent, "child.closed", by=by, data={"reference": case.reference, "outcome": close.result}, at=now
        )
        order(
            parent,
            CommandKind.SIGNAL,
            signal="child_closed",
            payload={"step": step, "result": close.result, "facts": close.facts, "parts": close.parts},
        )
