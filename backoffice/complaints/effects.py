"""The effects of a complaint on our own records, as its spec declares them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from backoffice.actors import system
from backoffice.cases import incidents, timeline
from backoffice.cases.models import Case, IncidentKind, ItemState, KeptFrom, Part
from backoffice.complaints import answering, evidence
from backoffice.complaints.clock import again_by
from backoffice.complaints.models import Complaint, Redress
from backoffice.staff.models import Role, User
from workflows.base.spec import Nothing
from workflows.complaint.facts import Again, Gather, Moment, Owned
from workflows.complaint.spec import ANSWER, ANSWER_INDEPENDENTLY, PERIODS

ALARM = "complaint_overdue"


def gather_evidence(*, case: Case, args: Gather, now: datetime) -> Nothing:
    """Seals the evidence of this moment, and notes its digest, so that the timeline itself proves it."""
    if args.moment is not Moment.OPENING:
        answering.mark_told(Complaint.of(case), now=now)
    digest = evidence.gather(case, moment=args.moment, now=now)
    timeline.note(case, "complaint.evidence", by=system(), data={"digest": digest}, at=now)
    return Nothing()


def assign_owner(*, case: Case, args: Nothing, now: datetime) -> Owned:
    """Whoever of the owning role has the fewest open complaints; never the person complained of, nobody who has another
    part in it, and no supervisor where one is complained of."""
    kept = KeptFrom.objects.filter(root_id=case.root_id_or_own)
    about_supervisor = kept.filter(user__groups__name=Role.SUPERVISOR).exists()
    role = Role.COMPLIANCE if about_supervisor else Role.SUPERVISOR
    can = User.objects.filter(is_staff=True, is_active=True, groups__name=role)
    can = can.exclude(pk__in=kept.values("user")).exclude(
        pk__in=Part.objects.filter(root_id=case.root_id_or_own).values("user")
    )
    if about_supervisor:
        can = can.exclude(groups__name=Role.SUPERVISOR)
    kinds = (ANSWER.name, ANSWER_INDEPENDENTLY.name)
    holds = Q(held_items__kind__in=kinds, held_items__state=ItemState.OPEN, held_items__case__process=case.process)
    chosen = can.annotate(owned=Count("held_items", filter=holds)).order_by("owned", "pk").first()
    if chosen is not None:
        timeline.note(case, "complaint.owned", by=system(), data={"role": str(role.value)}, at=now)
    return Owned(owner=str(chosen.public_id) if chosen else "")


def promise_redress(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """From now on it is owed, with a day by which the customer has it."""
    decision = answering.last_decision(Complaint.of(case))
    owed = Redress.objects.filter(decision=decision, promised_at=None)
    count = owed.update(promised_at=now, due_at=now + PERIODS.redress)
    timeline.note(case, "complaint.redress_promised", by=system(), data={"count": str(count)}, at=now)
    return Nothing()


def alarm_overdue(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The clock ran out: a supervisor and compliance see it until the complaint is answered and it was looked into."""
    incidents.open(case, IncidentKind.ALARM, by=system(), key=ALARM, values={"code": ALARM}, at=now)
    timeline.note(case, "complaint.overdue", by=system(), at=now)
    return Nothing()


def reopen(*, case: Case, args: Nothing, now: datetime) -> Again:
    complaint = Complaint.of(case)
    complaint.reopened_at, complaint.answer_by = now, again_by(complaint.customer, now=now)
    complaint.save(update_fields=["reopened_at", "answer_by"])
    return Again(answer_by=complaint.answer_by)
