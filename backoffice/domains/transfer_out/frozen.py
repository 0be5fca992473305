"""What a supervisor is told of a domain whose case is frozen: until when, because its registry does not wait for us."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import incidents
from backoffice.cases.models import Case, CaseState, IncidentKind
from backoffice.domains.policies import policy_of
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.particulars import of_case
from workflows.domain_transfer_out.facts import TransferState
from workflows.domain_transfer_out.spec import PERIODS

CLOCK, CLOCK_ALONE = "registry_clock", "registry_clock_alone"
"""A transfer is pending, which we refuse in time, or which this registry lets nobody but the holder refuse."""
NOT_REFUSED, NOT_LOCKED = "registry_keeps_transfer", "registry_keeps_open"
"""The registry refused to do what keeps the domain here."""
CODES = (CLOCK, CLOCK_ALONE, NOT_REFUSED, NOT_LOCKED)


def can_refuse(out: TransferOut) -> bool:
    """Whether its registry lets us refuse a transfer that is pending."""
    return policy_of(out.domain.name).we_may_refuse


def refuses_at(out: TransferOut) -> datetime | None:
    """When a pending transfer is refused if the case is frozen then; None for at once, where the registry named no
    time."""
    return out.decides_at - PERIODS.refused_if_still_frozen if out.decides_at else None


def began(case: Case, now: datetime) -> None:
    """Within `changing`, when the case was frozen, or while it is and the registry says something new."""
    out = of_case(case)
    if out.registry_state != TransferState.PENDING or not out.live:
        ended(case, now)
    elif case.state == CaseState.FROZEN:
        ask(case, CLOCK if can_refuse(out) else CLOCK_ALONE, now=now)


def ended(case: Case, now: datetime) -> None:
    """Within `changing`: nobody needs to hurry any more."""
    for code in CODES:
        incidents.resolve(case, IncidentKind.ALARM, by=system(), key=code, at=now)


def ask(case: Case, code: str, *, now: datetime) -> None:
    """Within `changing`: a supervisor gets an urgent work item, once for each code."""
    out = of_case(case)
    times = {"until": out.decides_at, "refused": max(refuses_at(out) or now, now)}
    values = {name: at.isoformat() for name, at in times.items() if at}
    incidents.open(case, IncidentKind.ALARM, by=system(), key=code, values={"code": code, **values}, at=now, ask=True)
