"""The effects of a complaint on our own records, as its spec declares them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from backoffice.actors import system
from backoffice.cases import alarms, incidents, timeline
from backoffice.cases.models import Case, IncidentKind, ItemState, KeptFrom, Part, WorkItem
from backoffice.complaints import answering, evidence, naming
from backoffice.complaints.clock import again_by
from backoffice.complaints.models import Complaint, Redress
from backoffice.staff.models import Role, User
from workflows.base.spec import Nothing
from workflows.complaint.facts import Again, Gather, Moment, Owned
from workflows.complaint.spec import ANSWER, ANSWER_INDEPENDENTLY, PERIODS

ALARM = "complaint_overdue"
NOBODY = "nobody_may_answer"
OWNERS = (ANSWER.name, ANSWER_INDEPENDENTLY.name)


def gather_evidence(*, case: Case, args: Gather, now: datetime) -> Nothing:
    """Seals the evidence of this moment, and notes its digest, so that the timeline itself proves it."""
    if args.moment is not Moment.OPENING:
        answering.mark_told(Complaint.of(case), now=now)
    digest = evidence.gather(case, moment=args.moment, now=now)
    timeline.note(case, "complaint.evidence", by=system(), data={"digest": digest}, at=now)
    return Nothing()


def assign_owner(*, case: Case, args: Nothing, now: datetime) -> Owned:
    """Before each time that it is to be answered: whoever answered it last, where they still may; otherwise whoever of
    the owning role has had nothing to do with the matter and has the fewest open complaints. Never the person
    complained of, nobody who has another part in it, and no supervisor where one is complained of. Where everybody who
    might is complained of, that is an alarm, which does not say of which complaint: those who read it may be named."""
    kept = KeptFrom.objects.filter(root_id=case.root_id_or_own)
    about_supervisor = kept.filter(user__groups__name=Role.SUPERVISOR).exists()
    role = Role.COMPLIANCE if about_supervisor else Role.SUPERVISOR
    can = User.objects.filter(is_staff=True, is_active=True, groups__name=role).exclude(pk__in=kept.values("user"))
    if about_supervisor:
        can = can.exclude(groups__name=Role.SUPERVISOR)
    last = _answered_last(case)
    owner = can.filter(pk=last).first() if last is not None else None
    chosen = owner or _new_owner(case, can, now=now)
    if not can.exists():
        alarms.sound(process=case.process, code=NOBODY, key=f"{NOBODY}:{case.id}", told={}, now=now)
    if chosen is not None and owner is None:
        timeline.note(case, "complaint.owned", by=system(), data={"role": str(role.value)}, at=now)
    return Owned(owner=str(chosen.public_id) if chosen else "", independent=about_supervisor)


def _answered_last(case: Case) -> int | None:
    answered = WorkItem.objects.filter(case=case, kind__in=OWNERS, answered_by__isnull=False)
    return answered.order_by("-answered_at").values_list("answered_by_id", flat=True).first()


def _new_owner(case: Case, can: QuerySet[User], *, now: datetime) -> User | None:
    can = can.exclude(pk__in=Part.objects.filter(root_id=case.root_id_or_own).values("user"))
    holds = Q(held_items__kind__in=OWNERS, held_items__state=ItemState.OPEN, held_items__case__process=case.process)
    counted = can.annotate(owned=Count("held_items", filter=holds, distinct=True)).order_by("owned", "pk")
    involved = _involved(case, now=now)
    return min(counted, key=lambda user: user.pk in involved, default=None)


def _involved(case: Case, *, now: datetime) -> set[int]:
    """Who of us had contact with the customer, or did something in the case that it is about."""
    complaint = Complaint.of(case)
    had = {user.pk for user in naming.had_contact(complaint.customer, now=now)}
    if complaint.about_case is None:
        return had
    root = complaint.about_case.root_id_or_own
    did = WorkItem.objects.filter(Q(case_id=root) | Q(case__root_id=root), answered_by__isnull=False)
    return had | set(did.values_list("answered_by_id", flat=True))


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
    complaint.answered_at = None
    complaint.save(update_fields=["reopened_at", "answer_by", "answered_at"])
    return Again(answer_by=complaint.answer_by)
