"""Strange contacts on a server that skips time: ours or not, proven or not, decided in time or late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.suspicious_contact.spec import SUSPICIOUS_CONTACT

pytestmark = pytest.mark.anyio
DECIDED = "suspicion_decided"


async def opened(skipping: Rehearsal, weighed: dict[str, Any] | None = None, **facts: Any) -> Rehearsed:
    gives: dict[str, Any] = {"weigh_suspicion": weighed or {}}
    return await skipping.open(SUSPICIOUS_CONTACT.name, gives=gives, **{"match": "not_ours", **facts})


async def test_what_is_ours_is_told_at_once_and_nobody_looks_into_it(skipping: Rehearsal) -> None:
    case = await opened(skipping, match="ours")

    assert await case.ends() == "done"
    assert case.stages == ["ours"]
    assert (case.told, case.effects, case.items) == ([], [], {})


async def test_what_is_cleared_goes_on(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.enters("looked_into")
    assert case.told == ["contact_not_ours"]

    await case.happens(DECIDED, verdict="cleared")

    assert await case.ends() == "done"
    assert case.stages == ["looked_into", "cleared"]
    assert case.effects == ["let_go_on"]
    assert case.told == ["contact_not_ours", "contact_cleared"]


async def test_what_is_confirmed_goes_on_by_itself_only_where_nothing_was_given_away(skipping: Rehearsal) -> None:
    unharmed = await opened(skipping, {"paused": 1, "gave": "nothing"})
    await unharmed.enters("looked_into")
    await unharmed.happens(DECIDED, verdict="confirmed")
    assert await unharmed.ends() == "done"
    assert unharmed.effects == ["weigh_suspicion", "let_go_on"]
    assert unharmed.told == ["contact_not_ours", "contact_confirmed"]

    for gave in ("unknown", "something"):
        case = await opened(skipping, {"paused": 1, "gave": gave})
        await case.enters("looked_into")
        await case.happens(DECIDED, verdict="confirmed")
        item = await case.asks("make_safe")
        assert (case.kind(item).role, case.kind(item).part) == ("supervisor", "releaser")
        await case.answer("make_safe", "go_on", by="supervisor-1")
        assert await case.ends() == "done"
        assert case.stages == ["looked_into", "confirmed", "made_safe"]
        assert case.effects == ["weigh_suspicion", "let_go_on"]


async def test_a_supervisor_can_leave_it_paused_and_late_ones_are_escalated(skipping: Rehearsal) -> None:
    case = await opened(skipping, {"paused": 2, "gave": "something"})
    await case.enters("looked_into")
    await case.happens(DECIDED, verdict="confirmed")
    await case.asks("make_safe")
    await case.passes(hours=5)
    assert case.escalated == ["make_safe"]

    await case.answer("make_safe", "stay", by="supervisor-1")

    assert await case.ends() == "done"
    assert case.effects == ["weigh_suspicion"]


async def test_where_nothing_is_paused_a_confirmed_one_is_over(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.enters("looked_into")
    await case.happens(DECIDED, verdict="confirmed")

    assert await case.ends() == "done"
    assert (case.stages, case.items) == (["looked_into", "confirmed"], {})


async def test_what_was_decided_before_needs_no_analyst(skipping: Rehearsal) -> None:
    case = await opened(skipping, {"paused": 1, "gave": "nothing"}, known="confirmed")

    assert await case.ends() == "done"
    assert case.stages == ["confirmed"]
    assert case.told == ["contact_confirmed"]


async def test_after_an_hour_without_a_decision_the_supervisors_are_alarmed(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.enters("looked_into")
    await case.passes(minutes=59)
    assert case.effects == []
    await case.passes(minutes=2)
    assert case.effects == ["raise_undecided"]

    await case.happens(DECIDED, verdict="cleared")

    assert await case.ends() == "done"
    assert case.effects == ["raise_undecided", "settle_undecided", "let_go_on"]


async def test_who_tells_more_is_told_whether_it_is_ours(skipping: Rehearsal) -> None:
    ours = await opened(skipping, match="cannot_tell")
    await ours.asks("say_more")
    await ours.answer("say_more", "told", match="ours")
    assert await ours.ends() == "done"
    assert ours.stages == ["asked", "ours"]

    strange = await opened(skipping, match="cannot_tell")
    await strange.answer("say_more", "told", match="not_ours")
    await strange.enters("looked_into")
    await strange.happens(DECIDED, verdict="cleared")
    assert await strange.ends() == "done"
    assert strange.told == ["contact_not_ours", "contact_cleared"]


async def test_what_turns_out_to_be_ours_while_something_is_paused_goes_on_by_the_analysts_word(
    skipping: Rehearsal,
) -> None:
    case = await opened(skipping, match="cannot_tell")
    await case.answer("say_more", "told", match="ours", paused=1)
    await case.enters("looked_into")
    assert (case.told, case.effects) == ([], [])

    await case.happens(DECIDED, verdict="cleared")

    assert await case.ends() == "done"
    assert case.stages == ["asked", "looked_into", "cleared"]
    assert case.effects == ["let_go_on"]


async def test_who_stays_silent_is_reminded_and_an_analyst_decides(skipping: Rehearsal) -> None:
    case = await opened(skipping, match="cannot_tell")
    await case.asks("say_more")
    await case.passes(timedelta(days=3, minutes=1))
    assert (case.reminded, case.expired) == (["say_more", "say_more"], ["say_more"])
    await case.enters("looked_into")
    assert "contact_not_ours" not in case.told

    await case.happens(DECIDED, verdict="cleared")

    assert await case.ends() == "done"


async def test_an_analyst_may_decide_before_the_customer_tells_more(skipping: Rehearsal) -> None:
    case = await opened(skipping, match="cannot_tell")
    await case.asks("say_more")
    await case.happens(DECIDED, verdict="confirmed")

    assert await case.ends() == "done"
    assert case.withdrawn == ["say_more"]
    assert case.stages == ["asked", "confirmed"]


async def test_a_report_of_strangers_ends_by_the_customers_own_word(skipping: Rehearsal) -> None:
    case = await opened(skipping, proven=False)
    item = await case.asks("was_it_you")
    assert case.kind(item).level == 2
    assert case.told == ["contact_reported_by_others"]

    await case.answer("was_it_you", "not_mine")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "by_strangers"
    assert case.told == ["contact_reported_by_others"]


async def test_a_report_of_strangers_that_was_theirs_or_that_nobody_speaks_of_is_decided_on(
    skipping: Rehearsal,
) -> None:
    mine = await opened(skipping, proven=False)
    await mine.answer("was_it_you", "mine")
    await mine.is_quiet()
    await mine.happens(DECIDED, verdict="cleared")
    assert await mine.ends() == "done"

    silent = await opened(skipping, proven=False)
    await silent.asks("was_it_you")
    await silent.passes(days=14, hours=1)
    assert silent.expired == ["was_it_you"]
    await silent.happens(DECIDED, verdict="cleared")
    assert await silent.ends() == "done"

    decided = await opened(skipping, proven=False)
    await decided.asks("was_it_you")
    await decided.happens(DECIDED, verdict="cleared")
    assert await decided.ends() == "done"
    assert decided.withdrawn == ["was_it_you"]


async def test_staff_can_stop_it_and_it_is_told(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.enters("looked_into")
    await case.is_withdrawn("by_staff")

    assert await case.ends() == "withdrawn"
    assert case.told == ["contact_not_ours", "case_withdrawn"]
    assert case.effects == []
