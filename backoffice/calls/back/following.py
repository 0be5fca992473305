"""What the timeline and the process of a call-back learn of its call, whoever says how far it is: the agent's presses,
the telephone system, or the customer who compared what the agent reads out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone

from backoffice.actors import Actor, system
from backoffice.calls.back.models import CallBack
from backoffice.calls.back.records import call_back_of, needs_customer_proof
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.telephony.models import Call, CallState
from workflows.call_back.facts import Progress, Reached
from workflows.call_back.spec import CALL_PROGRESS

REACHED: Mapping[str, Reached] = {
    CallState.ANSWERED: Reached.ANSWERED,
    CallState.COMPANY_PROVEN: Reached.COMPANY_PROVEN,
    CallState.CUSTOMER_PROVEN: Reached.TALK,
    CallState.ENDED: Reached.OVER,
    CallState.NOT_ANSWERED: Reached.OVER,
    CallState.VOICEMAIL: Reached.OVER,
}
"""What the process learns of each state; of the others it need not know."""


def follow(call_back: CallBack, call: Call, *, by: Actor, now: datetime) -> None:
    """Within `changing`: notes each state of the call that was not noted yet, and tells the process. Following again
    changes nothing."""
    call_back.call = call
    new = [state for state, _at in sorted(call.times.items(), key=_time) if state not in call_back.followed]
    if not new:
        return
    for state in new:
        at = datetime.fromisoformat(call.times[state])
        timeline.note(call_back.case, f"call_back.{state}", by=by, data=_told(call, state), at=max(at, now))
        if state in REACHED and _was_dialled(call):
            signal(call_back.case, CALL_PROGRESS, Progress(to=_reached(call_back, state)))
    call_back.followed = [*call_back.followed, *new]
    call_back.save(update_fields=["followed"])


def watch() -> None:
    """Follows calls that others move than this room: called once, when the apps are ready."""
    post_save.connect(_saved, sender=Call, dispatch_uid="call_back.following")


def catch_up(call_id: uuid.UUID) -> None:
    """Follows a call that somebody else moved; nothing to do where it belongs to no call-back."""
    found = CallBack.objects.filter(call_id=call_id).only("case_id").first()
    if found is None:
        return
    with changing(found.case_id) as case:
        call_back = _current(case, call_id)
        if call_back is not None and call_back.call is not None:
            follow(call_back, call_back.call, by=system(), now=timezone.now())


def _current(case: Case, call_id: uuid.UUID) -> CallBack | None:
    call_back = call_back_of(case, lock=True)
    return call_back if call_back.call_id == call_id else None


def _saved(sender: type[Call], instance: Call, *, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    """The case is locked before its calls, so that this comes after the transaction which moved the call."""
    if update_fields is None or "state" in update_fields:
        transaction.on_commit(partial(catch_up, instance.id), robust=True)


def _reached(call_back: CallBack, state: str) -> Reached:
    """After our own proof we talk, unless what is to be told needs the customer's too, or it is they who rang."""
    if state == CallState.COMPANY_PROVEN and not needs_customer_proof(call_back):
        return Reached.TALK
    return REACHED[state]


def _was_dialled(call: Call) -> bool:
    """Of a call that was prepared and never dialled the process knows nothing."""
    return call.dialled_at is not None or call.answered_at is not None


def _told(call: Call, state: str) -> dict[str, str]:
    told = {"direction": str(call.direction)}
    return {**told, "outcome": str(call.outcome)} if call.outcome and state == call.state else told


def _time(entry: tuple[str, str]) -> str:
    return entry[1]
