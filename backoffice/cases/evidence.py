"""The evidence that a kind of work item declares, for the person who answers it. Some is shown at once, some on
request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.choices import flatten_choices
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, system
from backoffice.cases import catalogue, timeline
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.cases.worklist import why_not
from backoffice.customers import reading
from backoffice.refusals import Forbidden, NotFound
from backoffice.staff import rights
from backoffice.staff.models import User
from workflows.base.spec import Evidence

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """One piece of evidence: its title, and its lines of (label, value)."""

    name: str
    title: str
    lines: Lines


def of_item(item: WorkItem) -> list[Shown]:
    """All evidence that the item's kind declares and that exists, except what is shown only on request."""
    found = [_shown(item, one) for one in declared(item) if not one.on_request]
    return [shown for shown in found if shown.lines]


def declared(item: WorkItem) -> Sequence[Evidence]:
    """What the item's kind declares."""
    return catalogue.answering(item).spec.evidence


@rights.needs(rights.REVEAL)
def reveal(*, item: WorkItem, name: str, by: Actor, user: User, reason: str, now: datetime) -> Shown:
    """Shows evidence on request, to a person who may answer the item and says why they need it. First it is noted among
    the readings of the customer's record and in the timeline; the customer can see both. Raises `NotFound` for evidence
    that the kind does not have on request, `Forbidden` when this person may not answer the item now, and `Invalid` on
    `reason` when it is too short. `now` is UTC. Not within a transaction.
    """
    wanted = next((one for one in declared(item) if one.name == name and one.on_request), None)
    if wanted is None:
        raise NotFound("unknown_evidence", _("There is no such evidence."))
    if refusal := why_not(item, by=by, user=user):
        raise Forbidden("not_the_answerer", refusal)
    no_card_numbers.refuse(reason, field="reason")
    reading.open_record(
        customer=item.case.customer, by=by, user=user, now=now, reason=reason, page=f"evidence:{item.kind}:{name}"
    )
    with changing(item.case_id) as case:
        data = {"kind": item.kind, "evidence": name}
        timeline.note(case, "item.evidence_shown", by=by, data=data, reason=reason, at=now)
    return _shown(item, wanted)


def _shown(item: WorkItem, one: Evidence) -> Shown:
    lines = catalogue.process(item.case.process).shows_evidence(one.name)(item.case, item)
    return Shown(one.name, _(one.title), lines)


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
        (str(field.label or ""), form.kept_in_words(name, kept[name]) or in_words(field, kept[name]))
        for name, field in form.fields.items()
        if kept.get(name) not in (None, "", [])
    ]


def in_words(field: object, kept: object) -> str:
    """A stored value in the words of its field: a choice by its label, a day as people write it. A choice that the form
    no longer has is not shown by its code."""
    if isinstance(kept, bool):
        return _("yes") if kept else _("no")
    if isinstance(field, forms.DateField) and (day := _day(kept)):
        return date_format(day, "j F Y")
    values = kept if isinstance(kept, list) else [kept]
    if not isinstance(field, forms.ChoiceField):
        return ", ".join(str(value) for value in values)
    offered: Any = field.choices
    pairs: Iterable[tuple[Any, Any]] = flatten_choices(offered)
    choices = {str(value): str(label) for value, label in pairs}
    return ", ".join(choices.get(str(value), _("an answer that is no longer offered")) for value in values)


def _day(kept: object) -> date | None:
    try:
        return date.fromisoformat(str(kept))
    except ValueError:
        return None
