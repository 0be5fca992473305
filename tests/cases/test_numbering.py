"""Each step is done once and in order: none is skipped, and none is done twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backoffice.cases import transitions
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.numbering import OutOfTurn, Verdict, judge, mark_of
from tests.factories import make_card
from tests.playing import open_card_case
from workflows.base.contracts import DoEffect, Done, OpenItem, Said, SendNotice, Transition

MARKS = {4: "four", 5: "five"}


@pytest.mark.parametrize(
    ("number", "mark", "state", "compensating", "verdict"),
    [
        (6, "six", "open", False, Verdict.NEXT),
        (5, "five", "open", False, Verdict.REMEMBERED),
        (4, "four", "frozen", False, Verdict.REMEMBERED),
        (5, "another", "open", False, Verdict.TAKEN),
        (6, "six", "frozen", True, Verdict.FROZEN),
        (6, "six", "stopping", False, Verdict.STOPPING),
        (6, "six", "stopping", True, Verdict.NEXT),
    ],
)
def test_a_step_is_judged_by_its_number_and_what_it_is(
    number: int, mark: str, state: str, compensating: bool, verdict: Verdict
) -> None:
    judged = judge(number=number, mark=mark, applied=5, marks=MARKS, state=state, compensating=compensating)

    assert judged is verdict


@pytest.mark.parametrize("number", [1, 3, 7, 100])
def test_a_number_that_is_neither_the_next_nor_remembered_is_refused(number: int) -> None:
    with pytest.raises(OutOfTurn):
        judge(number=number, mark="x", applied=5, marks=MARKS, state="open", compensating=False)


def test_the_same_step_at_another_time_has_the_same_mark_and_another_step_another() -> None:
    early, late = (OpenItem("check", "check", datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2))

    assert mark_of(Said(opens=(early,))) == mark_of(Said(opens=(late,)))
    assert mark_of(Said(opens=(early,))) != mark_of(Said(opens=(early,), stage="told"))
    assert mark_of(Said(reminds=("check",))) != mark_of(Said(escalates=("check",)))


# --- the rows ---------------------------------------------------------------------------------------------------------


def apply(case: Case, number: int, said: Said, *, known: int = 0) -> Done:
    done = transitions.apply(Transition(str(case.id), number, datetime.now(UTC), said, known=known))
    case.refresh_from_db()
    return done


ASSESSED = Said(effects=(DoEffect("assess_risk"),))
TOLD = Said(stage="told", notices=(SendNotice("card_ordered"),))


@pytest.mark.django_db
def test_a_step_asked_for_again_gives_its_own_answer_though_others_followed() -> None:
    case = open_card_case(make_card())
    first = apply(case, 1, ASSESSED)
    apply(case, 2, TOLD)

    assert apply(case, 1, ASSESSED) == first == Done(facts={"risk": "low"})
    assert case.applied == 2


@pytest.mark.django_db
def test_what_the_engine_surely_knows_is_forgotten() -> None:
    case = open_card_case(make_card())
    apply(case, 1, ASSESSED)
    apply(case, 2, TOLD, known=1)

    assert set(case.applied_result) == {"2"}
    with pytest.raises(OutOfTurn):
        apply(case, 1, ASSESSED)


@pytest.mark.django_db
def test_a_step_that_is_not_the_next_writes_nothing() -> None:
    case = open_card_case(make_card())

    with pytest.raises(OutOfTurn):
        apply(case, 2, TOLD)

    case.refresh_from_db()
    assert (case.applied, case.stage) == (0, "")


@pytest.mark.django_db
def test_items_of_a_step_that_its_process_does_not_know_are_withdrawn_and_their_names_are_free() -> None:
    case = open_card_case(make_card())
    prove = Said(opens=(OpenItem("prove_identity", "prove_identity", datetime.now(UTC)),))
    apply(case, 1, prove)

    assert apply(case, 1, TOLD) == Done(taken=True)
    assert apply(case, 2, TOLD) == Done()
    apply(case, 3, prove)

    items = WorkItem.objects.filter(case=case).order_by("opened_at").values_list("step", "state")
    assert list(items) == [("prove_identity~1", ItemState.WITHDRAWN), ("prove_identity", ItemState.OPEN)]
