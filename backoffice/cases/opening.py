"""Opening a case. The client makes a key, and one key is one case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import catalogue, permissions, timeline
from backoffice.cases.forms import OpeningForm, errors_by_field, plain
from backoffice.cases.models import Case, CommandKind, Part
from backoffice.cases.outbox import order
from backoffice.cases.unit_of_work import creating
from backoffice.customers.models import Customer
from backoffice.raw_input import is_readable
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff import rights
from backoffice.staff.models import User
from workflows.base.contracts import to_wire


@rights.needs(rights.OPEN)
def open_case(
    *,
    process: str,
    customer: Customer,
    by: Actor,
    key: str,
    content: Mapping[str, Any],
    reason: str = "",
    parent: Case | None = None,
    now: datetime | None = None,
) -> tuple[Case, bool]:
    """Opens a case and orders its process to start. Returns the case, and whether it is new. The same `key` with the
    same content returns the case that exists. Raises `Conflict` for the same key with other content, `Invalid` for a
    key that cannot be stored, `NotFound` for an unknown process or another customer's record, `Forbidden` when this
    actor may not open it, and whatever the process's own opening refuses. The process of another case may open any.
    """
    known = catalogue.process(process)
    if by.kind is not ActorKind.SYSTEM:
        permissions.check_open(known, by=by)
    check_whose(customer, by=by)
    _check_key(key)
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
            _open(case, by=by, content=content, reason=reason, now=now)
            return case, True
    return _same(Case.objects.get(opening_key=key), digest), False


@rights.needs(rights.OPEN)
def open_by_form(
    *,
    process: str,
    by: Actor,
    key: str,
    data: Mapping[str, Any],
    customer: Customer | None = None,
    now: datetime | None = None,
) -> tuple[Case, bool]:
    """Opens a case from the fields of its process's form. Every face opens cases through this rule. `customer` may be
    left out when the form names something that is theirs. The caller makes the `key`; the same key with the same
    content returns the case that exists. Returns the case, and whether it is new. Raises `NotFound` for a process that
    is not installed, or that only another case opens, `Forbidden` when this actor may not open it, `Invalid` with
    everything that is wrong in the form, and what the process itself refuses.
    """
    customer, content = check_form(process=process, by=by, data=data, customer=customer)
    reason = openable(process, by=by).why(content)
    return open_case(process=process, customer=customer, by=by, key=key, content=content, reason=reason, now=now)


def _check_key(key: str) -> None:
    longest = Case._meta.get_field("opening_key").max_length or 0
    if len(key) > longest or not is_readable(key):
        raise Invalid({"key": [_("Use a shorter key: some %(most)d letters and digits.") % {"most": longest // 2}]})


@rights.needs(rights.OPEN)
def check_form(
    *, process: str, by: Actor, data: Mapping[str, Any], customer: Customer | None = None
) -> tuple[Customer, dict[str, Any]]:
    """The customer and the content of the case that `open_by_form` would open; raises what it would raise before."""
    opening = openable(process, by=by)
    customer = customer or opening.whose(data)
    if customer is None:
        raise Invalid({"customer": [_("Say which customer it is for.")], **_missing(opening.form, data)})
    check_whose(customer, by=by)
    form = opening.form(data, customer=customer, by=by)
    if not form.is_valid():
        raise Invalid(errors_by_field(form))
    return customer, plain(form.cleaned_data)


def _missing(form: type[OpeningForm], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The required fields that are missing, as far as that does not depend on the customer."""
    return {
        name: [str(field.error_messages["required"])]
        for name, field in form.fields_for_anybody().items()
        if field.required and not data.get(name)
    }


def openable(process: str, *, by: Actor) -> catalogue.Opening:
    """How this actor opens a case of the process. Raises `NotFound` and `Forbidden`."""
    known = catalogue.process(process)
    opening = known.opening
    if opening is None:
        raise NotFound(
            "not_openable", _("Only another case can open a case of “%(name)s”.") % {"name": process}, field="process"
        )
    permissions.check_open(known, by=by)
    return opening


def check_whose(customer: Customer, *, by: Actor) -> None:
    """Raises `NotFound` when a customer acts for somebody else."""
    if by.kind is ActorKind.CUSTOMER and str(customer.public_id) != by.id:
        raise NotFound("unknown_customer", _("There is no such customer."), field="customer")


def _open(case: Case, *, by: Actor, content: Mapping[str, Any], reason: str, now: datetime) -> None:
    timeline.note(
        case, "case.opened", by=by, data={"process": case.process, **({"reason": reason} if reason else {})}, at=now
    )
    facts = to_wire(catalogue.process(case.process).prepares(case, content, by=by, now=now))
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


def _digest(process: str, customer: Customer, content: Mapping[str, Any]) -> str:
    told = json.dumps([process, str(customer.public_id), dict(content)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _same(case: Case, digest: str) -> Case:
    if case.opening_digest != digest:
        raise Conflict("key_used", _("This key opened another case. Use a new key for a new request."), field="key")
    return case
