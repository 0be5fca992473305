"""Who makes a visit: a visitor who is certified on its day and has no other part in the family of cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.refusals import Invalid
from backoffice.staff.models import User
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Slot, Visit
from backoffice.visits.offering import with_another_part


def assign(case: Case, *, by: Actor, now: datetime) -> User | None:
    """Assigns the visit to the visitor whose calendar holds it. If they may no longer make it, another visitor with the
    same window gets it. None when there is nobody: then a supervisor finds somebody."""
    visit = visit_of(case, lock=True)
    mine = Slot.objects.filter(taken_by=visit, attempt=visit.attempt).select_related("visitor__staff_profile").first()
    if mine is not None and _may_visit(visit, mine.visitor):
        return _give(visit, mine.visitor, by=by, now=now)
    same_window = {"starts": visit.starts, "ends": visit.ends}
    others = Slot.objects.filter(taken_by=None, **same_window).select_related("visitor__staff_profile")
    for other in others.select_for_update(skip_locked=True, of=("self",)).order_by("id"):
        if _may_visit(visit, other.visitor):
            _swap(visit, mine, other)
            return _give(visit, other.visitor, by=by, now=now)
    timeline.note(case, "visit.nobody_free", by=by, at=now)
    return None


def candidates(case: Case) -> Sequence[User]:
    """The visitors whom a supervisor may send: certified, no other part in the family, nothing else at that time."""
    visit = visit_of(case)
    if visit.starts is None or visit.ends is None:
        return []
    busy = Slot.objects.filter(starts__lt=visit.ends, ends__gt=visit.starts, taken_by__isnull=False)
    busy = busy.exclude(taken_by=visit)
    certified = User.objects.filter(
        is_active=True,
        staff_profile__certified_visitor=True,
        staff_profile__certified_until__gte=visit.ends.date(),
    )
    found = certified.exclude(pk__in=busy.values("visitor")).exclude(pk__in=with_another_part(visit))
    return list(found.select_related("staff_profile").order_by("last_name", "first_name", "pk"))


def assign_by_hand(case: Case, *, visitor: str, by: Actor, now: datetime) -> User:
    """A supervisor's choice, by the visitor's public id. Raises `Invalid` on `visitor` for one who may not."""
    visit = visit_of(case, lock=True)
    chosen = next((user for user in candidates(case) if str(user.public_id) == visitor), None)
    if chosen is None or visit.starts is None or visit.ends is None:
        raise Invalid({"visitor": [_("This colleague cannot make this visit. Choose another one.")]})
    Slot.objects.filter(taken_by=visit, attempt=visit.attempt).update(taken_by=None, attempt=0)
    Slot.objects.update_or_create(
        visitor=chosen,
        starts=visit.starts,
        defaults={"ends": visit.ends, "taken_by": visit, "attempt": visit.attempt},
    )
    return _give(visit, chosen, by=by, now=now)


def _may_visit(visit: Visit, user: User) -> bool:
    profile = getattr(user, "staff_profile", None)
    if profile is None or not user.is_active or visit.ends is None or not profile.may_visit(on=visit.ends.date()):
        return False
    return user.pk not in set(with_another_part(visit))


def _swap(visit: Visit, mine: Slot | None, other: Slot) -> None:
    if mine is not None:
        mine.taken_by, mine.attempt = None, 0
        mine.save(update_fields=["taken_by", "attempt"])
    other.taken_by, other.attempt = visit, visit.attempt
    other.save(update_fields=["taken_by", "attempt"])


def _give(visit: Visit, visitor: User, *, by: Actor, now: datetime) -> User:
    visit.visitor = visitor
    visit.save(update_fields=["visitor"])
    badge = visitor.staff_profile.badge_number
    timeline.note(visit.case, "visit.assigned", by=by, data={"badge": badge}, at=now)
    return visitor
