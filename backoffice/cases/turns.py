"""Whose turn it is in a case: the one rule, for every face. The open work items say it, and its process, where the
customer is to do something that is no work item; only where neither does, what the process waits for."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from backoffice.cases import catalogue
from backoffice.cases.models import Case, CaseState, ItemState, PerformerKind, WaitingOn, WorkItem
from backoffice.cases.shown_to_customers import Stands

_PERFORMERS, _BELOW, _OWN = "performers", "below", "own items"
_TURNS = (
    (PerformerKind.ROLE, WaitingOn.US),
    (PerformerKind.PERSON, WaitingOn.US),
    (PerformerKind.PARTY, WaitingOn.OTHERS),
)
"""Who has something to do, the first that is found, after the customer: what they can do matters most, for nobody else
sees it."""


def whose_turn(case: Case) -> WaitingOn:
    """Of the case and the open cases under it. A case that waits for its customer, who has nothing to do yet, is our
    turn."""
    return case.once("turn", lambda: _whose_turn(case))


def look_up(cases: Sequence[Case]) -> None:
    """For a list of cases: asks the database once for all what `whose_turn` would otherwise ask for each of them."""
    of = {case.id: case for case in cases if case.state != CaseState.CLOSED}
    for case in of.values():
        case.read |= {_PERFORMERS: set(), _BELOW: [], _OWN: False}
    family = Q(case_id__in=of) | Q(case__root_id__in=of) | Q(case__parent_id__in=of)
    items = WorkItem.objects.filter(family, state=ItemState.OPEN, case__state=CaseState.OPEN)
    for performer, *around in items.values_list("performer", "case_id", "case__root_id", "case__parent_id"):
        if around[0] in of:
            of[around[0]].read[_OWN] = True
        for case_id in of.keys() & set(around):
            of[case_id].read[_PERFORMERS].add(performer)
    for one in _open_below(Q(root_id__in=of) | Q(parent_id__in=of)):
        for case_id in of.keys() & {one.root_id, one.parent_id}:
            of[case_id].read[_BELOW].append(one)


def has_open_item(case: Case) -> bool:
    """Whether a work item of the case itself, which is open, is open now; as `look_up` saw it, if that was asked."""
    known: bool | None = case.read.get(_OWN)
    return WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists() if known is None else known


def asked_elsewhere(case: Case) -> Stands | None:
    """What the customer is to do now that is no work item, in the case or in an open one under it; None for nothing."""
    return case.once("asked elsewhere", lambda: _asked_elsewhere(case))


def _whose_turn(case: Case) -> WaitingOn:
    if case.state == CaseState.CLOSED or case._state.adding:
        return WaitingOn(case.waiting_on)
    performers = case.once(_PERFORMERS, lambda: _performers(case))
    if PerformerKind.CUSTOMER in performers or asked_elsewhere(case) is not None:
        return WaitingOn.CUSTOMER
    turn = next((turn for performer, turn in _TURNS if performer in performers), None)
    if turn is not None:
        return turn
    said = WaitingOn([case, *_below(case)][-1].waiting_on)
    return WaitingOn.US if said == WaitingOn.CUSTOMER else said


def _asked_elsewhere(case: Case) -> Stands | None:
    if case._state.adding or case.state != CaseState.OPEN:
        return None
    found = (catalogue.process(one.process).stands(one) for one in (case, *_below(case)))
    return next((one for one in found if one is not None and one.asks), None)


def _below(case: Case) -> Sequence[Case]:
    """The open cases under this one, the newest last."""
    return case.once(_BELOW, lambda: list(_open_below(Q(root_id=case.id) | Q(parent_id=case.id))))


def _open_below(which: Q) -> QuerySet[Case]:
    below = Case.objects.filter(which).exclude(state=CaseState.CLOSED)
    return below.select_related("customer").order_by("opened_at", "id")


def _performers(case: Case) -> set[str]:
    family = Q(case_id=case.id) | Q(case__root_id=case.id) | Q(case__parent_id=case.id)
    items = WorkItem.objects.filter(family, state=ItemState.OPEN, case__state=CaseState.OPEN)
    return set(items.values_list("performer", flat=True))
