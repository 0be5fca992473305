"""Who holds a domain, which case may change it now, and why it cannot be changed at all.

These rules are called in a unit of work of the case that asks (`cases/unit_of_work.py`), and write their event in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.domains import debts
from backoffice.domains.models import Domain, DomainHolding, DomainOrder, DomainState, How, Lock
from backoffice.domains.ports import Status
from backoffice.refusals import Conflict, NotFound


class Change(StrEnum):
    """What somebody wants to change."""

    HOLDER = "holder"
    REGISTRAR = "registrar"
    CONTACTS = "contacts"


class WhyNot(NamedTuple):
    """A stable code, and the sentence for the holder."""

    code: str
    sentence: str


_GOING = frozenset({Status.PENDING_TRANSFER, Status.PENDING_DELETE})
_BLOCKING: Mapping[Change, frozenset[str]] = {
    Change.HOLDER: _GOING | {Status.SERVER_UPDATE, Status.SERVER_TRANSFER},
    Change.REGISTRAR: _GOING | {Status.SERVER_TRANSFER},
    Change.CONTACTS: _GOING | {Status.SERVER_UPDATE},
}
"""The registry's own states that stop a change. Those that a registrar sets (`client…`) are ours: a process lifts them
and sets them again."""
_LOCK: Mapping[Change, Lock] = {
    Change.HOLDER: Lock.UPDATE,
    Change.REGISTRAR: Lock.TRANSFER,
    Change.CONTACTS: Lock.UPDATE,
}


def own(*, domain: str, customer: Customer) -> Domain:
    """The customer's domain of this public id. Raises `NotFound` on `domain` in the same words for one that is
    another's and for one that nobody knows."""
    try:
        found = Domain.objects.filter(public_id=domain, customer=customer).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise NotFound("unknown_domain", _("We know no such domain of yours."), field="domain")
    return found


def why_not_changeable(
    domain: Domain, now: datetime, *, change: Change = Change.HOLDER, case: Case | None = None, debts_count: bool = True
) -> WhyNot | None:
    """Why nothing of this domain can be changed now, for its holder and nobody else; None when it can. A case does not
    stand in its own way. The registry's states are those that we saw last; whether an invoice is overdue is asked
    anew."""
    if domain.state == DomainState.GONE:
        return WhyNot("gone", _("This domain is with another registrar now. Ask them."))
    if domain.state == DomainState.DISPUTED:
        return WhyNot("disputed", _("There is a dispute about this domain. It stays as it is until that is decided."))
    if domain.state == DomainState.EXPIRED or domain.expires_at <= now:
        return WhyNot("expired", _("This domain has expired. Renew it first."))
    if debts_count and (late := debts.overdue(domain, now)):
        return WhyNot("in_debt", debts.sentence(domain, late))
    if is_locked(domain, change):
        return WhyNot("locked", _("The registry has locked this domain. It can be changed once the lock is off."))
    if domain.held_by_case and (case is None or domain.held_by_case != case.id):
        return WhyNot("held", _held(domain.held_by_case))
    return None


def is_locked(domain: Domain, change: Change) -> bool:
    """Whether the registry's locks stop this change. Of a domain that we never asked the registry about, each lock that
    stands in the record counts, because we cannot know whose it is."""
    if domain.statuses:
        return not _BLOCKING[change].isdisjoint(domain.statuses)
    return _LOCK[change] in domain.locks


def lock_edits(*, domain: Domain, by: Actor, case: Case, now: datetime) -> Domain:
    """Keeps every other case from changing the domain, until `unlock_edits`. For the same case again it does nothing.
    Raises `Conflict` on `domain` while another case holds it."""
    locked = Domain.objects.select_for_update().get(pk=domain.pk)
    if locked.held_by_case == case.id:
        return locked
    _check_free(locked)
    locked.held_by_case = domain.held_by_case = case.id
    locked.save(update_fields=["held_by_case"])
    note_order(domain=locked, case=case, now=now)
    timeline.note(case, "domain.edits_locked", by=by, at=now)
    return locked


def note_order(*, domain: Domain, case: Case, now: datetime) -> None:
    """Notes that the case was to change the domain, for the domain's page. `lock_edits` does it; a process that refuses
    before it takes hold of the domain calls it, so that the holder sees who tried."""
    DomainOrder.objects.bulk_create([DomainOrder(domain=domain, case_id=case.id, at=now)], ignore_conflicts=True)


def unlock_edits(*, domain: Domain, by: Actor, case: Case, now: datetime) -> Domain:
    """Lets other cases change the domain again. It does nothing when this case does not hold it (any more)."""
    locked = Domain.objects.select_for_update().get(pk=domain.pk)
    if locked.held_by_case == case.id:
        locked.held_by_case = domain.held_by_case = None
        locked.save(update_fields=["held_by_case"])
        timeline.note(case, "domain.edits_unlocked", by=by, at=now)
    return locked


def change_holder(*, domain: Domain, customer: Customer, handle: str, by: Actor, case: Case, now: datetime) -> Domain:
    """Makes the customer the holder from `now` on (UTC), under the registry's handle of theirs, and writes the history
    of holders. The case must have locked the domain's edits. For the same case and customer again it does nothing.
    Raises `Conflict` on `domain`."""
    locked = Domain.objects.select_for_update().get(pk=domain.pk)
    last = locked.holdings.filter(until=None).first()
    if last is not None and last.case_id == case.id and last.customer_id == customer.pk:
        return locked
    if locked.held_by_case != case.id:
        _check_free(locked)
        raise Conflict("not_held", _("This case does not hold the domain, so it cannot change it."), field="domain")
    if last is None:
        last = DomainHolding(domain=locked, customer_id=locked.customer_id, since=locked.registered_at)
    last.until = now
    last.save()
    locked.customer, locked.registrant_handle = customer, handle
    locked.save(update_fields=["customer", "registrant_handle"])
    DomainHolding.objects.create(
        domain=locked, customer=customer, since=now, how=How.CEDED, case_id=case.id, case_reference=case.reference
    )
    timeline.note(case, "domain.holder_changed", by=by, at=now)
    return locked


def _check_free(domain: Domain) -> None:
    if domain.held_by_case:
        raise Conflict("held", _held(domain.held_by_case), field="domain")


def _held(case_id: uuid.UUID) -> str:
    reference = Case.objects.filter(id=case_id).values_list("reference", flat=True).first()
    return _("Another case about this domain is under way: %(reference)s. Only one can change it at a time.") % {
        "reference": reference or "—"
    }
