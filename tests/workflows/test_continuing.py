"""A case that continues as new, wherever it waits, goes on as if nothing had happened."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.workflows import reissue, trial, visiting
from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import Gives
from tests.workflows.trial import Trial
from workflows.base.contracts import ChildClosed

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("restless")]


async def open_all(trying: Rehearsal) -> Rehearsed:
    gives: dict[str, Gives | list[Gives]] = {"reserve": {"reference": "r"}, "execute": {"reference": "x"}}
    return await trying.open("trial", scene="all", gives=gives)


async def to_the_offer(case: Rehearsed) -> None:
    await case.answer("old_confirms", "confirmed", pages=3)
    await case.asks("new_confirms")
    await case.is_quiet()


async def to_the_sleep(case: Rehearsed) -> None:
    await to_the_offer(case)
    await case.happens("news", number=1)
    await case.happens("news", number=2)
    await case.until(lambda: case.withdrawn == ["new_confirms"], "take back the offer")
    await case.is_quiet()


async def to_the_child(case: Rehearsed) -> None:
    await to_the_sleep(case)
    await case.happens("aborted")
    await case.until(lambda: case.children == ["trial"], "open a child")
    await case.is_quiet()


async def to_the_branches(case: Rehearsed) -> None:
    await to_the_child(case)
    await case.child_closes("trial", "done", {"visitor-1": "visitor"}, number=20)
    await case.asks("check-2")
    await case.is_quiet()


async def to_the_end(case: Rehearsed) -> str:
    await case.answer("check-2", "right", by="desk-1")
    await case.is_quiet()
    await case.answer("check", "wrong", by="desk-1")
    return await case.ends()


async def test_a_story_that_is_told_again_at_each_wait_comes_to_the_same_end(
    trying: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    for entries in (2000, 1):
        monkeypatch.setattr(Trial, "entries_a_run", entries)
        case = await open_all(trying)
        await to_the_branches(case)
        ends.append((await to_the_end(case), case.acts, case.told, list(case.items), case.closed_with))

    assert ends[0] == ends[1]
    assert ends[0][-1] == {"number": 2 + 100 + 20 + 1}
    once, often = (len(case.runs) for case in trying.cases.values())
    assert once == 1 < 4 < often


async def test_what_is_due_stays_due_and_no_reminder_is_sent_twice(trying: Rehearsal) -> None:
    case = await open_all(trying)
    await case.asks("old_confirms")
    await case.passes(days=4)
    assert case.reminded == ["old_confirms"]
    await case.passes(days=2, hours=23)
    assert (case.reminded, case.expired) == (["old_confirms"] * 2, [])
    await case.passes(hours=2)

    assert case.expired == ["old_confirms"]
    assert len(case.runs) > 2
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


@pytest.mark.parametrize("where", [to_the_offer, to_the_sleep, to_the_child, to_the_branches])
async def test_what_was_done_is_taken_back_wherever_the_case_continued(trying: Rehearsal, where: object) -> None:
    assert callable(where)
    case = await open_all(trying)
    await where(case)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects[-2:] == ["free", "unlock"]
    assert [effect.args for step in case.done for effect in step.said.effects if effect.name == "free"] == [
        {"number": 3}
    ]


async def test_an_operator_may_cancel_in_the_moment_before_a_case_continues(trying: Rehearsal) -> None:
    case = await open_all(trying)
    await case.asks("old_confirms")
    await case.handle.cancel()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["lock", "unlock"]


async def test_a_case_that_continues_while_it_is_frozen_stays_so_and_counts_the_time(trying: Rehearsal) -> None:
    case = await open_all(trying)
    await to_the_sleep(case)
    await case.is_frozen()
    await case.is_quiet()
    runs = len(case.runs)
    await case.passes(days=5)
    assert case.children == []
    await case.is_unfrozen()
    await case.passes(days=2, hours=23)
    assert case.children == []
    await case.passes(hours=2)

    await case.until(lambda: case.children == ["trial"], "open a child")
    assert len(case.runs) >= runs
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_command_that_came_before_counts_no_second_time(trying: Rehearsal) -> None:
    case = await open_all(trying)
    await to_the_sleep(case)
    closed = ChildClosed(case.id, "the same command", "trial", "done", {"number": 20})
    await case.signal("child_closed", closed)
    await case.signal("child_closed", msgspec.structs.replace(closed, step="trial-2", facts={"number": 50}))
    await case.happens("aborted")
    await case.asks("check-2")

    assert await to_the_end(case) == "done"
    assert case.closed_with == {"number": 2 + 100 + 20 + 1}


async def test_four_eyes_count_over_what_came_before(trying: Rehearsal) -> None:
    case = await open_all(trying)
    await to_the_branches(case)
    await case.answer("check", "right", by="visitor-1")
    await case.has_heard()

    assert await to_the_end(case) == "done"
    assert case.closed_with == {"number": 2 + 100 + 20 + 1}


async def test_a_refused_call_is_asked_about_once_and_tried_with_another_key(trying: Rehearsal) -> None:
    trying.refuses("lock", "locked_already", "locked_still")
    case = await open_all(trying)
    await case.answer("resolve_failure", "retry", by="supervisor-1")
    await case.answer("resolve_failure-2", "retry", by="supervisor-1")
    await case.asks("old_confirms")

    assert [call.key for call in case.tries] == [f"{case.id}:lock:{number}" for number in (1, 2, 3)]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"
    assert case.effects == ["lock", "unlock"]


async def test_a_case_goes_on_as_it_began_when_its_story_changes_and_a_new_one_as_it_is_now(
    trying: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await trying.open("trial", scene="changed")
    await before.asks("old_confirms")
    await before.is_quiet()
    monkeypatch.setattr(trial, "DEPLOYED", True)
    after = await trying.open("trial", scene="changed")
    await after.answer("check", "right", by="desk-1")
    for case in (before, after):
        await case.answer("old_confirms", "confirmed")
        await case.answer("new_confirms", "confirmed")

    assert (await before.ends(), await after.ends()) == ("done", "done")
    assert list(before.items) == ["old_confirms", "new_confirms"]
    assert list(after.items) == ["check", "old_confirms", "new_confirms"]


async def test_a_story_that_was_rewritten_under_its_cases_does_nothing_and_goes_on_when_it_is_mended(
    trying: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await trying.open("trial", scene="changed")
    await case.asks("old_confirms")
    await case.is_quiet()
    monkeypatch.setattr(trial, "REWRITTEN", True)
    await case.answer("old_confirms", "confirmed")
    await case.fails_a_task()
    asked = list(case.items)
    monkeypatch.setattr(trial, "REWRITTEN", False)
    await case.answer("new_confirms", "confirmed")

    assert await case.ends() == "done"
    assert asked == ["old_confirms", "new_confirms"]
    assert list(case.items) == asked


# --- the processes of the house ---------------------------------------------------------------------------------------


async def test_a_card_reissue_continues_wherever_it_waits(trying: Rehearsal) -> None:
    case = await reissue.open_reissue(trying, reason="lost", risk="high", requester="desk-1")
    await reissue.reach(case, "approve_reissue")
    await case.answer("approve_reissue", "approved", by="approver-1")
    await reissue.does(case, "order_card")
    await case.happens("card_shipped", posting=1)
    await case.enters("shipped")
    await case.happens("card_returned", posting=1)
    await reissue.does(case, "reship_card")
    await reissue.deliver(case, posting=2)
    await case.asks("activate_card")
    await case.passes(days=12)
    assert case.reminded[-1] == "activate_card"

    assert await reissue.activate(case) == "done"
    assert case.told == [
        "card_blocked", "card_ordered", "card_shipped", "card_returned", "card_delivered_activate", "card_active",
        "reissue_done",
    ]  # fmt: skip
    assert len(case.runs) > 2


async def test_an_answer_that_comes_as_the_case_continues_is_not_lost(trying: Rehearsal) -> None:
    """All at once: each signal may reach the run that ends or the one that begins."""
    case = await reissue.open_reissue(trying)
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "answered")
    await reissue.does(case, "order_card")
    await reissue.deliver(case)

    assert await reissue.activate(case) == "done"
    assert case.effects.count("order_card") == 1
    assert [step.number for step in case.done if step.number] == list(range(1, case.applied + 1))


async def test_a_home_visit_continues_wherever_it_waits(trying: Rehearsal) -> None:
    case = await visiting.open_visit(trying)
    await visiting.reach(case, "enter_half")
    await case.answer("enter_half", "again", by=visiting.VISITOR)
    await case.answer("enter_half-2", "proven", by=visiting.VISITOR)
    await case.happens("visitor_unsafe")
    await case.answer("look_into_alarm", "new_visit", by="supervisor-1")
    starts = await visiting.book(case, step="choose_visit-2")
    await case.passes_until(starts - timedelta(hours=1))
    await case.happens("visit_cancelled", alternative="post")

    assert await case.ends() == "done"
    assert case.closed_with == {"result": "declined", "alternative": "post"}
    assert case.told == [
        "visit_propose", "visit_confirmed", "visit_day_before", "visit_propose", "visit_confirmed", "visit_day_before",
    ]  # fmt: skip
    assert len(case.runs) > 2
