"""How the tests of the home visit open and play one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import Gives

VISITOR = "visitor-1"
HALF_AN_HOUR = timedelta(minutes=30)
AT_THE_DOOR = ("check_in", "meet_customer", "enter_half", "id_check")


async def open_visit(skipping: Rehearsal, *, under: str = "card_reissue", assigned: Any = VISITOR) -> Rehearsed:
    gives: Gives | list[Gives]
    gives = [{"visitor": who} for who in assigned] if isinstance(assigned, list) else {"visitor": assigned}
    return await skipping.open("home_visit", requester="desk-1", gives={"assign": gives}, under=under)


async def book(case: Rehearsed, *, step: str = "choose_visit", days: float = 3, hours: float = 2) -> datetime:
    """The customer books a window so many days ahead and so many hours long; gives its beginning."""
    await case.asks(step)
    starts = await case.now() + timedelta(days=days)
    await case.answer(step, "booked", starts=starts.isoformat(), ends=(starts + timedelta(hours=hours)).isoformat())
    return starts


async def reach(case: Rehearsed, step: str, *, again: str = "") -> datetime:
    """Plays a visit until the visitor is asked for this step; `again` is the suffix of the steps of a later visit."""
    starts = await book(case, step=f"choose_visit{again}")
    await case.passes_until(starts)
    for before, outcome in zip(AT_THE_DOOR, ("arrived", "opened", "proven", "match"), strict=True):
        if before == step:
            break
        await case.answer(f"{before}{again}", outcome, by=VISITOR)
    await case.asks(f"{step}{again}")
    return starts
