"""Open work items on a page: what, who, why now, and the form if the reader may answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.cases import catalogue, forms, meanwhile, reminding, worklist
from backoffice.cases.models import ItemState, PerformerKind, WorkItem
from backoffice.cases.words import title_of
from backoffice.desk import worklist_rows
from backoffice.ui.staff import StaffMember

SEEN = "seen"
"""The hidden field with the newest event of the case that a page was made from."""


@dataclass(frozen=True)
class Todo:
    """An open work item on the page, with its form if the reader may answer it, else with the reason why not. `hidden`
    is the field that its form carries besides."""

    item: WorkItem
    title: str
    who: str
    why_now: str
    why_not: str
    form: forms.ItemForm | None
    mine: bool
    claimable: bool
    releasable: bool
    sensitive: bool
    saved: str
    customers: bool
    why_not_remind: str
    hidden: Mapping[str, object]


def todos(family: Sequence[uuid.UUID], *, me: StaffMember, now: datetime) -> list[Todo]:
    found = WorkItem.objects.filter(case_id__in=family, state=ItemState.OPEN).order_by("due_at", "id")
    items = list(found.select_related("case", "case__customer", "holder", "party"))
    whys = worklist_rows.why_now(items, now=now)
    seen = meanwhile.newest(items[0].case) if items else 0
    return [todo(item, me=me, why=whys[item.id], seen=seen) for item in items]


def todo(item: WorkItem, *, me: StaffMember, why: str, seen: int) -> Todo:
    """`seen` is the newest event of the family, read before anything else of it that the page shows."""
    why_not = _why_not(item, me=me)
    is_open = item.state == ItemState.OPEN
    mine = is_open and item.holder_id == me.user.pk
    may_release = is_open and item.performer == PerformerKind.ROLE and item.holder_id is not None
    return Todo(
        item=item,
        title=title_of(item),
        who=performer_words(item),
        why_now=why,
        why_not=why_not,
        form=form_of(item, me=me) if not why_not else None,
        mine=mine,
        claimable=not why_not and item.performer == PerformerKind.ROLE and item.holder_id is None,
        releasable=may_release and (mine or "supervisor" in me.actor.roles),
        sensitive=is_sensitive(item),
        saved=saved_words(item),
        customers=item.performer == PerformerKind.CUSTOMER,
        why_not_remind=reminding.why_not_remind(item.case, item, by=me.actor, now=timezone.now()),
        hidden={"name": SEEN, "value": (item.draft or {}).get(SEEN) or seen},
    )


def _why_not(item: WorkItem, *, me: StaffMember) -> str:
    if item.performer not in (PerformerKind.ROLE, PerformerKind.PERSON):
        return _("Only the customer can answer this, after signing in.")
    if item.performer == PerformerKind.PERSON and item.holder_id != me.user.pk:
        return _("Only %(name)s can do this.") % {"name": performer_words(item)}
    return worklist.why_not(item, by=me.actor, user=me.user)


def form_of(
    item: WorkItem,
    *,
    me: StaffMember,
    data: Mapping[str, object] | None = None,
    typed: Mapping[str, object] | None = None,
) -> forms.ItemForm:
    """The item's form, filled from its draft: bound to `data`, or only showing again what was `typed`."""
    fields = f"id_{item.id.hex[:8]}_%s"
    form = catalogue.answering(item).form_for(item, by=me.actor, data=data, initial=item.draft or {}, auto_id=fields)
    for name, field in form.fields.items() if typed is not None else ():
        form.initial[name] = field.widget.value_from_datadict(typed, {}, form.add_prefix(name))
    return form


def seen_in(typed: Mapping[str, str]) -> int | None:
    """The newest event that the sent page was made from; None where it does not say."""
    said = typed.get(SEEN, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None


def is_sensitive(item: WorkItem) -> bool:
    """Whether answering needs a second factor shown within the last fifteen minutes, as an approval does."""
    return catalogue.item_kind(item.case.process, item.kind).sensitive


def performer_words(item: WorkItem) -> str:
    if item.performer == PerformerKind.CUSTOMER:
        return _("the customer")
    if item.performer == PerformerKind.PARTY:
        return _("the other party")
    holder = item.holder.get_full_name() or item.holder.get_username() if item.holder else ""
    return holder or _("any %(role)s") % {"role": item.role}


def saved_words(item: WorkItem) -> str:
    """ "2 answers saved" for a half-filled form; empty when nothing is saved."""
    count = sum(1 for name, value in (item.draft or {}).items() if name != SEEN and value not in (None, "", []))
    return ngettext("%(count)d answer saved", "%(count)d answers saved", count) % {"count": count} if count else ""
