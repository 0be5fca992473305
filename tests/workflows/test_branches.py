"""Two parties at once: each step has its own number, in whichever order they come."""

from __future__ import annotations

import pytest

from backoffice.cases.numbering import mark_of
from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.base.contracts import Answered, DoEffect, Said

pytestmark = pytest.mark.anyio
BOTH = ("old_confirms", "new_confirms")


async def both_answer_at_once(case: Rehearsed) -> None:
    """Both answers have come when the process runs again, because its worker was away meanwhile."""
    for step in BOTH:
        await case.asks(step)
    for pages, step in enumerate(BOTH, start=3):
        case.answered.add(step)
        await case.signal("answered", Answered(case.id, case.command(), step, "confirmed", facts={"pages": pages}))


async def branches(trying: Rehearsal) -> Rehearsed:
    return await trying.open(
        "trial", scene="branches", gives={"reserve": {"reference": "r"}, "execute": {"reference": "x"}}
    )


async def test_branches_that_act_at_once_number_their_steps_one_after_the_other(trying: Rehearsal) -> None:
    case = await branches(trying)
    await both_answer_at_once(case)

    assert await case.ends() == "done"
    assert [step.number for step in case.done if step.number] == list(range(1, case.applied + 1))
    assert sorted(case.effects) == ["execute", "reserve", "reserve"]
    assert case.closed_with == {"number": 7}


async def test_a_branch_goes_on_while_a_call_of_another_waits_for_its_system(trying: Rehearsal) -> None:
    case = await branches(trying)
    case.is_away("execute")
    await case.answer("old_confirms", "confirmed", pages=1)
    await case.until(lambda: len(case.tries) >= 3, "try several times")
    await case.answer("new_confirms", "confirmed", pages=2)

    await case.until(lambda: case.effects.count("reserve") == 2, "reserve for both")
    case.gives["execute"] = [{"reference": "x"}]
    assert await case.ends() == "done"


async def test_a_branch_that_is_stopped_takes_the_others_with_it(trying: Rehearsal) -> None:
    case = await branches(trying)
    for step in BOTH:
        await case.asks(step)
    await case.answer("new_confirms", "confirmed", pages=2)
    await case.until(lambda: "reserve" in case.effects, "reserve")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["reserve", "free"]
    assert case.done[-1].said.effects == (DoEffect("free", {"number": 2}),)


# --- asked at once ----------------------------------------------------------------------------------------------------


async def test_all_who_are_asked_answer_in_any_order(trying: Rehearsal) -> None:
    case = await trying.open("trial", scene="parties")
    await case.asks("new_confirms")
    assert [item.step for item in case.done[0].said.opens] == list(BOTH)
    assert [item.party for item in case.done[0].said.opens] == ["", "new_holder"]
    await case.answer("new_confirms", "confirmed", pages=4)
    await case.answer("old_confirms", "confirmed", pages=3)

    assert await case.ends() == "done"
    assert (case.told, case.closed_with) == (["agreed"], {"number": 7})


@pytest.mark.parametrize("refuses", BOTH)
async def test_with_the_first_refusal_the_others_are_no_longer_asked(trying: Rehearsal, refuses: str) -> None:
    case = await trying.open("trial", scene="parties")
    await case.answer(refuses, "refused")

    assert await case.ends() == "rejected"
    assert case.withdrawn == [step for step in BOTH if step != refuses]


async def test_each_who_is_asked_is_reminded_and_expires_alone(trying: Rehearsal) -> None:
    case = await trying.open("trial", scene="parties")
    await case.asks("new_confirms")
    await case.passes(days=3)
    await case.answer("old_confirms", "confirmed", pages=3)
    await case.passes(days=3, hours=23)
    assert (case.reminded, case.expired) == (["new_confirms", "new_confirms"], [])
    await case.passes(hours=2)

    assert await case.ends() == "rejected"
    assert case.expired == ["new_confirms"]


async def test_an_answer_of_one_a_moment_before_it_expires_counts(trying: Rehearsal) -> None:
    case = await trying.open("trial", scene="parties")
    await case.asks("new_confirms")
    await case.answer("old_confirms", "confirmed", pages=3)
    case.answered.add("new_confirms")
    await case.passes(days=7, hours=1)
    await case.answer("new_confirms", "confirmed", pages=1)

    assert await case.ends() == "done"


# --- a step of which the process does not know ------------------------------------------------------------------------


async def test_a_number_that_another_step_has_is_passed_over(trying: Rehearsal) -> None:
    """A worker applied a step and died; before it was asked for again, something came that led another way."""
    case = await trying.open("trial", scene="parties")
    await case.asks("new_confirms")
    ghost = case.applied + 1
    case.applied, case.marks[ghost] = ghost, mark_of(Said(stage="elsewhere"))
    await case.answer("old_confirms", "refused")

    assert await case.ends() == "rejected"
    assert case.done[-1].number == ghost + 2


async def test_a_step_whose_answer_was_lost_is_done_once_and_answers_again(trying: Rehearsal) -> None:
    case = await branches(trying)
    await case.asks("new_confirms")
    case.loses = 3
    await both_answer_at_once(case)

    assert await case.ends() == "done"
    assert (case.loses, case.effects.count("reserve")) == (0, 2)
    assert case.closed_with == {"number": 7}
