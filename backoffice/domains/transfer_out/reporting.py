"""What the registry says of a transfer of one of our domains to another registrar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases import alarms, timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.domains.models import Domain, DomainState
from backoffice.domains.ports import Transfer
from backoffice.domains.ports import TransferState as Theirs
from backoffice.domains.transfer_out import frozen
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.particulars import of_case
from backoffice.domains.transfer_out.rights import REPORT_TRANSFER
from backoffice.staff.rights import needs
from workflows.domain_transfer_out.facts import RegistryTransfer, TransferState
from workflows.domain_transfer_out.spec import DOMAIN_TRANSFER_OUT, REGISTRY_TRANSFER

_MEANS: Mapping[Theirs, TransferState] = {
    Theirs.PENDING: TransferState.PENDING,
    Theirs.CLIENT_APPROVED: TransferState.GONE,
    Theirs.SERVER_APPROVED: TransferState.GONE,
    Theirs.CLIENT_REJECTED: TransferState.STAYED,
    Theirs.CLIENT_CANCELLED: TransferState.STAYED,
    Theirs.SERVER_CANCELLED: TransferState.STAYED,
}
_NOTED: Mapping[TransferState, str] = {
    TransferState.PENDING: "transfer_out.registry_pending",
    TransferState.GONE: "transfer_out.registry_gone",
    TransferState.STAYED: "transfer_out.registry_stayed",
}
UNDER_WAY = frozenset({TransferState.PENDING, TransferState.GONE})
CLOCKS_DIFFER = timedelta(minutes=5)
"""At most, the registry's and ours; some write whole seconds only."""


def is_of(case: Case, transfer: Transfer) -> bool:
    """Whether it was asked for since this case was opened. The domain was locked until then, so one from before is
    another story."""
    return transfer.asked_at >= case.opened_at - CLOCKS_DIFFER


def facts_of(transfer: Transfer) -> RegistryTransfer:
    """What the story learns of it; `until` only while the registry has not decided."""
    state = _MEANS[transfer.state]
    return RegistryTransfer(state=state, until=transfer.until if state is TransferState.PENDING else None)


@needs(REPORT_TRANSFER)
def registry_reported(*, transfer: Transfer, by: Actor, now: datetime | None = None) -> bool:
    """Takes what the registry says of a transfer, read from its queue; the same twice counts once. Returns whether a
    case heard of it.

    A transfer of a domain that we look after, for which no case is under way, is nobody's wish that we know of: it
    sounds an alarm. What was asked for before the case was opened is not its business.
    """
    now = now or timezone.now()
    domain = Domain.objects.filter(name=transfer.name).first()
    if domain is None or domain.state == DomainState.GONE:
        return False
    live = TransferOut.objects.filter(domain=domain, live=True).select_related("case").first()
    if live is None or not is_of(live.case, transfer):
        _alarm(domain, transfer, now)
        return False
    with changing(live.case_id) as case:
        out, facts = of_case(case, lock=True), facts_of(transfer)
        if not out.live or out.registry_state == facts.state.value:
            return False
        out.registry_state, out.asked_by = facts.state.value, transfer.asked_by[:40]
        out.decides_at = facts.until
        out.save(update_fields=["registry_state", "asked_by", "decides_at"])
        timeline.note(case, _NOTED[facts.state], by=by, data={"registrar": out.asked_by}, at=now)
        signal(case, REGISTRY_TRANSFER, facts)
        frozen.began(case, now)
    return True


def _alarm(domain: Domain, transfer: Transfer, now: datetime) -> None:
    state = facts_of(transfer).state
    if state is TransferState.STAYED:
        return
    alarms.sound(
        process=DOMAIN_TRANSFER_OUT.name,
        code=f"transfer_{state.value}",
        key=f"transfer:{state.value}:{domain.pk}:{transfer.asked_at.isoformat()}",
        told={"domain": domain.name, "by": transfer.asked_by},
        now=now,
    )
