"""The rows of a worklist. Each is one decision: what, for whom, and why now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.cases import catalogue
from backoffice.cases.catalogue import DeskWork
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.words import of_why, title_of
from backoffice.customers.contact_points import RISK_AGE
from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.desk import presence
from backoffice.staff.models import User
from backoffice.ui import headlines
from backoffice.ui.staff import StaffMember
from backoffice.ui.times import relative

SOON = timedelta(hours=8)
"""An item that is due within a shift is marked."""


@dataclass(frozen=True)
class Row:
    id: str
    url: str
    what: str
    reference: str
    who: str
    why: str
    due_at: datetime | None = None
    urgency: str = ""
    claim_url: str = ""
    is_first: bool = False
    open_by: str = ""
    """The names of the colleagues who have the case open."""


def of_items(items: Sequence[WorkItem], *, now: datetime, me: User, claimable: bool = False) -> list[Row]:
    """The rows for this reader. A claim opens the item."""
    whys, others = why_now(items, now=now), presence.names({item.case_id for item in items}, besides=me)
    return [
        Row(
            id=str(item.id),
            url=reverse("admin:desk_item", args=[item.id]),
            what=title_of(item),
            reference=item.case.reference,
            who=about(item.case),
            why=whys[item.id],
            due_at=item.due_at,
            urgency=urgency(item.due_at, now=now),
            claim_url=reverse("admin:desk_claim", args=[item.id]) if claimable and not item.holder_id else "",
            open_by=others.get(item.case_id, ""),
        )
        for item in items
    ]


def beside(me: StaffMember, *, now: datetime) -> list[DeskWork]:
    """What waits for this person and has no case yet, of all processes, the most urgent first."""
    found = [work for process in catalogue.all_processes() for work in process.pages.desk_work(me.actor, me.user, now)]
    return sorted(found, key=lambda work: (not work.is_first, work.due_at, work.id))


def of_work(works: Sequence[DeskWork], *, now: datetime) -> list[Row]:
    return [
        Row(
            id=work.id,
            url=work.address,
            what=work.what,
            reference=work.reference,
            who=work.who,
            why=work.why,
            due_at=work.due_at,
            urgency=urgency(work.due_at, now=now),
            claim_url=work.claim,
            is_first=work.is_first,
        )
        for work in works
    ]


def by_due_time(rows: Sequence[Row]) -> list[Row]:
    """Work without a due time comes last."""
    return sorted(rows, key=lambda row: (not row.is_first, row.due_at is None, row.due_at, row.id))


def about(case: Case) -> str:
    """What the case is, whose it is, and what it changes: "Change of address · Maria Jansen · ····4242"."""
    said = [headlines.title(case), case.customer.name, case.subject]
    return " · ".join(part for part in said if part)


def urgency(due_at: datetime | None, *, now: datetime) -> str:
    if due_at is None or due_at - now > SOON:
        return ""
    return "late" if due_at < now else "soon"


def why_now(items: Sequence[WorkItem], *, now: datetime) -> dict[uuid.UUID, str]:
    """Why each item is here now: the reason that its process gave, else that it was escalated, else what changed at the
    customer, else what was answered before it, else since when it is open. Two queries for all items."""
    changed = _changed_contacts({item.case.customer_id for item in items}, now=now)
    before = _answered_before(items)
    return {item.id: _why(item, changed.get(item.case.customer_id, ""), before, now=now) for item in items}


def _why(item: WorkItem, changed: str, before: dict[uuid.UUID, str], *, now: datetime) -> str:
    if item.why:
        return of_why(item)
    if item.escalated_at:
        return _("raised to the supervisors %(when)s") % {"when": relative(item.escalated_at, now)}
    return changed or before.get(item.case_id, "") or _asked(item, now=now)


def _asked(item: WorkItem, *, now: datetime) -> str:
    if now - item.opened_at < timedelta(minutes=1):
        return _("just came up")
    return _("came up %(when)s") % {"when": relative(item.opened_at, now)}


def _changed_contacts(customers: set[int], *, now: datetime) -> dict[int, str]:
    points = ContactPoint.objects.filter(customer_id__in=customers, superseded_at=None, supersedes__isnull=False)
    said: dict[int, str] = {}
    for point in points.filter(since__gt=now - RISK_AGE).order_by("since").distinct():
        said[point.customer_id] = changed_sentence(point, now=now)
    return said


def changed_sentence(point: ContactPoint, *, now: datetime) -> str:
    """ "phone changed 3 days ago"."""
    words = {ContactKind.MAIL: _("mail address"), ContactKind.PHONE: _("phone"), ContactKind.POSTAL: _("address")}
    days = (now - point.since).days
    if days == 0:
        return _("%(what)s changed today") % {"what": words[ContactKind(point.kind)]}
    said = ngettext("%(what)s changed %(days)d day ago", "%(what)s changed %(days)d days ago", days)
    return said % {"what": words[ContactKind(point.kind)], "days": days}


def _answered_before(items: Sequence[WorkItem]) -> dict[uuid.UUID, str]:
    """The last answer in each case: "after “Call the customer”"."""
    last = (
        WorkItem.objects.filter(case_id__in={item.case_id for item in items}, state=ItemState.ANSWERED)
        .select_related("case")
        .order_by("case_id", "-answered_at")
        .distinct("case_id")
    )
    return {item.case_id: _("after “%(title)s”") % {"title": title_of(item)} for item in last}
