"""Opening a case: one client-made key is one case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import effects, timeline
from backoffice.cases.models import Case, CommandKind, Part
from backoffice.cases.outbox import order
from backoffice.cases.processes import process as declared
from backoffice.cases.unit_of_work import creating
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict
from backoffice.staff.models import User


def open_case(
    *,
    process: str,
    customer: Customer,
    by: Actor,
    key: str,
    content: Mapping[str, str],
    why: str = "",
    parent: Case | None = None,
    now: datetime | None = None,
) -> tuple[Case, bool]:
    """Opens a case and orders its process to start; gives it and whether it is new.

    The same `key` with the same content gives the case that is there. Raises `Conflict` for the same key with other
    content, `NotFound` for an unknown process, and whatever the process's own opening refuses.
    """
    declared(process)
    now = now or timezone.now()
    digest = _digest(process, customer, content)
    case = Case(
        process=process,
        customer=customer,
        parent=parent,
        root_id=parent.root_id_or_own if parent else None,
        opened_at=now,
        opening_key=key,
        opening_digest=digest,
    )
    with creating(case) as new:
        if new:
            _open(case, by=by, content=content, why=why, now=now)
            return case, True
    return _same(Case.objects.get(opening_key=key), digest), False


def _open(case: Case, *, by: Actor, content: Mapping[str, str], why: str, now: datetime) -> None:
    timeline.note(case, "case.opened", by=by, data={"why": why or case.process}, at=now)
    facts = effects.opening_of(case.process)(case=case, args=content, now=now)
    requester = ""
    if by.kind is ActorKind.STAFF:
        requester = by.id
        user = User.objects.get(public_id=by.id)
        Part.objects.bulk_create(
            [Part(root_id=case.root_id_or_own, user=user, part="requester")], ignore_conflicts=True
        )
    order(
        case,
        CommandKind.START,
        payload={"case": str(case.id), "facts": facts, "requester": requester or _requester_of_family(case)},
    )


def _requester_of_family(case: Case) -> str:
    if case.root_id is None:
        return ""
    asked = Part.objects.filter(root_id=case.root_id, part="requester").select_related("user").first()
    return str(asked.user.public_id) if asked else ""


def _digest(process: str, customer: Customer, content: Mapping[str, str]) -> str:
    told = json.dumps([process, str(customer.public_id), dict(content)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _same(case: Case, digest: str) -> Case:
    if case.opening_digest != digest:
        raise Conflict("key_used", _("This key opened another case. Use a new key for a new request."), field="key")
    return case
