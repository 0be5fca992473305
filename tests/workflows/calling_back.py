"""How the tests of the call-back open and play one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import Gives
from workflows.base.contracts import OpenItem

AGENT = "agent-1"
QUARTER = timedelta(minutes=15)
CALL = "call_customer_back"


def window(starts: datetime) -> dict[str, str]:
    return {"starts": starts.isoformat(), "ends": (starts + QUARTER).isoformat()}


async def open_call_back(
    skipping: Rehearsal, *, days: float = 1, again: float = 2, gives: dict[str, Any] | None = None, **facts: Any
) -> tuple[Rehearsed, datetime]:
    """A call that is agreed for in so many days; the next free time is `again` days from now. Gives its window's
    start."""
    starts = (await skipping.env.get_current_time()).astimezone(UTC) + timedelta(days=days)
    answers: dict[str, Gives | list[Gives]] = {
        "may_we_call": {},
        "book_next": [window(starts + timedelta(days=again - days + one)) for one in range(8)],
        "give_up_window": {"missed": True},
        **(gives or {}),
    }
    return await skipping.open("call_back", gives=answers, **{"booked": window(starts), **facts}), starts


async def dial(case: Rehearsed, starts: datetime, *, step: str = CALL) -> None:
    """The agent opens the sheet and dials in the window that starts then."""
    await case.passes_until(starts)
    await case.asks(step)
    await case.happens("call_dialled", agent=AGENT)
    await case.until(lambda: case.stages[-1] == "dialling", "dial")


async def comes(case: Rehearsed, *states: str) -> None:
    for state in states:
        await case.happens("call_progress", to=state)


async def wrap_up(case: Rehearsed, outcome: str, *, step: str = CALL, by: str = AGENT) -> None:
    """The work item is answered, and its rule tells the process."""
    await case.answer(step, outcome, by=by)
    await case.happens("call_progress", to="wrapped_up", outcome=outcome)


async def speak(case: Rehearsed, starts: datetime, *, step: str = CALL) -> None:
    await dial(case, starts, step=step)
    await comes(case, "answered", "talk", "over")
    await wrap_up(case, "spoken", step=step)


async def survey(case: Rehearsed, outcome: str, *, hours: float = 49) -> OpenItem:
    await case.passes(hours=hours)
    asked = await case.asks("call_survey")
    await case.answer("call_survey", outcome)
    return asked
