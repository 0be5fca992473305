"""The calls of the registry that a transfer-out makes. First the call is made, with its key; then it is recorded.

Whatever a call does to a transfer, the registry's own word about it counts: it is asked before, and again after a
refusal. So a lost answer does nothing twice, and a transfer that happened a moment earlier is noted as that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused
from backoffice.domains.asking import asked
from backoffice.domains.models import DomainState
from backoffice.domains.ports import (
    Registry,
    Status,
    Transfer,
    registry,
)
from backoffice.domains.transfer_out import codes, leaving
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.particulars import of_case, of_id
from backoffice.domains.transfer_out.reporting import facts_of, is_of
from workflows.base.spec import Nothing
from workflows.domain_transfer_out.facts import CodeIssued, RegistryTransfer, TransferState

_FORBIDDEN = (Status.SERVER_TRANSFER, Status.SERVER_UPDATE, Status.PENDING_TRANSFER, Status.PENDING_DELETE)


def unlock(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Takes away our own states that stand in the way, one command for each: under `clientUpdateProhibited` a registry
    does nothing but take that away. What is to be set again is written down before."""
    out = of_case(case)
    theirs = asked(_registry(out).look, out.domain.name)
    if forbidden := [status for status in _FORBIDDEN if status in theirs.statuses]:
        raise OutsideRefused(f"has_{forbidden[0].value}")
    _note_relocks(out, theirs.statuses)
    for status in (Status.CLIENT_UPDATE, Status.CLIENT_TRANSFER):
        if status in theirs.statuses:
            asked(_registry(out).permit, out.domain.name, (status,), f"{key}:{status.value}")
    return lambda case, now: leaving.unlocked(case, statuses=theirs.statuses, now=now)


def open_again(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[RegistryTransfer]:
    """Takes away the lock that was set while the case was frozen, unless another registrar had asked before it."""
    out = of_case(case)
    seen = seen_of(out)
    if seen.state in (TransferState.PENDING, TransferState.GONE):
        return _told(seen)
    asked(_registry(out).permit, out.domain.name, (Status.CLIENT_TRANSFER,), key)
    return lambda case, now: leaving.opened_again(case, now=now)


def relock(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """A domain that is gone is no longer ours to lock."""
    out = of_case(case)
    if out.domain.state == DomainState.GONE:
        return _nothing
    asked(_registry(out).prohibit, out.domain.name, [Status(status) for status in out.relocks], key)
    return lambda case, now: leaving.relocked(case, now=now)


def set_code(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[CodeIssued]:
    """While a transfer is pending the registry sets no other code. Then the story hears of that transfer, and the code
    that was made is forgotten."""
    out = of_case(case)
    code = codes.made_for(case.id, key=key)
    try:
        asked(_registry(out).set_authinfo, out.domain.name, code, key)
    except OutsideRefused:
        until = out.code_until
        if until is None or seen_of(out).state not in (TransferState.PENDING, TransferState.GONE):
            raise
        return lambda case, now: codes.was_not_set(case, until=until)
    return lambda case, now: codes.was_set(case, now=now)


def unset_code(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Takes the code away. A transfer that another registrar has asked for meanwhile is refused first."""
    out = of_case(case)
    seen = refused(out, key=f"{key}:reject")
    if seen.state is TransferState.GONE:
        return lambda case, now: leaving.gone(case, now=now)
    asked(_registry(out).set_authinfo, out.domain.name, "", key)
    return lambda case, now: leaving.code_taken_away(case, now=now)


def ask_transfer(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[RegistryTransfer]:
    return _told(seen_of(of_case(case)))


def approve_transfer(
    *, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime
) -> Record[RegistryTransfer]:
    out = of_case(case)
    return _told(_decided(out, _registry(out).approve_transfer, key))


def reject_transfer(
    *, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime
) -> Record[RegistryTransfer]:
    return _told(refused(of_case(case), key=key))


def refused(out: TransferOut, *, key: str) -> RegistryTransfer:
    """Refuses a transfer if one is pending. Returns what the registry says of it afterwards."""
    return _decided(out, _registry(out).reject_transfer, key)


def _registry(out: TransferOut) -> Registry:
    return registry(out.domain.registry)


def _decided(out: TransferOut, decide: Callable[[str, str], Transfer], key: str) -> RegistryTransfer:
    """Decides a transfer if one is pending. Returns what the registry says of it afterwards."""
    seen = seen_of(out)
    if seen.state is not TransferState.PENDING:
        return seen
    try:
        return facts_of(asked(decide, out.domain.name, key))
    except OutsideRefused:
        seen = seen_of(out)
        if seen.state is TransferState.PENDING:
            raise
        return seen


def seen_of(out: TransferOut) -> RegistryTransfer:
    """What the registry says of a transfer that this case is about."""
    transfer = asked(_registry(out).transfer_of, out.domain.name)
    if transfer is None or not is_of(out.case, transfer):
        return RegistryTransfer(state=TransferState.NONE)
    return facts_of(transfer)


def _note_relocks(out: TransferOut, statuses: frozenset[str]) -> None:
    """A domain without the lock gets it too, if it stays: somebody wanted it gone."""
    with transaction.atomic():
        locked = of_id(out.case_id, lock=True)
        if not locked.relocks:
            locked.relocks = sorted({*(leaving.LIFTED & statuses), Status.CLIENT_TRANSFER})
            locked.save(update_fields=["relocks"])


def _told(seen: RegistryTransfer) -> Record[RegistryTransfer]:
    return lambda case, now: seen


def _nothing(case: Case, now: datetime) -> Nothing:
    return Nothing()
