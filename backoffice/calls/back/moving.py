"""Moving a call to another time, until it is dialled."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _t

from backoffice.actors import Actor, ActorKind
from backoffice.calls.back import booking, offering, rights
from backoffice.calls.back.models import CallBack
from backoffice.calls.back.records import (
    call_back_of,
    check_whose,
    drop_prepared,
    why_not_change,
    withdraw_open_items,
)
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from workflows.call_back.facts import Window as Agreed
from workflows.call_back.spec import CALL_MOVED


def why_not_move(call_back: CallBack, *, by: Actor) -> str:
    """The sentence that says why this actor cannot move this call now; empty when they can."""
    if refusal := rights.MOVE_CALL.why_not(by):
        return refusal
    return why_not_change(call_back, otherwise=_t("There is no call ahead that could be moved."))


@needs(rights.MOVE_CALL)
def move(*, case_id: uuid.UUID, window: str, by: Actor, now: datetime | None = None) -> CallBack:
    """Takes another window (by its key) for a call and frees the old one. The same window changes nothing. A time that
    the customer chooses themselves is a call that they asked for.

    Raises `NotFound` for another customer's case, `Conflict` with `why_not_move`, `Invalid` on `window` when it is no
    longer free; then the call stays as it was.
    """
    now = now or timezone.now()
    with changing(case_id) as case:
        check_whose(case, by=by)
        call_back = call_back_of(case, lock=True)
        if refusal := why_not_move(call_back, by=by):
            raise Conflict("cannot_move", refusal)
        if call_back.window is not None and call_back.window.key == window:
            return call_back
        asked = call_back.asked_by_customer or by.kind is ActorKind.CUSTOMER
        chosen = offering.of_choice(window, offering.windows_for(call_back, now=now, asked=asked))
        drop_prepared(call_back, now=now)
        call_back.asked_by_customer = asked
        booking.agree(call_back, chosen, by=by, now=now, kind="call_back.moved")
        withdraw_open_items(case, by=by, now=now)
        signal(case, CALL_MOVED, Agreed(starts=chosen.starts, ends=chosen.ends))
        return call_back
