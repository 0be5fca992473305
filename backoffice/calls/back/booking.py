"""Agreeing on a window for a call-back, and letting it go."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor
from backoffice.calls.back import offering
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.records import call_back_of, drop_prepared
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.windows import Window
from backoffice.refusals import Invalid


def agree(call_back: CallBack, window: Window, *, by: Actor, now: datetime, kind: str = "call_back.booked") -> None:
    """Takes the window, inside the caller's transaction, and gives back the one before. Raises `Invalid` on
    `window`."""
    offering.take(call_back.role, window, now=now, first_in_line=call_back.first_in_line)
    offering.give_back(call_back, now=now)
    call_back.state, call_back.first_in_line = CallBackState.AGREED, False
    call_back.starts, call_back.ends = window.starts, window.ends
    call_back.waits_until, call_back.why_waits, call_back.place_kept_until = None, "", None
    call_back.save()
    timeline.note(call_back.case, kind, by=by, data=in_utc(window), at=now)


def next_free(call_back: CallBack, *, by: Actor, now: datetime) -> Window | None:
    """Agrees on the first window that is free; None where nobody is staffed in the next days."""
    for window in offering.windows_for(call_back, now=now, asked=call_back.asked_by_customer):
        try:
            agree(call_back, window, by=by, now=now)
        except Invalid:  # Somebody else was faster; the next one is as good.
            continue
        return window
    return None


def close(case: Case) -> None:
    """When the case closes, also early, its place is free and nobody dials any more."""
    call_back, now = call_back_of(case, lock=True), case.closed_at
    assert now is not None
    if call_back.state != CallBackState.OVER:
        offering.give_back(call_back, now=now)
    drop_prepared(call_back, now=now)
    call_back.state = CallBackState.OVER
    call_back.save(update_fields=["state", "call"])


def in_utc(window: Window) -> dict[str, str]:
    """The window as timelines keep it: ISO 8601, UTC."""
    return {"starts": window.starts.isoformat(), "ends": window.ends.isoformat()}
