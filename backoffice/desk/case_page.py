"""The other parts of the page of a case: what was answered, what its process adds, and the related cases."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import catalogue, evidence, keeping_from
from backoffice.cases.evidence import Lines
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.words import title_of
from backoffice.ui import headlines

MOST = 8
"""Lines in a panel of the page."""


def family_of(case: Case) -> list[uuid.UUID]:
    """The case and those under it, which its page shows too."""
    return [case.id, *Case.objects.filter(parent=case).values_list("id", flat=True)]


def panels(case: Case) -> list[tuple[str, Mapping[str, Any]]]:
    """What the processes of the case and of the one above it add to the page: each a template and its context."""
    found = [catalogue.process(one.process).pages.desk_panel(one) for one in (case, case.parent) if one]
    return [panel for panel in found if panel is not None]


@dataclass(frozen=True)
class Answered:
    title: str
    at: datetime | None
    lines: Lines


def answers(family: Sequence[uuid.UUID]) -> list[Answered]:
    """What was answered, in the words of its form, the newest first, but for what must not be seen yet."""
    still = WorkItem.objects.filter(case_id__in=family, state=ItemState.OPEN).values_list("case_id", "kind")
    open_kinds = set(still)
    found = WorkItem.objects.filter(case_id__in=family, state=ItemState.ANSWERED).order_by("-answered_at")
    return [
        Answered(title_of(item), item.answered_at, evidence.lines_of(item))
        for item in found.select_related("case", "case__customer")[:MOST]
        if item.answer and not any((item.case_id, kind) in open_kinds for kind in _hidden_while(item))
    ]


def _hidden_while(item: WorkItem) -> frozenset[str]:
    return catalogue.process(item.case.process).item(item.kind).hidden_while


@dataclass(frozen=True)
class Related:
    case: Case
    how: str
    title: str


def related(case: Case, *, reader: Actor) -> list[Related]:
    """The case above, those under it, and the customer's other ones that this person may see, the newest first."""
    theirs = Q(id=case.parent_id) | Q(parent=case) | Q(customer=case.customer)
    cases = Case.objects.filter(theirs, keeping_from.visible(reader)).exclude(id=case.id)
    lines = [Related(other, _how(case, other), headlines.title(other)) for other in cases.order_by("-opened_at")[:MOST]]
    return sorted(lines, key=lambda line: line.how == _("same customer"))


def _how(case: Case, other: Case) -> str:
    if other.id == case.parent_id:
        return _("above this one")
    return _("under this one") if other.parent_id == case.id else _("same customer")
