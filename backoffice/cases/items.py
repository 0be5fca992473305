"""Work items as the process sees them: opened, reminded, escalated, expired, no longer needed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from backoffice.actors import Actor
from backoffice.cases import catalogue, parties, timeline
from backoffice.cases.models import Case, ItemState, KeptFrom, Party, PerformerKind, WaitingOn, WorkItem
from backoffice.customers.models import Customer
from backoffice.messages.telling import tell
from backoffice.staff.models import User
from backoffice.statements import Select, insert, update
from workflows.base.contracts import OpenItem

_OPEN_OF_CASE = Select(
    lambda case_id: WorkItem.objects.filter(case_id=case_id, state=ItemState.OPEN).order_by("opened_at", "step"),
    uuid.UUID(int=1),
)
_TURN = {PerformerKind.CUSTOMER: WaitingOn.CUSTOMER, PerformerKind.PARTY: WaitingOn.OTHERS}


def open_items(case: Case, *, opens: Sequence[OpenItem], by: Actor, now: datetime) -> None:
    """Opens work items and says whose turn it is now. Who is kept from the case meanwhile holds none of them: the item
    is then for its role."""
    if not opens:
        return
    ids = {item.holder for item in opens if item.holder}
    holders = {str(user.public_id): user for user in _holders(case, ids)} if ids else {}
    asked = parties.of_case(case) if any(item.party for item in opens) else {}
    items = [_item(case, item, holder=holders.get(item.holder), party=asked.get(item.party), now=now) for item in opens]
    insert(items)
    for item in items:
        timeline.note(case, "item.opened", by=by, data={"kind": item.kind}, at=now)
    last = items[-1]
    case.waiting_on = _TURN.get(PerformerKind(last.performer), WaitingOn.US)
    case.waiting_until = last.due_at


def _holders(case: Case, ids: Collection[str]) -> QuerySet[User]:
    kept = KeptFrom.objects.filter(root_id=case.root_id_or_own).values("user")
    return User.objects.filter(public_id__in=ids).exclude(pk__in=kept)


def _item(case: Case, opened: OpenItem, *, holder: User | None, party: Party | None, now: datetime) -> WorkItem:
    kind = catalogue.item_kind(case.process, opened.kind)
    return WorkItem(
        case=case,
        step=opened.step,
        kind=kind.name,
        performer=kind.performer.value,
        role=kind.role,
        party=party.customer if party else None,
        holder=holder,
        level=kind.level,
        part=kind.part,
        why=_why(opened),
        opened_at=now,
        due_at=opened.due_at,
    )


def _why(opened: OpenItem) -> str:
    """Codes: that of the reason, and what it is about."""
    return (opened.why.about or opened.why.code)[:200] if opened.why else ""


def withdraw_items(case: Case, *, steps: Sequence[str] | None, by: Actor, now: datetime) -> None:
    """Closes open items that are no longer needed; all of them when `steps` is None."""
    if steps is not None and not steps:
        return
    items = _open_ones(case, steps)
    for item in items:
        item.state, item.draft = ItemState.WITHDRAWN, None
        update(item, ("state", "draft"))
        timeline.note(case, "item.withdrawn", by=by, data={"kind": item.kind}, at=now)


def expire(case: Case, *, steps: Sequence[str], by: Actor, now: datetime) -> tuple[str, ...]:
    """Closes items that nobody answered in time; gives the steps that were answered a moment before."""
    if not steps:
        return ()
    items = _open_ones(case, steps)
    for item in items:
        item.state, item.draft = ItemState.EXPIRED, None
        update(item, ("state", "draft"))
        timeline.note(case, "item.expired", by=by, data={"kind": item.kind}, at=now)
    case.waiting_on, case.waiting_until = WaitingOn.US, None
    return tuple(set(steps) - {item.step for item in items})


def remind(case: Case, *, steps: Sequence[str], by: Actor, now: datetime) -> None:
    """Reminds the performers: the customer by a message, staff by the worklist, which puts reminded items first."""
    if not steps:
        return
    for item in _open_ones(case, steps):
        item.reminders += 1
        update(item, ("reminders",))
        process = catalogue.process(case.process)
        kind = process.item(item.kind).spec
        reader = _reader(case, item)
        if reader is not None:
            tell(
                customer=reader,
                case_id=case.id,
                case_reference=case.reference,
                template=process.message(kind.reminder.name),
                context={
                    **process.message_facts(case, kind.reminder.name),
                    "until": item.due_at.isoformat() if item.due_at else "",
                },
                channels=("mail",),
                by=by,
                now=now,
            )
        timeline.note(case, "item.reminded", by=by, data={"kind": item.kind}, at=now)


def _reader(case: Case, item: WorkItem) -> Customer | None:
    """Who is reminded by a message; None for staff, who have their worklist."""
    return {PerformerKind.CUSTOMER: case.customer, PerformerKind.PARTY: item.party}.get(PerformerKind(item.performer))


def escalate(case: Case, *, steps: Sequence[str], by: Actor, now: datetime) -> None:
    if not steps:
        return
    for item in _open_ones(case, steps):
        item.escalated_at = now
        update(item, ("escalated_at",))
        timeline.note(case, "item.escalated", by=by, data={"kind": item.kind}, at=now)


def prolong(case: Case, *, by_seconds: float) -> None:
    """Moves the due dates of open items: the time for which a case was frozen does not count."""
    items = _open_ones(case, None)
    for item in items:
        if item.due_at:
            item.due_at += timedelta(seconds=by_seconds)
            update(item, ("due_at",))
    if items and case.waiting_until:
        case.waiting_until += timedelta(seconds=by_seconds)


def _open_ones(case: Case, steps: Sequence[str] | None) -> list[WorkItem]:
    items = _OPEN_OF_CASE(case.id)
    for item in items:
        item.case = case
    return items if steps is None else [item for item in items if item.step in steps]
