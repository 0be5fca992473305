"""How things stand with a domain that may leave us, for its holder and for staff: locks, code, transfer, and until when
and how it can be stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases import withdrawing
from backoffice.cases.answering import Session
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.domains.models import DomainState, Lock
from backoffice.domains.transfer_out import codes, frozen
from backoffice.domains.transfer_out.models import TransferOut
from backoffice.domains.transfer_out.particulars import of_case
from workflows.domain_transfer_out.facts import TransferState
from workflows.domain_transfer_out.spec import APPROVE, REFUSE, TAKE_CODE, TransferStage

Panel = tuple[str, Mapping[str, Any]] | None


class Stands(StrEnum):
    """Where the domain is now, as every face and message says it."""

    LOCKED = "locked"
    OPEN = "open"
    """Unlocked, and nobody has asked for it."""
    PENDING = "pending"
    GONE = "gone"


class Moment(StrEnum):
    """What the page of the transfer code says; the first that holds."""

    OVER = "over"
    READY = "ready"
    """This session may see it now."""
    COMING = "coming"
    """Another code is being set at the registry."""
    PROVE = "prove"
    """The holder must first prove who they are."""
    NOT_YET = "not_yet"


@dataclass(frozen=True)
class CodePage:
    moment: Moment
    out: TransferOut
    taking: WorkItem | None
    """The item by which the holder proves who they are."""


def stands(out: TransferOut) -> Stands:
    if out.domain.state == DomainState.GONE:
        return Stands.GONE
    if out.live and out.registry_state == TransferState.PENDING:
        return Stands.PENDING
    return Stands.LOCKED if Lock.TRANSFER in out.domain.locks else Stands.OPEN


def open_item(case: Case, kind: str) -> WorkItem | None:
    return WorkItem.objects.filter(case=case, kind=kind, state=ItemState.OPEN).first()


def code_page(case: Case, *, session: Session, now: datetime) -> CodePage:
    out = of_case(case)
    return CodePage(_moment(case, out, session, now), out, open_item(case, TAKE_CODE.name))


def _moment(case: Case, out: TransferOut, session: Session, now: datetime) -> Moment:
    if case.state != CaseState.OPEN or out.registry_state:
        return Moment.OVER
    if case.stage != TransferStage.AUTHINFO:
        return Moment.NOT_YET
    if out.guarded_at is not None:
        return Moment.COMING
    if codes.may_look(out, session=session, now=now):
        if out.code and out.code_set_at:
            return Moment.READY
        if out.code_shown_at is None or out.wanted_at is None or out.code_shown_at < out.wanted_at:
            return Moment.COMING
    return Moment.PROVE


def portal_panel(case: Case, by: Actor) -> Panel:
    """On the page of the case: for as long as the case goes on, and of one that has ended where the domain is."""
    out = of_case(case)
    is_on = case.state == CaseState.OPEN
    context = {
        **_common(case, out),
        "is_on": is_on,
        "has_code": is_on and case.stage == TransferStage.AUTHINFO and not out.registry_state,
        "refusing": open_item(case, REFUSE.name) if is_on else None,
        "approving": open_item(case, APPROVE.name) if is_on else None,
        "why_not_stop": withdrawing.why_not_withdraw(case, by=by),
    }
    return "domain_transfer_out/portal_panel.html", context


def desk_panel(case: Case) -> Panel:
    """The same for staff; of the code only whether there is one, and whether it was seen."""
    return "domain_transfer_out/desk_panel.html", _common(case, of_case(case))


def _common(case: Case, out: TransferOut) -> dict[str, Any]:
    return {
        "case": case,
        "out": out,
        "domain": out.domain,
        "stands": stands(out),
        "is_frozen": case.state == CaseState.FROZEN,
        "is_announced": case.stage == TransferStage.ANNOUNCED and case.state == CaseState.OPEN,
        "code_is_good": bool(out.domain.authinfo_set_at) and out.live,
        "is_over": not out.live,
        "can_refuse": frozen.can_refuse(out),
        "refuses_at": frozen.refuses_at(out),
        "is_late": out.decides_at is not None and out.decides_at < timezone.now(),
    }
