"""What ends a visit at once, and what follows from how it ended."""

from __future__ import annotations

import uuid
from datetime import UTC, timedelta

import pytest

from backoffice.actors import Channel, system
from backoffice.cases import answering, freezing, withdrawing
from backoffice.cases.models import Case, CaseState, Command, Event, ItemState
from backoffice.cases.opening import open_case
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from backoffice.visits import calling_off, results
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Found, Slot, VisitState
from backoffice.visits.today import visits_of
from tests.factories import actor, make_card, make_customer, make_staff
from tests.playing import advance, ask, customer_actor, open_card_case
from tests.visits.visiting import (
    agreed,
    alarms,
    at_the_door,
    by_customer,
    by_visitor,
    does,
    free_slot,
    in_the_window,
    now,
    open_visit,
    step,
)
from workflows.base.contracts import DoEffect, OpenChild, SendNotice

pytestmark = pytest.mark.django_db


def signals(case: Case) -> list[str]:
    return list(
        Command.objects.filter(case=case, signal="happened").order_by("number").values_list("payload__kind", flat=True)
    )


# --- the customer expects nobody --------------------------------------------------------------------------------------


def test_i_expect_nobody_calls_the_visitor_off_before_the_process_has_heard_of_it() -> None:
    visit = in_the_window()
    item = step(visit, "check_in")

    calling_off.nobody_expected(case_id=visit.case_id, by=by_customer(visit))
    calling_off.nobody_expected(case_id=visit.case_id, by=by_customer(visit))

    after = visit_of(visit.case)
    item.refresh_from_db()
    visit.case.refresh_from_db()
    assert (after.state, after.found, item.state) == (VisitState.ENDED, Found.NOBODY_EXPECTED, ItemState.WITHDRAWN)
    assert alarms(visit.case) == ["nobody_expected"]
    assert signals(visit.case) == ["nobody_expected"]
    with pytest.raises(Conflict):
        answering.answer(item_id=item.id, by=by_visitor(visit), data={})


def test_i_expect_nobody_alarms_also_when_no_visit_is_agreed() -> None:
    case = open_visit()

    calling_off.nobody_expected(case_id=case.id, by=customer_actor(case.customer))

    case.refresh_from_db()
    assert alarms(case) == ["nobody_expected"]
    assert signals(case) == []


def test_only_the_case_s_customer_or_the_desk_calls_a_visitor_off() -> None:
    visit = in_the_window()

    with pytest.raises(NotFound):
        calling_off.nobody_expected(case_id=visit.case_id, by=customer_actor(make_customer()))
    with pytest.raises(NotFound):
        calling_off.nobody_expected(case_id=uuid.uuid4(), by=by_customer(visit))
    with pytest.raises(Forbidden):
        calling_off.nobody_expected(case_id=visit.case_id, by=by_visitor(visit))
    calling_off.nobody_expected(case_id=visit.case_id, by=actor(make_staff()))
    assert signals(visit.case) == ["nobody_expected"]


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_a_cancelled_visit_frees_its_time() -> None:
    slot = free_slot()
    visit = agreed(slot=slot)

    calling_off.cancel(case_id=visit.case_id, alternative="branch", by=by_customer(visit))

    slot.refresh_from_db()
    assert slot.taken_by is None
    assert visit_of(visit.case).found == Found.CANCELLED
    assert Command.objects.get(case=visit.case, signal="happened").payload["facts"] == {"alternative": "branch"}


def test_a_visit_is_not_cancelled_for_nothing_nor_at_the_door_nor_by_another() -> None:
    visit, here, none = agreed(), at_the_door(), open_visit()

    with pytest.raises(Invalid):
        calling_off.cancel(case_id=visit.case_id, alternative="magic", by=by_customer(visit))
    with pytest.raises(Conflict):
        calling_off.cancel(case_id=here.case_id, alternative="branch", by=by_customer(here))
    with pytest.raises(Conflict):
        calling_off.cancel(case_id=none.id, alternative="branch", by=customer_actor(none.customer))
    with pytest.raises(NotFound):
        calling_off.cancel(case_id=visit.case_id, alternative="branch", by=customer_actor(make_customer()))
    with pytest.raises(Forbidden):
        calling_off.cancel(case_id=visit.case_id, alternative="branch", by=actor(make_staff(role=Role.COMPLIANCE)))
    assert not Command.objects.filter(signal="happened").exists()


# --- the visitor does not feel safe -----------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["agreed", "at the door"])
def test_a_visitor_who_does_not_feel_safe_ends_the_visit_at_once(when: str) -> None:
    visit = in_the_window() if when == "agreed" else at_the_door()
    assert visit.visitor is not None

    for _ in range(2):
        calling_off.feels_unsafe(case_id=visit.case_id, by=by_visitor(visit), user=visit.visitor)

    visit.case.refresh_from_db()
    assert visit_of(visit.case).found == Found.UNSAFE
    assert alarms(visit.case) == ["visitor_unsafe"]
    assert signals(visit.case) == ["visitor_unsafe"]


def test_nobody_else_says_that_the_visitor_is_unsafe_and_not_after_the_visit() -> None:
    visit, over = in_the_window(), at_the_door()
    other = make_staff(role=Role.FIELD)
    does(over, "id_check", outcome="refused")

    with pytest.raises(NotFound):
        calling_off.feels_unsafe(case_id=visit.case_id, by=actor(other, channel=Channel.FIELD), user=other)
    assert over.visitor is not None
    with pytest.raises(Conflict):
        calling_off.feels_unsafe(case_id=over.case_id, by=by_visitor(over), user=over.visitor)


# --- what follows -----------------------------------------------------------------------------------------------------


def test_a_missed_visit_puts_the_customer_first_in_line_until_they_book_again() -> None:
    visit = agreed()

    advance(visit.case, effects=(DoEffect("missed"),), notices=(SendNotice("visit_missed_by_us"),))

    after = visit_of(visit.case)
    assert (after.found, after.first_in_line) == (Found.MISSED, True)
    again = agreed(case=visit.case)
    assert (again.attempt, again.first_in_line, again.found) == (2, False, Found.NOTHING)


def test_an_alarm_marks_the_case_until_a_supervisor_has_looked_into_it() -> None:
    visit = at_the_door()
    advance(visit.case, effects=(DoEffect("alarm", {"why": "no_result"}),))
    assert (alarms(visit.case), visit_of(visit.case).found) == (["no_result"], Found.NO_RESULT)
    item = ask(visit.case, "look_into_alarm")

    answering.answer(
        item_id=item.id,
        by=actor(make_staff(role=Role.SUPERVISOR)),
        data={"outcome": "new_visit", "reason": "the telephone was empty"},
    )

    visit.case.refresh_from_db()
    assert alarms(visit.case) == []


def test_an_alarm_is_marked_once() -> None:
    visit = in_the_window()
    calling_off.nobody_expected(case_id=visit.case_id, by=by_customer(visit))

    advance(visit.case, effects=(DoEffect("alarm", {"why": "nobody_expected"}),))

    assert Event.objects.filter(case=visit.case, kind="case.attention").count() == 1
    assert visit_of(visit.case).found == Found.NOBODY_EXPECTED


def test_a_mismatch_freezes_the_family_and_compliance_answers_meanwhile() -> None:
    parent = open_card_case(make_card())
    advance(parent, children=(OpenChild("home_visit", "home_visit"),))
    case = Case.objects.get(parent=parent)
    visit = in_the_window(case=case)
    does(visit, "check_in")
    does(visit, "meet_customer", outcome="opened")
    does(visit, "id_check", outcome="mismatch")

    item = ask(case, "look_into_mismatch", effects=(DoEffect("freeze"),))

    parent.refresh_from_db()
    case.refresh_from_db()
    assert {parent.state, case.state} == {CaseState.FROZEN}
    assert Message.objects.filter(template="case_frozen").count() == 1
    answer = {"outcome": "confirmed", "reason": "the portrait is another person"}
    with pytest.raises(Forbidden):
        answering.answer(item_id=item.id, by=actor(make_staff(role=Role.SUPPORT)), data=answer)
    done = answering.answer(item_id=item.id, by=actor(make_staff(role=Role.COMPLIANCE)), data=answer)
    assert done.outcome == "confirmed"
    case.refresh_from_db()
    assert case.state == CaseState.FROZEN
    freezing.unfreeze(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="looked into")
    parent.refresh_from_db()
    assert parent.state == CaseState.OPEN


def test_a_withdrawn_case_calls_its_visitor_off_and_frees_their_time() -> None:
    slot = free_slot()
    visit = agreed(slot=slot)
    withdrawing.withdraw(case_id=visit.case_id, by=by_customer(visit))

    advance(visit.case, effects=(DoEffect("release"),), compensating=True)

    slot.refresh_from_db()
    assert slot.taken_by is None
    assert visit_of(visit.case).found == Found.WITHDRAWN


def test_releasing_changes_no_result() -> None:
    visit = at_the_door()
    does(visit, "id_check", outcome="mismatch")

    advance(visit.case, effects=(DoEffect("release"),), compensating=True)

    assert visit_of(visit.case).found == Found.MISMATCH


def test_a_visit_under_a_case_is_named_after_its_subject() -> None:
    parent = open_card_case(make_card())
    advance(parent, children=(OpenChild("home_visit", "home_visit"),))

    case = Case.objects.get(parent=parent)

    assert case.subject == parent.subject != ""
    assert Command.objects.get(case=case, number=1).payload["facts"] == {"under": "card_reissue"}


# --- the day's list ---------------------------------------------------------------------------------------------------


def test_the_days_visits_come_in_order_with_the_next_step_and_the_address_while_they_are_on() -> None:
    visitor = make_staff(role=Role.FIELD)
    noon = (now() + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    late, early = (
        Slot.objects.create(visitor=visitor, starts=noon + add, ends=noon + add + timedelta(hours=2))
        for add in (timedelta(hours=3), timedelta(hours=0))
    )
    second, first = agreed(slot=late), agreed(slot=early)
    agreed(slot=free_slot())
    item = step(first, "check_in")
    freezing.freeze(case_id=second.case_id, by=actor(make_staff()), reason="suspicious")

    day = visits_of(visitor, noon.date(), zone=UTC)

    assert [planned.visit.case_id for planned in day] == [first.case_id, second.case_id]
    assert [planned.item for planned in day] == [item, None]
    assert [planned.paused for planned in day] == [False, True]
    assert "Keizersgracht" in day[0].address
    assert day[1].address == ""
    assert visits_of(visitor, noon.date() + timedelta(days=1)) == []


def test_every_end_has_a_sentence() -> None:
    from backoffice.cases import sentences

    assert all(sentences.known(f"visit.{found}") for found in Found.values if found)


def test_a_visit_of_its_own_is_opened_for_a_customer_who_lost_everything() -> None:
    case, _new = open_case(
        process="home_visit", customer=make_customer(), by=system(), key="lost everything", content={}
    )

    assert visit_of(case).state == VisitState.PROPOSED
    assert Command.objects.get(case=case).payload["facts"] == {}


def test_ending_twice_is_ending_once() -> None:
    visit = at_the_door()
    results.end(visit.case, found=Found.REFUSED, by=by_visitor(visit), now=now())

    results.end(visit.case, found=Found.MATCH, by=by_visitor(visit), now=now())

    assert visit_of(visit.case).found == Found.REFUSED
