"""The effects of a call-back on our records, as its spec declares them, and what its messages show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from backoffice.actors import system
from backoffice.calls.back import booking
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.preparing import item_of
from backoffice.calls.back.records import (
    call_back_of,
    drop_prepared,
    is_unwritten,
    matter_of,
    number_for,
)
from backoffice.cases import timeline
from backoffice.cases.items import escalate
from backoffice.cases.models import Case
from backoffice.cases.opening import open_case
from backoffice.telephony import budget
from workflows.base.spec import Nothing
from workflows.call_back.facts import Booked, GivenUp, KeptUntil, MayCall, Window
from workflows.call_back.spec import CALL_BACK_SPEC


def may_we_call(*, case: Case, args: Nothing, now: datetime) -> MayCall:
    """Asks the numbers and the contact budget. The desk says until when we wait, and why."""
    call_back = call_back_of(case, lock=True)
    if number_for(call_back, now=now) is None:
        timeline.note(case, "call_back.no_number", by=system(), at=now)
        return MayCall(number=False)
    asked = call_back.asked_by_customer
    wait = budget.wait(customer=case.customer, matter=matter_of(call_back), now=now, asked_by_customer=asked)
    call_back.waits_until, call_back.why_waits = (wait.until, wait.why.value) if wait else (None, "")
    call_back.save(update_fields=["waits_until", "why_waits"])
    if wait is not None:
        data = {"waits": wait.why.value, "until": wait.until.isoformat()}
        timeline.note(case, "call_back.waits", by=system(), data=data, at=now)
    return MayCall(until=wait.until if wait else None)


def book_next(*, case: Case, args: Nothing, now: datetime) -> Booked:
    window = booking.next_free(call_back_of(case, lock=True), by=system(), now=now)
    if window is None:
        timeline.note(case, "call_back.nobody_staffed", by=system(), at=now)
        return Booked()
    return Booked(starts=window.starts, ends=window.ends)


def announce(*, case: Case, args: Window, now: datetime) -> Nothing:
    """The number that will be called is chosen now, so that the customer's page can say which it is."""
    call_back = call_back_of(case, lock=True)
    call_back.point = number_for(call_back, now=now)
    call_back.save(update_fields=["point"])
    data = {"starts": args.starts.isoformat(), "ends": args.ends.isoformat()}
    timeline.note(case, "call_back.agreed", by=system(), data=data, at=now)
    return Nothing()


def nobody_dials(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The window has begun a while ago: supervisors see the call on their worklist too."""
    return _raise(case, "call_back.nobody_dials", now=now)


def nobody_writes(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """Nobody wrote down what came of the call: supervisors can end it and ask the agent."""
    return _raise(case, "call_back.nobody_writes", now=now)


def _raise(case: Case, kind: str, *, now: datetime) -> Nothing:
    item = item_of(case)
    if item is not None and item.escalated_at is None:
        escalate(case, steps=(item.step,), by=system(), now=now)
        timeline.note(case, kind, by=system(), at=now)
    return Nothing()


def give_up_window(*, case: Case, args: Nothing, now: datetime) -> GivenUp:
    """The window is over. Where somebody dialled a moment before, it is not given up. Else we broke our promise: the
    customer comes first when a new time is chosen."""
    call_back = call_back_of(case, lock=True)
    if is_unwritten(call_back):
        return GivenUp(missed=False)
    drop_prepared(call_back, now=now)
    call_back.state, call_back.first_in_line = CallBackState.OPEN, True
    call_back.missed += 1
    call_back.save()
    timeline.note(case, "call_back.missed", by=system(), at=now)
    return GivenUp(missed=True)


def keep_place(*, case: Case, args: KeptUntil, now: datetime) -> Nothing:
    call_back = call_back_of(case, lock=True)
    call_back.state, call_back.place_kept_until = CallBackState.RING_BACK, args.until
    call_back.save(update_fields=["state", "place_kept_until"])
    timeline.note(case, "call_back.place_kept", by=system(), data={"until": args.until.isoformat()}, at=now)
    return Nothing()


def ask_later(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """A case above must not wait for two questions, so that they get a case of their own."""
    content = {"survey_of": str(case.id)}
    _open_another(case, f"call-survey:{case.id}", content, now=now)
    return Nothing()


def supervisor_calls(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    spoken = call_back_of(case)
    about = spoken.survey_of.case_id if spoken.survey_of is not None else case.id
    _open_another(case, f"call-feedback:{case.id}", {"about": str(about), "supervisor": True}, now=now)
    timeline.note(case, "call_back.supervisor_calls", by=system(), at=now)
    return Nothing()


def _open_another(case: Case, key: str, content: Mapping[str, object], *, now: datetime) -> None:
    open_case(process=CALL_BACK_SPEC.name, customer=case.customer, by=system(), key=key, content=content, now=now)


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """The agreed window, which a message puts into the customer's zone, and whether it is ahead or has passed."""
    call_back: CallBack = call_back_of(case)
    if call_back.starts is None or call_back.ends is None:
        return {}
    return {
        "window_start": call_back.starts.isoformat(),
        "window_end": call_back.ends.isoformat(),
        "window_is": "ahead" if timezone.now() < call_back.ends else "passed",
    }
