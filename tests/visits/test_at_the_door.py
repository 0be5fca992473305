"""Checking in, the two halves, the document: in time, by the right person, and never guessed or used twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.cases import answering, freezing
from backoffice.cases.models import CaseState, Command, Event, ItemState, WorkItem
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, Refused, TryRefused
from backoffice.staff.models import Role
from backoffice.trust.mutual_codes import Stage
from backoffice.visits import calling_off, handshake
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Found, VisitState
from backoffice.visits.visitor_card import card_for
from tests.factories import actor, make_customer, make_staff
from tests.playing import ask, customer_actor
from tests.visits.visiting import (
    agreed,
    alarms,
    at_the_door,
    by_customer,
    by_visitor,
    does,
    free_slot,
    half_a,
    half_b,
    in_the_window,
    now,
    step,
    wrong,
)

pytestmark = pytest.mark.django_db


# --- checking in ------------------------------------------------------------------------------------------------------


def test_checking_in_notes_the_time_and_a_coarse_place() -> None:
    visit = in_the_window()

    does(visit, "check_in", latitude="52.372760", longitude="4.893604")

    visit = visit_of(visit.case)
    assert (visit.state, visit.coarse_place, visit.location_refused) == (VisitState.AT_DOOR, "52.37, 4.89", False)
    item = WorkItem.objects.get(case=visit.case, kind="check_in")
    assert "52.372760" not in str(item.answer)


def test_a_visitor_who_does_not_share_the_place_checks_in_all_the_same() -> None:
    visit = in_the_window()

    does(visit, "check_in")

    visit = visit_of(visit.case)
    assert (visit.state, visit.coarse_place, visit.location_refused) == (VisitState.AT_DOOR, "", True)
    assert Event.objects.filter(case=visit.case, kind="visit.arrived_unlocated").exists()


@pytest.mark.parametrize(("begins_in", "may"), [(0.6, False), (0.4, True), (-2.4, True), (-2.6, False)])
def test_a_visitor_checks_in_from_half_an_hour_before_to_half_an_hour_after_the_window(
    begins_in: float, may: bool
) -> None:
    visit = agreed(slot=free_slot(hours=10))
    visit.starts = now() + timedelta(hours=begins_in)
    visit.ends = visit.starts + timedelta(hours=2)
    visit.save()
    item = step(visit, "check_in")

    if may:
        assert answering.answer(item_id=item.id, by=by_visitor(visit), data={}).outcome == "arrived"
    else:
        with pytest.raises(Conflict) as refused:
            answering.answer(item_id=item.id, by=by_visitor(visit), data={})
        assert refused.value.code == "not_now"


# --- the visitor's card -----------------------------------------------------------------------------------------------


def test_the_visitors_card_is_there_in_the_window_only() -> None:
    visit = agreed(slot=free_slot(hours=10))
    assert visit.starts is not None
    assert visit.ends is not None
    case = visit.case

    assert card_for(case, visit.starts - timedelta(seconds=1)) is None
    card = card_for(case, visit.starts)
    assert card is not None
    assert visit.visitor is not None
    assert (card.name, card.badge) == (visit.visitor.get_full_name(), visit.visitor.staff_profile.badge_number)
    assert card_for(case, visit.ends + timedelta(minutes=31)) is None


def test_the_visitors_card_goes_with_the_result() -> None:
    visit = at_the_door()
    assert card_for(visit.case, now()) is not None

    does(visit, "id_check", outcome="refused")

    assert card_for(visit.case, now()) is None


def test_the_visitors_card_is_not_there_while_the_case_is_paused_or_called_off() -> None:
    visit, other = in_the_window(), in_the_window()
    freezing.freeze(case_id=visit.case_id, by=actor(make_staff()), reason="suspicious")
    calling_off.nobody_expected(case_id=other.case_id, by=by_customer(other))

    visit.case.refresh_from_db()
    assert card_for(visit.case, now()) is None
    assert card_for(other.case, now()) is None


# --- the two halves ---------------------------------------------------------------------------------------------------


def test_first_the_visitor_proves_who_they_are_then_the_customer() -> None:
    visit = at_the_door()
    comparing, entering = ask(visit.case, "compare_half"), step(visit, "enter_half")
    assert handshake.half_a(visit.case, by=by_customer(visit)) is None
    assert visit.visitor is not None
    shown = handshake.half_b(visit.case, visitor=visit.visitor)
    assert shown == half_b(visit)

    same = answering.answer(item_id=comparing.id, by=by_customer(visit), data={"half": shown})
    told = handshake.half_a(visit.case, by=by_customer(visit))
    proven = answering.answer(item_id=entering.id, by=by_visitor(visit), data={"half": str(told)})

    assert (same.outcome, proven.outcome) == ("same", "proven")
    assert handshake.stage(visit.case) is Stage.DONE
    assert handshake.half_b(visit.case, visitor=visit.visitor) is None
    kept = repr(list(WorkItem.objects.values_list("answer", flat=True)))
    assert shown.replace(" ", "") not in kept.replace(" ", "")


def test_halves_are_shown_to_nobody_else() -> None:
    visit = at_the_door()

    assert handshake.half_b(visit.case, visitor=make_staff(role=Role.FIELD)) is None
    handshake.compare(visit.case, typed=half_b(visit), by=by_customer(visit), now=now())
    assert handshake.half_a(visit.case, by=customer_actor(make_customer())) is None
    assert handshake.half_a(visit.case, by=by_visitor(visit)) is None
    assert handshake.half_a(visit.case, by=by_customer(visit)) is not None


def test_no_half_is_shown_before_the_door_was_opened() -> None:
    visit = in_the_window()
    does(visit, "check_in")

    assert visit.visitor is not None
    assert handshake.half_b(visit.case, visitor=visit.visitor) is None
    assert handshake.stage(visit.case) is Stage.NONE


def test_the_customers_half_does_not_do_before_they_have_compared() -> None:
    visit = at_the_door()
    item = step(visit, "enter_half")

    with pytest.raises(TryRefused):
        answering.answer(item_id=item.id, by=by_visitor(visit), data={"half": "000000"})


def test_a_wrong_half_counts_and_the_item_stays_open_until_the_third() -> None:
    visit = at_the_door()
    item = ask(visit.case, "compare_half")
    bad = wrong(half_b(visit))

    for _ in range(2):
        with pytest.raises(TryRefused) as refused:
            answering.answer(item_id=item.id, by=by_customer(visit), data={"half": bad})
        assert refused.value.field == "half"
    done = answering.answer(item_id=item.id, by=by_customer(visit), data={"half": bad})

    item.refresh_from_db()
    assert (done.outcome, item.state) == ("different", ItemState.ANSWERED)
    assert visit_of(visit.case).found == Found.HALF_DIFFERENT
    signals = Command.objects.filter(case=visit.case, kind="signal").order_by("number")
    assert [s.payload.get("kind", s.payload.get("outcome")) for s in signals][-2:] == ["half_different", "different"]
    assert Event.objects.filter(case=visit.case, kind="visit.half_b_wrong").count() == 3


def test_the_third_wrong_half_of_the_customer_ends_the_visit() -> None:
    visit = at_the_door()
    handshake.compare(visit.case, typed=half_b(visit), by=by_customer(visit), now=now())
    bad = wrong(half_a(visit))
    item = step(visit, "enter_half")

    for _ in range(2):
        with pytest.raises(TryRefused):
            answering.answer(item_id=item.id, by=by_visitor(visit), data={"half": bad})
    done = answering.answer(item_id=item.id, by=by_visitor(visit), data={"half": bad})

    assert done.outcome == "not_proven"
    assert visit_of(visit.case).found == Found.NOT_PROVEN


def test_a_customer_who_sees_no_digits_calls_the_visit_off_at_once() -> None:
    visit = at_the_door()
    entering, item = step(visit, "enter_half"), ask(visit.case, "compare_half")

    answering.answer(item_id=item.id, by=by_customer(visit), data={"different": "on"})

    entering.refresh_from_db()
    visit.case.refresh_from_db()
    assert entering.state == ItemState.WITHDRAWN
    assert alarms(visit.case) == ["half_different"]


def test_halves_of_another_case_and_of_an_earlier_visit_do_not_do() -> None:
    visit, other = at_the_door(), at_the_door()
    foreign = half_b(other)
    item = ask(visit.case, "compare_half")
    if foreign == half_b(visit):
        pytest.skip("one chance in a million")

    with pytest.raises(TryRefused):
        answering.answer(item_id=item.id, by=by_customer(visit), data={"half": foreign})


def test_new_halves_are_given_when_the_ten_minutes_ran_out_twice_at_most() -> None:
    visit = at_the_door()
    old = half_b(visit)
    for minutes, again in ((11, True), (22, True), (33, False)):
        item = step(visit, "enter_half")
        late = now() + timedelta(minutes=minutes)
        if again:
            answering.answer(item_id=item.id, by=by_visitor(visit), data={"otherwise": "again"}, now=late)
        else:
            with pytest.raises(Conflict) as refused:
                answering.answer(item_id=item.id, by=by_visitor(visit), data={"otherwise": "again"}, now=late)
            assert refused.value.code == "no_more"
    assert visit.visitor is not None
    late = now() + timedelta(minutes=23)
    assert handshake.half_b(visit.case, visitor=visit.visitor, now=late) not in (None, old)


def test_no_new_halves_while_these_are_good_nor_after_too_many_guesses() -> None:
    visit = at_the_door()
    item = step(visit, "enter_half")

    with pytest.raises(Conflict) as refused:
        answering.answer(item_id=item.id, by=by_visitor(visit), data={"otherwise": "again"})
    assert refused.value.code == "still_good"
    for _ in range(3):
        handshake.compare(visit.case, typed=wrong("123 456"), by=by_customer(visit), now=now())
    with pytest.raises(Conflict) as refused:
        answering.answer(item_id=item.id, by=by_visitor(visit), data={"otherwise": "again"})
    assert refused.value.code == "spent"


def test_the_desk_compares_for_a_customer_who_rings() -> None:
    visit = at_the_door()
    item = ask(visit.case, "compare_half")
    hanna = actor(make_staff())

    wrongly = handshake.compare_for_caller(case_id=visit.case_id, typed=wrong(half_b(visit)), by=hanna)
    rightly = handshake.compare_for_caller(case_id=visit.case_id, typed=half_b(visit), by=hanna)

    item.refresh_from_db()
    assert (wrongly.right, rightly.right, item.state) == (False, True, ItemState.WITHDRAWN)
    with pytest.raises(Forbidden):
        handshake.compare_for_caller(case_id=visit.case_id, typed="1", by=actor(make_staff(role=Role.COMPLIANCE)))


def test_a_visitor_who_rings_the_desk_as_the_customer_does_not_hear_the_customers_half() -> None:
    visit = at_the_door()
    ask(visit.case, "compare_half")

    told = handshake.compare_for_caller(case_id=visit.case_id, typed=half_b(visit), by=actor(make_staff()))

    secret = half_a(visit)
    assert secret is not None
    assert secret not in repr(told)


def test_nothing_is_compared_when_none_of_ours_is_at_the_door() -> None:
    visit = in_the_window()
    item = ask(visit.case, "compare_half")

    with pytest.raises(Conflict) as refused:
        answering.answer(item_id=item.id, by=by_customer(visit), data={"half": "123456"})

    assert refused.value.code == "nobody_at_the_door"


# --- the document -----------------------------------------------------------------------------------------------------

MATCH = {
    "outcome": "match",
    "portrait": "yes",
    "document": "passport",
    "valid_until": "2099-01-31",
    "last_signs": "7K2P",
}


def test_a_match_keeps_kind_validity_and_the_last_four_signs_only() -> None:
    visit = at_the_door()

    item = does(visit, "id_check", **MATCH)

    assert item.outcome == "match"
    assert item.answer["last_signs"] == "7K2P"
    assert visit_of(visit.case).found == Found.MATCH
    assert Command.objects.filter(case=visit.case).latest("number").payload["facts"] == {}


@pytest.mark.parametrize(
    ("wrongly", "field"),
    [
        ({"portrait": ""}, "portrait"),
        ({"portrait": "no"}, "outcome"),
        ({"document": ""}, "document"),
        ({"valid_until": "2020-01-31"}, "valid_until"),
        ({"valid_until": "soon"}, "valid_until"),
        ({"last_signs": "NX4711234"}, "last_signs"),
        ({"last_signs": ""}, "last_signs"),
        ({"outcome": ""}, "outcome"),
    ],
)
def test_a_match_that_lacks_or_contradicts_something_is_refused(wrongly: dict[str, str], field: str) -> None:
    visit = at_the_door()
    item = step(visit, "id_check")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=by_visitor(visit), data=MATCH | wrongly)

    assert field in refused.value.errors


def test_all_that_is_missing_is_said_at_once() -> None:
    visit = at_the_door()
    item = step(visit, "id_check")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=by_visitor(visit), data={"outcome": "match"})

    assert set(refused.value.errors) == {"portrait", "document", "valid_until", "last_signs"}


def test_answering_a_step_twice_gives_the_first_result() -> None:
    visit = in_the_window()
    item = step(visit, "check_in")

    first = answering.answer(item_id=item.id, by=by_visitor(visit), data={})
    again = answering.answer(item_id=item.id, by=by_visitor(visit), data={})

    assert (first.again, again.again) == (False, True)
    assert Command.objects.filter(case=visit.case, signal="answered", payload__step="check_in").count() == 1


def test_nobody_at_home_and_a_refusal_end_the_attempt() -> None:
    for outcome in ("not_home", "refused"):
        visit = in_the_window()
        does(visit, "check_in")
        does(visit, "meet_customer", outcome=outcome)

        after = visit_of(visit.case)
        assert (after.state, after.found) == (VisitState.ENDED, Found(outcome))
        assert handshake.stage(visit.case) is Stage.NONE


def test_the_state_of_a_visit_needs_a_case_that_is_open() -> None:
    visit = at_the_door()
    visit.case.state = CaseState.FROZEN

    assert handshake.stage(visit.case) is Stage.NONE
    with pytest.raises(NotFound):
        handshake.enter(visit.case, typed="1", by=actor(make_staff(role=Role.FIELD)), now=now())
    assert issubclass(TryRefused, Refused)
