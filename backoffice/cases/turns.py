"""Whose turn it is in a case: the one rule, for every face. The open work items say it; only where there is none does
what the process waits for."""

from __future__ import annotations

from django.db.models import Q

from backoffice.cases.models import Case, CaseState, ItemState, PerformerKind, WaitingOn, WorkItem

_TURNS = (
    (PerformerKind.CUSTOMER, WaitingOn.CUSTOMER),
    (PerformerKind.ROLE, WaitingOn.US),
    (PerformerKind.PERSON, WaitingOn.US),
    (PerformerKind.PARTY, WaitingOn.OTHERS),
)
"""Who has something to do, the first that is found: what the customer can do matters most, for nobody else sees it."""


def whose_turn(case: Case) -> WaitingOn:
    """Of the case and the open cases under it. A case that waits for its customer, who has nothing to do yet, is our
    turn."""
    return case.once("turn", lambda: _whose_turn(case))


def _whose_turn(case: Case) -> WaitingOn:
    if case.state == CaseState.CLOSED or case._state.adding:
        return WaitingOn(case.waiting_on)
    family = Q(case_id=case.id) | Q(case__root_id=case.id) | Q(case__parent_id=case.id)
    items = WorkItem.objects.filter(family, state=ItemState.OPEN, case__state=CaseState.OPEN)
    performers = set(items.values_list("performer", flat=True))
    turn = next((turn for performer, turn in _TURNS if performer in performers), None)
    if turn is not None:
        return turn
    below = Case.objects.filter(Q(root_id=case.id) | Q(parent_id=case.id)).exclude(state=CaseState.CLOSED)
    acting = below.order_by("opened_at", "id").last() or case
    said = WaitingOn(acting.waiting_on)
    return WaitingOn.US if said == WaitingOn.CUSTOMER else said
