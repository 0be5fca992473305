"""Every timer, branch and failure path of the home visit, on a server that skips time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed

pytestmark = pytest.mark.anyio

VISITOR = "visitor-1"


async def open_visit(skipping: Rehearsal, **more: object) -> Rehearsed:
    gives = {"visits.assign": {"visitor": VISITOR}} | dict(more.pop("gives", {}))  # type: ignore[call-overload]
    return await skipping.open("home_visit", requester="desk-1", gives=gives, under="card_reissue", **more)  # type: ignore[arg-type]


async def book(case: Rehearsed, *, step: str = "choose_visit", days: float = 3) -> datetime:
    """The customer books a window so many days ahead; gives its beginning."""
    starts = await case.now() + timedelta(days=days)
    ends = starts + timedelta(hours=2)
    await case.answer(step, "booked", starts=starts.isoformat(), ends=ends.isoformat())
    return starts


async def test_a_match_that_is_reviewed_passes(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    starts = await book(case)
    await case.enters("assigned")
    await case.passes_until(starts)
    await case.answer("check_in", "arrived", by=VISITOR)
    await case.answer("meet_customer", "opened", by=VISITOR)
    await case.answer("enter_half", "proven", by=VISITOR)
    await case.answer("id_check", "match", by=VISITOR)
    await case.answer("review_visit", "passed", by="supervisor-1")

    assert await case.ends() == "done"
    assert case.stages == [
        "proposed", "confirmed", "assigned", "day_before", "window_open", "at_door", "handshake", "id_check", "review",
        "passed",
    ]  # fmt: skip
    assert case.told == ["visit_propose", "visit_confirmed", "visit_day_before"]
    assert case.closed_with["result"] == "passed"
    assert case.closed_with[f"part:{VISITOR}"] == "visitor"
    assert case.withdrawn == ["compare_half"]
