"""The evidence that a work item's kind declares, for who answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backoffice.actors import system
from backoffice.cases import catalogue
from backoffice.cases.models import Case, ItemState, WorkItem

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """One piece of evidence: its title, and its lines of (label, value)."""

    name: str
    title: str
    lines: Lines


def of_item(item: WorkItem) -> list[Shown]:
    """All that the item's kind declares and that is there, but for what is shown on request only."""
    process = catalogue.process(item.case.process)
    found = [
        Shown(one.name, _(one.title), process.evidence[one.name](item.case, item))
        for one in process.item(item.kind).spec.evidence
        if not one.on_request
    ]
    return [shown for shown in found if shown.lines]


def lines_of_answer(case: Case, kind: str) -> Lines:
    """The last answer to a work item of this kind, in the words of its form; empty before there is one."""
    items = WorkItem.objects.filter(case=case, kind=kind, state=ItemState.ANSWERED).order_by("-answered_at")
    item = items.select_related("case", "case__customer").first()
    return lines_of(item) if item else []


def lines_of(item: WorkItem) -> Lines:
    """What was answered, question by question, in the words of the form."""
    kept: Mapping[str, Any] = item.answer or {}
    form = catalogue.answering(item).form_for(item, by=system())
    return [
        (str(field.label or ""), in_words(field, kept[name]))
        for name, field in form.fields.items()
        if kept.get(name) not in (None, "", [])
    ]


def in_words(field: object, kept: object) -> str:
    """A kept value in the words of its field's choices."""
    choices = {str(value): str(label) for value, label in getattr(field, "choices", [])}
    values = kept if isinstance(kept, list) else [kept]
    return ", ".join(choices.get(str(value), str(value)) for value in values)
