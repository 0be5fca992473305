"""Which times are offered, and that a time goes to one visit only."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from backoffice.cases import answering
from backoffice.cases.models import Command, Event, ItemState, WorkItem
from backoffice.refusals import Conflict, Invalid, NotFound, Refused
from backoffice.staff.models import Role
from backoffice.visits import booking, moving, offering
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Slot, VisitState
from tests.factories import actor, make_customer, make_staff
from tests.playing import ask, customer_actor
from tests.visits.visiting import agreed, by_customer, choice, free_slot, key_of, now, open_visit

pytestmark = pytest.mark.django_db


def offered(case: object, **fields: object) -> list[str]:
    return [window.key for window in offering.windows(visit_of(case), now=now())]  # type: ignore[arg-type]


def test_free_windows_of_the_next_ten_days_are_offered_once_each_and_in_order() -> None:
    case = open_visit()
    later, sooner = free_slot(hours=50), free_slot(hours=30)
    Slot.objects.create(visitor=make_staff(role=Role.FIELD), starts=sooner.starts, ends=sooner.ends)
    free_slot(hours=11 * 24)
    free_slot(hours=-3)

    assert offered(case) == [key_of(sooner), key_of(later)]


def test_a_window_that_is_open_is_offered_while_half_an_hour_is_left() -> None:
    case = open_visit()
    open_now = free_slot(hours=-1.4)
    free_slot(hours=-1.6)

    assert offered(case) == [key_of(open_now)]


@pytest.mark.parametrize("what", ["not certified", "runs out before", "left", "asked for the case"])
def test_a_visitor_who_may_not_go_is_not_offered(what: str) -> None:
    visitor = make_staff(role=Role.FIELD)
    case = open_visit(requester=visitor if what == "asked for the case" else None)
    free_slot(visitor=visitor)
    if what == "not certified":
        visitor.staff_profile.certified_visitor = False
    if what == "runs out before":
        visitor.staff_profile.certified_until = (now() + timedelta(days=1)).date()
    visitor.staff_profile.save()
    visitor.is_active = what != "left"
    visitor.save()

    assert offered(case) == []


def test_windows_kept_for_those_whom_we_missed_are_theirs_until_the_day_before() -> None:
    case = open_visit()
    kept = free_slot(hours=60, kept_for_missed=True)
    tomorrow = free_slot(hours=23, kept_for_missed=True)

    assert offered(case) == [key_of(tomorrow)]
    visit = visit_of(case)
    visit.first_in_line = True
    visit.save()
    assert offered(case) == [key_of(tomorrow), key_of(kept)]


def test_a_window_is_at_most_two_and_a_half_hours_long_and_overlaps_no_other() -> None:
    slot = free_slot()

    with pytest.raises(Invalid):
        free_slot(length=2.6)
    with pytest.raises(Conflict):
        offering.enter_slot(
            visitor=slot.visitor, starts=slot.starts + timedelta(hours=1), ends=slot.ends + timedelta(hours=1)
        )
    assert offering.enter_slot(visitor=slot.visitor, starts=slot.starts, ends=slot.ends) == slot


def test_choosing_takes_the_window_and_tells_the_process_only_when() -> None:
    case, slot = open_visit(), free_slot()
    item = ask(case, "choose_visit")

    answering.answer(item_id=item.id, by=customer_actor(case.customer), data=choice(case, slot))

    visit = visit_of(case)
    slot.refresh_from_db()
    assert (visit.state, visit.attempt, visit.starts, slot.taken_by_id) == (VisitState.AGREED, 1, slot.starts, case.id)
    told = Command.objects.get(case=case, signal="answered").payload
    assert told["outcome"] == "booked"
    assert set(told["facts"]) == {"starts", "ends"}


def test_declining_names_another_way() -> None:
    case = open_visit()
    item = ask(case, "choose_visit")

    done = answering.answer(item_id=item.id, by=customer_actor(case.customer), data={"how": "remote"})

    assert done.outcome == "declined"
    assert Command.objects.get(case=case, signal="answered").payload["facts"] == {"alternative": "remote"}


def test_a_visit_needs_a_time_and_a_place_and_says_so_at_once() -> None:
    case = open_visit()
    free_slot()
    item = ask(case, "choose_visit")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=customer_actor(case.customer), data={"how": "visit"})

    assert set(refused.value.errors) == {"day", "window", "place"}


def test_the_address_of_another_customer_is_no_place() -> None:
    case, slot = open_visit(), free_slot()
    item = ask(case, "choose_visit")
    other = booking.places(make_customer())[0]

    with pytest.raises(Invalid) as refused:
        answering.answer(
            item_id=item.id, by=customer_actor(case.customer), data=choice(case, slot) | {"place": str(other.pk)}
        )

    assert set(refused.value.errors) == {"place"}


def test_no_address_gets_into_the_timeline_or_to_the_process() -> None:
    visit = agreed()
    assert visit.place is not None

    said = repr(list(Event.objects.values_list("data", flat=True))) + repr(list(Command.objects.values_list("payload")))

    assert "Keizersgracht" in visit.place.value
    assert "Keizersgracht" not in said


@pytest.mark.django_db(transaction=True)
def test_of_many_customers_who_choose_the_last_window_at_once_one_gets_it() -> None:
    slot = free_slot()
    items = [(case, ask(case, "choose_visit")) for case in (open_visit() for _ in range(6))]
    got: list[str] = []
    barrier = threading.Barrier(len(items))

    def choose(case: object, item: object) -> None:
        barrier.wait()
        try:
            by = customer_actor(case.customer)  # type: ignore[attr-defined]
            answering.answer(item_id=item.id, by=by, data=choice(case, slot))  # type: ignore[attr-defined,arg-type]
            got.append("booked")
        except Invalid as refused:
            got.append(next(iter(refused.errors)))
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=pair) for pair in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == ["booked"] + ["window"] * 5
    assert WorkItem.objects.filter(kind="choose_visit", state=ItemState.ANSWERED).count() == 1
    assert Slot.objects.get().taken_by is not None


def test_a_visit_is_moved_and_its_old_time_is_free_again() -> None:
    old, new = free_slot(hours=48), free_slot(hours=72)
    visit = agreed(slot=old)

    moved = moving.move(case_id=visit.case_id, window=key_of(new), by=by_customer(visit))

    old.refresh_from_db()
    new.refresh_from_db()
    assert (moved.starts, moved.visitor, old.taken_by_id, new.taken_by_id) == (new.starts, None, None, visit.case_id)
    told = Command.objects.get(case=visit.case, signal="happened").payload
    assert told["kind"] == "visit_moved"
    assert datetime.fromisoformat(told["facts"]["starts"]) == moved.starts


def test_a_visit_is_not_moved_within_a_day_nor_to_a_time_that_is_gone_nor_by_another() -> None:
    soon = agreed(slot=free_slot(hours=23))
    visit = agreed(slot=free_slot(hours=72))
    taken = free_slot(hours=90)
    agreed(slot=taken)

    refusals: list[tuple[type[Refused], object, str, object]] = [
        (Conflict, soon, key_of(free_slot(hours=48)), by_customer(soon)),
        (Invalid, visit, key_of(taken), by_customer(visit)),
        (NotFound, visit, key_of(free_slot(hours=96)), customer_actor(make_customer())),
        (Refused, visit, key_of(free_slot(hours=98)), actor(make_staff(role=Role.COMPLIANCE))),
    ]
    for kind, which, window, by in refusals:
        with pytest.raises(kind):
            moving.move(case_id=which.case_id, window=window, by=by)  # type: ignore[attr-defined,arg-type]

    assert not Command.objects.filter(signal="happened").exists()
    assert visit_of(visit.case).starts == visit.starts


def test_moving_to_the_same_time_changes_nothing() -> None:
    slot = free_slot(hours=72)
    visit = agreed(slot=slot)

    moving.move(case_id=visit.case_id, window=key_of(slot), by=by_customer(visit))

    assert not Command.objects.filter(signal="happened").exists()
    assert visit_of(visit.case).visitor == slot.visitor
