"""Which reports are the same: the same number, mail address, host, or much the same words.

A report joins the group with which it has most in common. Only what somebody vouches for adds to the marks of a group,
so that a stranger who mixes the marks of two frauds, or those of a bank, cannot lead others into the wrong group. A
cleared group takes no more reports: a harmless twin must not clear a fraud in advance.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from backoffice.customers.contact_points import current
from backoffice.customers.models import ContactKind, Customer
from backoffice.suspicions.models import GroupState, Proof, Report, Suspicion, SuspicionMark
from backoffice.trust import our_words
from backoffice.trust.extracting import extract
from backoffice.trust.likeness import Likeness, Trait, alike, likeness_of

JOINS_FOR = timedelta(days=30)
"""So long after its last report a group is joined by another."""
AGAIN_WITHIN = timedelta(hours=1)
"""So long one customer's reports by which nothing is known are taken for the same contact."""
MOST_COMPARED = 200
MOST_MARKS = 60
_LOCK = 0x5359_5350
"""Of the advisory lock under which reports are grouped: two of the same at once must not make two groups."""


def group_of(found: Likeness, *, channel: str, proof: str, customer: Customer | None, now: datetime) -> Suspicion:
    """The group of a report, made where there is none, locked. Within a transaction; before any case is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    group = _joined(found, now)
    if group is None and proof and customer is not None and not found.marks:
        group = _pressed_before(customer, channel, now)
    if group is None:
        seen: Any = {"phones": list(found.phones), "mails": list(found.mails), "hosts": list(found.hosts)}
        group = Suspicion.objects.create(
            channel=channel, opened_at=now, latest_at=now, sketch=list(found.sketch), seen=seen
        )
        _mark(group, found)
        return group
    group.latest_at = max(group.latest_at, now)
    if proof and group.state == GroupState.WAITING:
        add_to(group, found)
    group.save(update_fields=["latest_at", "seen"])
    return group


def likeness(text: str, sender: str, *, customer: Customer | None) -> Likeness:
    """What a report can be known by. The address and number of who reports it do not count, nor do words that are ours:
    a fraud that copies them would make genuine messages like itself."""
    points = (current(customer=customer, kind=kind) for kind in (ContactKind.MAIL, ContactKind.PHONE) if customer)
    found = likeness_of(text, sender=sender, ignore={point.value for point in points if point})
    if found.sketch and our_words.kinds_like(extract(text).run):
        return replace(found, sketch=())
    return found


def add_to(group: Suspicion, found: Likeness) -> None:
    """What somebody who vouches for it tells more of the same contact. The caller saves `seen`."""
    seen = group.seen or {}
    for name, values in (("phones", found.phones), ("mails", found.mails), ("hosts", found.hosts)):
        seen[name] = list(dict.fromkeys([*seen.get(name, []), *values]))[:MOST_COMPARED]
    group.seen = seen
    _mark(group, found)


def marks_of(group: Suspicion) -> Sequence[tuple[str, str]]:
    return list(group.marks.values_list("trait", "value"))


def _joined(found: Likeness, now: datetime) -> Suspicion | None:
    marks = found.marks
    if not marks:
        return None
    in_use = Q(group__state=GroupState.WAITING) | Q(group__state=GroupState.CONFIRMED)
    same = SuspicionMark.objects.filter(in_use, value__in=[value for _trait, value in marks])
    rows = same.filter(group__latest_at__gt=now - JOINS_FOR).order_by("group__opened_at", "id")
    counted: Counter[uuid.UUID] = Counter()
    certain = set()
    for group_id, trait, value in rows.values_list("group_id", "trait", "value")[: MOST_COMPARED * 10]:
        if (trait, value) in marks:
            counted[group_id] += 1
            if trait != Trait.WORDS:
                certain.add(group_id)
    for group_id, _count in counted.most_common(MOST_COMPARED):
        group = Suspicion.objects.select_for_update(no_key=True).get(pk=group_id)
        if group_id in certain or alike(group.sketch, found.sketch):
            return group
    return None


def _pressed_before(customer: Customer, channel: str, now: datetime) -> Suspicion | None:
    """Whoever only presses “somebody is on the phone with me now” presses again a minute later, and means the same."""
    theirs = Report.objects.filter(customer=customer, at__gt=now - AGAIN_WITHIN, group__state=GroupState.WAITING)
    bare = theirs.exclude(proof=Proof.NONE).filter(group__channel=channel, group__marks=None)
    last = bare.order_by("-at").values_list("group", flat=True).first()
    return Suspicion.objects.select_for_update(no_key=True).get(pk=last) if last else None


def _mark(group: Suspicion, found: Likeness) -> None:
    if group.marks.count() >= MOST_MARKS:
        return
    new = [SuspicionMark(group=group, trait=trait, value=value) for trait, value in sorted(found.marks)]
    SuspicionMark.objects.bulk_create(new, ignore_conflicts=True)


__all__ = ["JOINS_FOR", "Proof", "add_to", "group_of", "likeness", "marks_of"]
