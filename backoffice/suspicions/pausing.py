"""What a report pauses, and what lets it go on.

The customer's own word, or that of one of us who speaks with them, pauses at once whatever may change something of
theirs; not only where the register says “not ours”, but also while nobody can tell. Whoever was just called does not
know more yet, and while we ask them the one who called would act: a wait of an hour costs less than an account (trust,
“a false yes costs an account”). What is paused so goes on by the decision of an analyst that it was harmless. Of what
is fraud only a supervisor lets it go on, who has talked with the customer (processes, “only S unfreezes”): what is
added later in the same session may come from whoever called, and that nothing was given away would be the first thing
they add.

What nobody vouches for pauses too, because it may be true, but only where the register says “not ours”; each case only
once for ever, a customer's at most once in thirty days, and the customer lets it go on by themselves (threat 22).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Level, system
from backoffice.cases import catalogue, freezing, timeline
from backoffice.cases.models import Case, CaseOutcome, CaseState, Event
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.refusals import NeedsProof, NotFound
from backoffice.staff.rights import needs
from backoffice.suspicions import rights
from backoffice.suspicions.models import Match, Proof, Report
from workflows.suspicious_contact.spec import PERIODS, SUSPICIOUS_CONTACT, SuspicionStage

REPORTED, BY_OTHERS, LEFT_PAUSED = "contact_reported", "reported_by_others", "left_paused"
"""Why a case is paused, as codes with words of their own (`cases.words.BY`)."""
OURS_TO_LIFT = frozenset({REPORTED, BY_OTHERS})


def pause(report: Report, *, now: datetime, aside: Sequence[uuid.UUID] = ()) -> int:
    """Pauses the open sensitive cases of the report's customer; gives how many. Part of the rule that takes the report
    in: the customer's row is locked, so that of any number at once one pauses."""
    customer = report.customer
    if customer is None or report.match == Match.OURS:
        return 0
    if report.proof:
        return freezing.freeze_what_is_sensitive(customer=customer, by=system(), reason=REPORTED, aside=aside)
    if report.match != Match.NOT_OURS or customer.user_id is None or _paused_lately(customer, now):
        return 0
    aside = [*aside, *_paused_once(customer)]
    return freezing.freeze_what_is_sensitive(customer=customer, by=system(), reason=BY_OTHERS, aside=aside)


def still_paused(customer: Customer, causes: frozenset[str] = OURS_TO_LIFT) -> Sequence[Case]:
    """The topmost cases of the families that are paused for these reasons and for no other."""
    frozen = Case.objects.filter(customer=customer, root=None, state=CaseState.FROZEN).order_by("id")
    sensitive = [one for one in frozen if not catalogue.process(one.process).spec.harmless]
    return [one for one in sensitive if freezing.causes_of(one) and freezing.causes_of(one) <= causes]


def let_go_on(case: Case, *, by: Actor, reason: str, now: datetime) -> int:
    """Lets go on what reports alone have paused, unless another report of this customer is still looked into; gives how
    many. `case` is the one that is over, and is being changed. `by` and `reason` go to the timeline of each case that
    goes on."""
    if _others_looked_into(case):
        return 0
    count = _let_go_on(still_paused(case.customer), OURS_TO_LIFT, by=by, reason=reason)
    if count:
        timeline.note(case, "suspicious.let_go_on", by=by, data={"count": str(count)}, at=now)
    return count


@needs(rights.LIFT)
def lift(*, case_id: uuid.UUID, by: Actor, now: datetime) -> int:
    """The customer says that a report in their name was not theirs: what it paused goes on, and what is paused for any
    other reason does not. Gives how many. Raises `NotFound` for another's case, `NeedsProof` below level 2."""
    with changing(case_id) as case:
        if by.kind is not ActorKind.CUSTOMER or str(case.customer.public_id) != by.id:
            raise NotFound("unknown_case", _("There is no such case."))
        if by.level < Level.CONFIRMED:
            raise NeedsProof(_("Confirm with your code or passkey that it is you."), level=Level.CONFIRMED)
        causes = frozenset({BY_OTHERS})
        lifted = _let_go_on(still_paused(case.customer, causes), causes, by=by, reason="not_theirs")
        Report.objects.filter(case=case, proof=Proof.NONE, lifted_at=None).update(lifted_at=now)
        return lifted


def settle(case: Case) -> None:
    """A case that was stopped before its end leaves paused what it paused, as staff were told when they stopped it."""
    if case.outcome not in (CaseOutcome.DONE, CaseOutcome.REJECTED):
        leave_paused(case)


def leave_paused(case: Case) -> None:
    """Whoever decides on `case`, which is being changed, leaves it paused: from now on no other report that is over
    lets it go on, only a supervisor."""
    for one in still_paused(case.customer):
        freezing.freeze(case_id=one.id, by=system(), reason=LEFT_PAUSED)


def _let_go_on(cases: Sequence[Case], causes: frozenset[str], *, by: Actor, reason: str) -> int:
    """Each is looked at once more under its lock: another reason may have come."""
    gone_on = 0
    for one in cases:
        with changing(one.id) as locked:
            if locked.state == CaseState.FROZEN and freezing.causes_of(locked) <= causes:
                freezing.let_go_on(locked, by=by, reason=reason)
                gone_on += 1
    return gone_on


def _others_looked_into(case: Case) -> bool:
    over = (SuspicionStage.OURS.value, SuspicionStage.CLEARED.value)
    others = Case.objects.filter(customer=case.customer, process=SUSPICIOUS_CONTACT.name)
    others = others.exclude(pk=case.pk).exclude(state=CaseState.CLOSED).exclude(stage__in=over)
    pauses = Q(match=Match.NOT_OURS) | (~Q(proof=Proof.NONE) & Q(match=Match.CANNOT_TELL)) | Q(paused__gt=0)
    return Report.objects.filter(pauses, case__in=others).exists()


def _paused_lately(customer: Customer, now: datetime) -> bool:
    since = now - PERIODS.strangers_pause_again_after
    return Report.objects.filter(customer=customer, proof=Proof.NONE, paused__gt=0, at__gt=since).exists()


def _paused_once(customer: Customer) -> list[uuid.UUID]:
    paused = Event.objects.filter(case__customer=customer, kind="case.frozen", reason=BY_OTHERS)
    return list(paused.values_list("case_id", flat=True).distinct())
