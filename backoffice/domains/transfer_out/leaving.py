"""What becomes of our records of a domain while it may leave us: unlocked, locked again, gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.domains import holding
from backoffice.domains.models import Domain, DomainState, Lock
from backoffice.domains.ports import Status
from backoffice.domains.transfer_out import codes, frozen
from backoffice.domains.transfer_out.particulars import of_case
from workflows.base.spec import Nothing
from workflows.domain_transfer_out.facts import LockedMeanwhile, RegistryTransfer, TransferState
from workflows.domain_transfer_out.spec import LOCKED_MEANWHILE

LIFTED = frozenset({Status.CLIENT_TRANSFER, Status.CLIENT_UPDATE})
"""The states of ours that stand in the way: under the second one, a registry takes no transfer code either."""
_FORBIDS = {"Transfer": Lock.TRANSFER, "Update": Lock.UPDATE, "Delete": Lock.DELETE}


def unlocked(case: Case, *, statuses: Collection[str], now: datetime) -> Nothing:
    """`statuses` are those that the registry had before."""
    out = of_case(case, lock=True)
    _write(out.domain, set(statuses) - LIFTED)
    timeline.note(case, "transfer_out.unlocked", by=system(), at=now)
    return Nothing()


def guarded(case: Case, *, statuses: Collection[str], now: datetime) -> Nothing:
    """The domain is locked again because the case is frozen. The story hears of it once it goes on, and opens the
    domain again. `statuses` are those that the registry has now."""
    out = of_case(case, lock=True)
    _write(out.domain, statuses)
    if out.live and out.guarded_at is None:
        out.guarded_at = now
        out.save(update_fields=["guarded_at"])
        timeline.note(case, "transfer_out.guarded", by=system(), at=now)
        signal(case, LOCKED_MEANWHILE, LockedMeanwhile())
    return Nothing()


def opened_again(case: Case, *, now: datetime) -> RegistryTransfer:
    out = of_case(case, lock=True)
    out.guarded_at = None
    out.save(update_fields=["guarded_at"])
    _write(out.domain, set(out.domain.statuses) - {Status.CLIENT_TRANSFER})
    timeline.note(case, "transfer_out.opened_again", by=system(), at=now)
    return RegistryTransfer(state=TransferState.NONE)


def relocked(case: Case, *, now: datetime) -> Nothing:
    out = of_case(case, lock=True)
    _write(out.domain, {*out.domain.statuses, *out.relocks})
    timeline.note(case, "transfer_out.relocked", by=system(), at=now)
    return Nothing()


def code_taken_away(case: Case, *, now: datetime) -> Nothing:
    out = of_case(case, lock=True)
    codes.forget(out)
    out.domain.authinfo_set_at = None
    out.domain.save(update_fields=["authinfo_set_at"])
    timeline.note(case, "transfer_out.code_unset", by=system(), at=now)
    return Nothing()


def gone(case: Case, *, now: datetime) -> Nothing:
    """The domain is with another registrar. Noted once, whoever found it out."""
    out = of_case(case, lock=True)
    if out.domain.state == DomainState.GONE:
        return Nothing()
    out.registry_state = TransferState.GONE.value
    out.save(update_fields=["registry_state"])
    codes.forget(out)
    out.domain.state, out.domain.authinfo_set_at = DomainState.GONE, None
    out.domain.save(update_fields=["state", "authinfo_set_at"])
    timeline.note(case, "transfer_out.gone", by=system(), at=now)
    return Nothing()


def let_go(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    return gone(case, now=now)


def settle(case: Case) -> None:
    """A closed case keeps no code and holds no domain, however it ended."""
    out = of_case(case, lock=True)
    codes.forget(out)
    out.live, out.guarded_at = False, None
    out.save(update_fields=["live", "guarded_at"])
    now = case.closed_at or timezone.now()
    frozen.ended(case, now)
    holding.unlock_edits(domain=out.domain, by=system(), case=case, now=now)


def _write(domain: Domain, statuses: Collection[str]) -> None:
    kept = sorted(set(statuses) - {Status.OK}) or [Status.OK.value]
    domain.statuses = [str(status) for status in kept]
    domain.locks = sorted(
        {lock.value for status in kept for word, lock in _FORBIDS.items() if status.endswith(f"{word}Prohibited")}
    )
    domain.save(update_fields=["statuses", "locks"])
