"""How a domain is protected, and which change of that is possible now: the value mark, and the lock after a change of
its holder."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.customers.records import Row, Section
from backoffice.domains.models import Domain, DomainState, MarkedBy
from backoffice.domains.policies import Policy, policies, policy_of
from backoffice.domains.safeguards.models import SafeguardChange
from backoffice.refusals import Conflict
from backoffice.ui.times import lasts
from workflows.domain_safeguard.facts import Safeguard
from workflows.domain_transfer_out.spec import PERIODS


def why_not(domain: Domain, change: Safeguard, *, by_us: bool) -> str:
    """The sentence that says why this cannot be asked for now, for its holder or, `by_us`, for staff; empty when it
    can."""
    if domain.state == DomainState.GONE:
        return _("This domain is with another registrar now. Ask them.")
    if by_us and change in (Safeguard.DECLINE_LOCK, Safeguard.KEEP_LOCK):
        return _("Only the holder can say that, in the portal.")
    if domain.state == DomainState.DISPUTED and change.loosens:
        return _("There is a dispute about this domain. It stays as it is until that is decided.")
    if under_way := SafeguardChange.objects.filter(domain=domain, live=True).select_related("case").first():
        told = {"reference": under_way.case.reference}
        return _("A change of how this domain is protected is under way: %(reference)s. Stop that one first.") % told
    return why_nothing_changes(domain, change, by_us=by_us)


def why_nothing_changes(domain: Domain, change: Safeguard, *, by_us: bool) -> str:
    """The same by the record of the domain alone."""
    match change:
        case Safeguard.PROTECT:
            ours_already = domain.is_high_value and domain.marked_by != MarkedBy.HOLDER
            if ours_already or (domain.is_high_value and not by_us):
                return _("This domain has the extra protection already.")
        case Safeguard.UNPROTECT:
            if not domain.is_high_value:
                return _("This domain does not have the extra protection.")
            if domain.marked_by != MarkedBy.HOLDER and not by_us:
                return _("We gave this domain the extra protection, because of its value. Call us, if you doubt that.")
        case Safeguard.DECLINE_LOCK:
            return why_no_opt_out(domain)
        case Safeguard.KEEP_LOCK:
            if domain.lock_opt_out_at is None:
                return _("You have not declined the lock, so it stays as it is.")
    return ""


def why_no_opt_out(domain: Domain) -> str:
    policy = _policy(domain)
    if policy is None or not policy.post_lock:
        return _("The registry of this domain has no such lock.")
    if not policy.post_lock_opt_out:
        return _("The registry of this domain lets nobody decline this lock.")
    return _("You have declined the lock already.") if domain.lock_opt_out_at else ""


def section(domain: Domain, *, for_staff: bool = False) -> Section:
    """On the domain's page, for its holder and for staff: what there is, and what it means."""
    rows = [Row(_("Value mark: extra protection") if for_staff else _("Extra protection"), _mark(domain))]
    if lock := _lock(domain):
        rows.append(Row(_("Lock after a change of holder"), lock))
    under_way = SafeguardChange.objects.filter(domain=domain, live=True).select_related("case").first()
    if under_way:
        rows.append(Row(_("Under way"), _asked(Safeguard(under_way.change)), under_way.case.reference))
    return Section(_("How it is protected"), rows)


def _mark(domain: Domain) -> str:
    means = _means(domain)
    if not domain.is_high_value:
        return _("No. With it: %(means)s") % {"means": means}
    if domain.marked_by == MarkedBy.HOLDER:
        return _("Yes, as its holder asked. %(means)s") % {"means": means}
    return _("Yes, because of its value. %(means)s") % {"means": means}


def _means(domain: Domain) -> str:
    """What the mark does to this domain, by the rules of its registry."""
    policy, high = _policy(domain), policies().high_value_cooling.value
    if policy is None:
        return _("A second person of ours looks at a change of its holder.")
    assert isinstance(high, timedelta)
    waits = {"waits": lasts(max(policy.cooling, high))}
    told = _("A change of its holder can be stopped for %(waits)s, and a second person of ours looks at it.") % waits
    if policy.authinfo_unconditional:
        return f"{told} {_('For a move to another provider its registry lets us set no conditions.')}"
    waits = {"waits": lasts(max(policy.stop_before_authinfo, PERIODS.time_to_stop_of_high_value))}
    return f"{told} {_('So it is with a move to another provider, for %(waits)s.') % waits}"


def _lock(domain: Domain) -> str:
    """Empty where the registry has no such lock."""
    policy = _policy(domain)
    if policy is None or not policy.post_lock:
        return ""
    days = {"days": policy.post_lock.days}
    if domain.lock_opt_out_at and policy.post_lock_opt_out:
        return _("Declined on %(day)s. After a change of holder it can go to another provider at once.") % {
            "day": _day(domain.lock_opt_out_at)
        }
    kept = _("Yes. For %(days)d days after a change of holder it cannot go to another provider.") % days
    if policy.post_lock_opt_out:
        kept += " " + _("It can be declined, but only before somebody asks for the change of holder.")
    return kept


def _asked(change: Safeguard) -> str:
    return {
        Safeguard.PROTECT: _("it gets the extra protection"),
        Safeguard.UNPROTECT: _("it loses the extra protection"),
        Safeguard.DECLINE_LOCK: _("the lock after a change of holder is declined"),
        Safeguard.KEEP_LOCK: _("the lock after a change of holder is wanted again"),
    }[change]


def _policy(domain: Domain) -> Policy | None:
    try:
        return policy_of(domain.name)
    except Conflict:
        return None


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")
