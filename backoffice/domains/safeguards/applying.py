"""Puts a change of a domain's safeguards in force, and ends its case."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.forms import Accepted, Answer
from backoffice.cases.models import Case
from backoffice.domains.models import Domain, DomainState, MarkedBy
from backoffice.domains.safeguards import standing
from backoffice.domains.safeguards.models import SafeguardChange
from backoffice.refusals import NotFound
from workflows.base.spec import Nothing
from workflows.domain_safeguard.facts import Applied, Safeguard


def of_case(case: Case) -> SafeguardChange:
    """Raises `NotFound` for a case of another process."""
    found = SafeguardChange.objects.select_related("domain").filter(case=case).first()
    if found is None:
        raise NotFound("unknown_change", _("There is no such change."))
    return found


def confirmed(answer: Answer) -> Accepted:
    return Accepted("confirmed")


def apply(*, case: Case, args: Nothing, now: datetime) -> Applied:
    """In the transaction of its step. The domain may have gone to somebody else meanwhile: then it stays as it is."""
    asked = of_case(case)
    change, domain = Safeguard(asked.change), Domain.objects.select_for_update().get(pk=asked.domain_id)
    is_theirs = domain.customer_id == case.customer_id and domain.state != DomainState.GONE
    is_held_fast = domain.state == DomainState.DISPUTED and change.loosens
    if not is_theirs or is_held_fast or standing.why_nothing_changes(domain, change, by_us=asked.by_us):
        return Applied(changed=False)
    match change:
        case Safeguard.PROTECT:
            domain.is_high_value, domain.marked_by = True, MarkedBy.US if asked.by_us else MarkedBy.HOLDER
        case Safeguard.UNPROTECT:
            domain.is_high_value, domain.marked_by = False, MarkedBy.NOBODY
        case Safeguard.DECLINE_LOCK:
            domain.lock_opt_out_at = now
        case Safeguard.KEEP_LOCK:
            domain.lock_opt_out_at = None
    domain.save(update_fields=["is_high_value", "marked_by", "lock_opt_out_at"])
    timeline.note(case, "domain_safeguard.changed", by=system(), data={"change": change.value}, at=now)
    return Applied(changed=True)


def settle(case: Case) -> None:
    SafeguardChange.objects.filter(case=case).update(live=False)
