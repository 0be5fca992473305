"""Whether a domain may leave us now, and why not: our records, and what its registry demands."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers import contact_points
from backoffice.domains.holding import Change, WhyNot, why_not_changeable
from backoffice.domains.models import Domain
from backoffice.domains.policies import policy_of
from backoffice.domains.terms import why_no_transfer
from backoffice.domains.transfer_out.particulars import of_case
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing
from workflows.domain_transfer_out.facts import Assessed


def why_not_transferable(domain: Domain, now: datetime, *, case: Case | None = None) -> WhyNot | None:
    """Why this domain cannot move to another registrar now, for its holder and nobody else; None when it can. Where the
    code may depend on nothing but who asks, a debt is no reason."""
    try:
        policy = policy_of(domain.name)
    except Conflict as unknown:
        return WhyNot(unknown.code, unknown.sentence)
    debts_count = not policy.authinfo_unconditional
    refusal = why_not_changeable(domain, now, change=Change.REGISTRAR, case=case, debts_count=debts_count)
    return refusal or why_no_transfer(domain, now)


def assess(*, case: Case, args: Nothing, now: datetime) -> Assessed:
    """What the story decides by. Why the domain may not leave goes to the timeline as a code."""
    domain = of_case(case).domain
    if refusal := why_not_transferable(domain, now, case=case):
        timeline.note(case, "transfer_out.not_eligible", by=system(), data={"why": refusal.code}, at=now)
        return Assessed(refused=True)
    policy = policy_of(domain.name)
    return Assessed(
        seconds_to_stop=int(policy.stop_before_authinfo.total_seconds()),
        unconditional=policy.authinfo_unconditional,
        high_value=domain.is_high_value,
        contacts_changed=bool(contact_points.changed_within(customer=case.customer, now=now)),
    )
