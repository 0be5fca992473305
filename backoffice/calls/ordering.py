"""What the caller ordered: the case of another process, opened by the agent after the right code, and only once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import CALLER_CODE, Actor
from backoffice.calls import rights
from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of
from backoffice.cases import opening, timeline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from workflows.phone_authorisation.spec import PERIODS

GOOD_FOR = PERIODS.wrap_up
"""How long after the code the agent may open what was ordered."""


def on_order(by: Actor) -> Actor:
    """The agent as the timeline of what was ordered names them: by which proof they acted."""
    return by.with_proof(by.level, CALLER_CODE)


def why_not(call: Call, *, by: Actor, now: datetime) -> str:
    """The sentence that says why this actor cannot open now what the caller ordered; empty when they can."""
    if refusal := rights.TAKE_CALLS.why_not(by):
        return refusal
    if call.opened_id is not None:
        return _("What the caller ordered is open already. One code is for one order.")
    if call.state != CallState.PROVEN or call.proven_at is None:
        return _("No code fitted in this call, so nothing can be ordered in it.")
    if call.wrapped_at is not None or call.case.state != CaseState.OPEN or now >= call.proven_at + GOOD_FOR:
        return _("This call is over. For another order the caller needs a new call and a new code.")
    return ""


@needs(rights.TAKE_CALLS)
def order(*, case_id: uuid.UUID, by: Actor, data: Mapping[str, Any], now: datetime | None = None) -> Case:
    """Opens what the caller ordered, with the fields of that process's form; its timeline says on whose order and by
    which proof. Doing it again returns the same case.

    Raises `NotFound` for another agent's call, `Conflict` with `why_not`, and what the opening itself refuses.
    """
    now = now or timezone.now()
    with changing(case_id) as case:
        call = call_of(case, lock=True)
        if by.id != str(call.agent.public_id):
            raise NotFound("unknown_call", _("There is no such call."))
        if call.opened is not None:
            return call.opened
        if refusal := why_not(call, by=by, now=now):
            raise Conflict("cannot_order", refusal)
        key, ordered_by = f"call:{case.id}", on_order(by)
        ordered, _new = opening.open_by_form(
            process=call.wants, by=ordered_by, key=key, data=data, customer=case.customer, now=now
        )
        call.opened = ordered
        call.save(update_fields=["opened"])
        timeline.note(ordered, "call.ordered_in", by=ordered_by, data={"reference": case.reference}, at=now)
        timeline.note(case, "call.opened", by=ordered_by, data={"reference": ordered.reference}, at=now)
        return ordered
