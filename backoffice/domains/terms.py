"""What the policy of its registry means for one domain at one moment. All times are aware UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.domains.holding import WhyNot
from backoffice.domains.models import Domain
from backoffice.domains.policies import policies, policy_of
from backoffice.ui.times import lasts


def cooling(domain: Domain) -> timedelta:
    """How long a change of holder waits after both sides have confirmed it. Raises `Conflict`, as all of these, for a
    name whose end we do not look after."""
    own = policy_of(domain.name).cooling
    high = policies().high_value_cooling.value
    assert isinstance(high, timedelta)
    return max(own, high) if domain.is_high_value else own


def lock_after(domain: Domain, *, asked_at: datetime, executed_at: datetime) -> datetime | None:
    """Until when the domain cannot go to another registrar after a change of its holder; None for no lock. An opt-out
    counts only if it was declared before the change was asked for (ICANN Transfer Policy, section II.C)."""
    policy = policy_of(domain.name)
    opted_out = domain.lock_opt_out_at is not None and domain.lock_opt_out_at < asked_at
    if not policy.post_lock or (policy.post_lock_opt_out and opted_out):
        return None
    return executed_at + policy.post_lock


def transfer_from(domain: Domain) -> datetime:
    """The earliest moment at which the domain can go to another registrar."""
    policy = policy_of(domain.name)
    ends = [domain.registered_at + policy.transfer_after_registration]
    if domain.transferred_at is not None:
        ends.append(domain.transferred_at + policy.transfer_after_transfer)
    if domain.transfer_lock_until is not None:
        ends.append(domain.transfer_lock_until)
    return max(ends)


def transfer_until(domain: Domain) -> datetime:
    """The last moment at which it can, in the period that runs now."""
    return domain.expires_at - policy_of(domain.name).transfer_before_expiry


def why_no_transfer(domain: Domain, now: datetime) -> WhyNot | None:
    """Why its registry's rules on time keep the domain from going to another registrar now; None if they do not."""
    earliest, last = transfer_from(domain), transfer_until(domain)
    if now < earliest:
        told = {"day": _day(earliest)}
        if earliest == domain.transfer_lock_until:
            sentence = _("This domain has a new holder, so it cannot go to another provider before %(day)s.")
        else:
            sentence = _("This domain was registered or brought here lately. It can go elsewhere from %(day)s on.")
        return WhyNot("too_early", sentence % told)
    if now >= last:
        told = {"day": _day(domain.expires_at)}
        return WhyNot("too_late", _("This domain's period ends on %(day)s, so it must be renewed first.") % told)
    return None


def cession_takes(domain: Domain) -> str:
    """What a change of holder takes, for its holder."""
    policy = policy_of(domain.name)
    told = [
        _("Both of you confirm it, within %(within)s.") % {"within": lasts(policy.confirm_within)},
        _("Then every address that we have for you can stop it for %(cooling)s.") % {"cooling": lasts(cooling(domain))},
    ]
    opted_out = policy.post_lock_opt_out and domain.lock_opt_out_at is not None
    if policy.post_lock and not opted_out:
        locked = _("Afterwards it cannot go to another provider for %(lock)s.")
        told.append(locked % {"lock": lasts(policy.post_lock)})
    return " ".join(told)


def transfer_takes(domain: Domain) -> str:
    """What a transfer to another provider takes, for its holder."""
    policy = policy_of(domain.name)
    told = [
        _("You get a transfer code. Before, your addresses are told, and can stop it for %(stop)s.")
        % {"stop": lasts(policy.stop_before_authinfo)},
        _("The code is good for %(valid)s.") % {"valid": lasts(policy.authinfo_valid)},
    ]
    if policy.pending and not policy.we_may_refuse:
        told.append(_("Once it was used, its registry asks you, and nobody but you can refuse."))
    elif policy.pending:
        told.append(_("Once it was used, you can still refuse for %(pending)s.") % {"pending": lasts(policy.pending)})
    else:
        told.append(_("Once it was used, the domain goes at once."))
    return " ".join(told)


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")
