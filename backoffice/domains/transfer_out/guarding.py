"""What keeps a domain here while its case is frozen. The story is held then; codes and the registry's clock are not.

Only doors are closed here, by calls outside the story, and each call may come again: a domain whose code is out is
locked, and a transfer on which the registry is about to decide is refused, which ends the case. Doors are opened by the
story alone, once it goes on. So a call that comes late does no harm.

We refuse for what ICANN's Transfer Policy allows a registrar to refuse (I.A.3.7.1 evidence of fraud, I.A.3.7.2 a
reasonable dispute over the holder's identity), and the holder is told so. Who is genuine can ask again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from backoffice.actors import Actor, system
from backoffice.cases import timeline, withdrawing
from backoffice.cases.models import Case, CaseState
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.domains.asking import asked
from backoffice.domains.models import DomainState
from backoffice.domains.polling import REGISTRY
from backoffice.domains.ports import Status, registry
from backoffice.domains.transfer_out import calls, frozen, leaving, reporting
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.particulars import of_case, of_id
from backoffice.domains.transfer_out.rights import GUARD
from backoffice.staff.rights import needs
from workflows.domain_transfer_out.facts import RegistryTransfer, TransferState
from workflows.domain_transfer_out.spec import REGISTRY_TRANSFER, TransferEnding

log = structlog.get_logger(__name__)
CALLS_LAST = timedelta(minutes=1)
"""After this, no call of the story is under way that was begun before the freeze."""


def guard_all(*, now: datetime | None = None) -> None:
    """Guards every domain that could leave although its case is frozen. One registry that does not answer keeps no
    other domain from it; it is asked again in the next run."""
    now = now or timezone.now()
    for case_id in exposed():
        try:
            guard(case_id=case_id, by=system(), now=now)
        except OutsideUnavailable as away:
            log.warning("a frozen domain could not be guarded yet", case=str(case_id), why=away.code)


def exposed() -> Sequence[uuid.UUID]:
    """The frozen cases whose story began to unlock the domain."""
    found = TransferOut.objects.filter(live=True, case__state=CaseState.FROZEN).exclude(relocks=[])
    return list(found.exclude(Q(domain__state=DomainState.GONE)).order_by("case_id").values_list("case_id", flat=True))


@needs(GUARD)
def guard(*, case_id: uuid.UUID, by: Actor, now: datetime) -> None:
    """Closes what is open. Raises `NotFound` for a case of another process, and `OutsideUnavailable`, after which it is
    called again."""
    out = of_id(case_id)
    is_gone = out.registry_state == TransferState.GONE
    if out.case.state != CaseState.FROZEN or not out.live or not out.relocks or is_gone:
        return
    if out.registry_state != TransferState.PENDING:
        _lock(out, now=now)
    elif frozen.can_refuse(out) and (frozen.refuses_at(out) or now) <= now:
        _refuse(out, now=now)


def _lock(out: TransferOut, *, now: datetime) -> None:
    since = max(filter(None, (out.guarded_at, out.case.frozen_at)), default=now)
    if out.guarded_at and now - since > CALLS_LAST:
        return
    name, there = out.domain.name, registry(out.domain.registry)
    transfer = asked(there.transfer_of, name)
    if transfer and reporting.is_of(out.case, transfer) and reporting.facts_of(transfer).state in reporting.UNDER_WAY:
        reporting.registry_reported(transfer=transfer, by=REGISTRY, now=now)
        return
    statuses = asked(there.look, name).statuses
    if Status.CLIENT_TRANSFER not in statuses:
        try:
            asked(there.prohibit, name, (Status.CLIENT_TRANSFER,), f"{out.case_id}:guard:{now.isoformat()}")
        except OutsideRefused as refusal:
            _tell_a_person(out, frozen.NOT_LOCKED, refusal, now=now)
            return
    with changing(out.case_id) as case:
        leaving.guarded(case, statuses={*statuses, Status.CLIENT_TRANSFER}, now=now)


def _refuse(out: TransferOut, *, now: datetime) -> None:
    """Refuses it at the registry first, so that it stays here whatever becomes of the case."""
    try:
        seen = calls.refused(out, key=f"{out.case_id}:refused:{out.decides_at}")
    except OutsideRefused as refusal:
        _tell_a_person(out, frozen.NOT_REFUSED, refusal, now=now)
        return
    with changing(out.case_id) as case:
        _note(case, seen, now=now)


def _note(case: Case, seen: RegistryTransfer, *, now: datetime) -> None:
    """Ends the case, unless the domain has gone, or the story goes on again or has let it go: then the story learns
    what the registry says."""
    out = of_case(case, lock=True)
    if not out.live or out.registry_state != TransferState.PENDING:
        return
    out.registry_state, out.decides_at = seen.state.value, None
    out.save(update_fields=["registry_state", "decides_at"])
    kind = "transfer_out.registry_gone" if seen.state is TransferState.GONE else "transfer_out.refused_while_frozen"
    timeline.note(case, kind, by=system(), data={"registrar": out.asked_by}, at=now)
    frozen.ended(case, now)
    if seen.state is TransferState.GONE or case.past_no_return or case.state != CaseState.FROZEN:
        signal(case, REGISTRY_TRANSFER, seen)
    else:
        withdrawing.stop_with(case, TransferEnding.REFUSED_WHILE_FROZEN, by=system())


def _tell_a_person(out: TransferOut, code: str, refusal: OutsideRefused, *, now: datetime) -> None:
    log.warning("a frozen domain is not guarded", case=str(out.case_id), what=code, why=refusal.code)
    with changing(out.case_id) as case:
        frozen.ask(case, code, now=now)
