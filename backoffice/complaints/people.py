"""Noting, after a complaint was opened, that it is about a person whom it did not name so that we found them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import keeping_from, timeline
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.cases.need_to_know import needs_to_know
from backoffice.cases.unit_of_work import changing
from backoffice.complaints import rights
from backoffice.complaints.models import Complaint, StrangersComplaint
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import Role, User
from backoffice.staff.rights import needs
from workflows.complaint.spec import ANSWER


@needs(rights.NAME)
def name_person(*, case_id: uuid.UUID, person: str, by: Actor, user: User, now: datetime) -> Case:
    """From now on this member of staff (by their public id) neither sees the complaint nor acts in it, nor in a later
    one about it, which tells of it. What they hold of these goes back; where they are a supervisor, compliance owns
    them. Naming them again changes nothing. `now` is UTC.
    Raises `Forbidden` without a need to know, `Conflict` when the complaint is closed, `Invalid` on `person`."""
    with changing(case_id) as case:
        if not needs_to_know(case, user=user):
            raise Forbidden("no_reason", _("Open the complaint from your worklist first, or claim it."))
        if case.state == CaseState.CLOSED:
            raise Conflict("closed", _("This complaint is closed. Nothing was changed."))
        named = User.objects.filter(Q(is_staff=True), public_id=_uuid(person)).first()
        if named is None:
            raise Invalid({"person": [_("Choose one of us.")]})
        Complaint.objects.filter(case=case).update(name_unknown=False)
        for one in (case.id, *_later_ones_about(case)):
            with changing(one) as kept:
                _keep_from(kept, named, by=by, now=now)
        for waiting in StrangersComplaint.objects.filter(about_case__in=_family(case)):
            waiting.kept_from.add(named)
    return case


def who_are_kept_from(cases: Iterable[Case]) -> list[User]:
    """Who is kept from any of these cases."""
    roots = [one.root_id_or_own for one in cases]
    return list(User.objects.filter(kept_from__root__in=roots).distinct()) if roots else []


def _keep_from(case: Case, named: User, *, by: Actor, now: datetime) -> None:
    if keeping_from.keep_from(case, users=[named], now=now):
        timeline.note(case, "complaint.kept_from", by=by, data={"people": "1"}, at=now)
    if Role.SUPERVISOR in named.role_names:
        _to_compliance(case)


def _later_ones_about(case: Case) -> list[uuid.UUID]:
    """The complaints about this one, or about a message of it; those about these; and so on. The oldest first."""
    found: list[uuid.UUID] = []
    about = {case.id, *_family(case)}
    while about:
        of_these = Complaint.objects.filter(Q(about_case__in=about) | Q(contact__case_id__in=about))
        later = of_these.exclude(case__in=[case.id, *found]).order_by("received_at", "pk")
        about = set(ids := list(later.values_list("case_id", flat=True)))
        found += ids
    return found


def _family(case: Case) -> list[uuid.UUID]:
    root = case.root_id_or_own
    return [root, *Case.objects.filter(root_id=root).order_by("id").values_list("id", flat=True)]


def _to_compliance(case: Case) -> None:
    waiting = WorkItem.objects.filter(case=case, kind=ANSWER.name, state=ItemState.OPEN)
    waiting.update(role=Role.COMPLIANCE, holder=None)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
