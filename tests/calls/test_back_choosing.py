"""Choosing when we call: in the portal's form, against staffed hours and the customer's own clock; moving and calling
off; and each refusal."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from backoffice.calls.back import calling_off, moving, offering, opening, ringing_back, staffing
from backoffice.calls.back.models import CallBack, CallBackState, StaffedQuarter
from backoffice.calls.back.records import call_back_of
from backoffice.cases import answering, keeping_from
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.opening import open_by_form
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, Refused
from backoffice.staff.models import Role
from tests.calls.call_backs import (
    QUARTER,
    announced,
    key_of,
    number_of,
    of_ourselves,
    signals_of,
    staff_hours,
    told,
    tomorrow,
    wish,
)
from tests.factories import actor, change_phone, make_card, make_customer, make_staff, now
from tests.playing import advance, ask, customer_actor, open_card_case
from workflows.base.contracts import DoEffect, OpenChild

pytestmark = pytest.mark.django_db


def row(case: Case) -> CallBack:
    return CallBack.objects.get(case=case)


def taken(starts: datetime) -> int:
    return StaffedQuarter.objects.get(starts=starts, role=Role.SUPPORT).taken


def test_a_wish_takes_a_place_and_starts_the_process_with_its_window() -> None:
    starts, customer = staff_hours(), make_customer()
    case = wish(customer, starts)

    assert (row(case).state, row(case).starts, row(case).asked_by_customer) == (CallBackState.AGREED, starts, True)
    assert taken(starts) == 1
    started = case.outbox.get(kind="start").payload["facts"]
    assert datetime.fromisoformat(started["booked"]["starts"]) == starts


def test_a_case_of_theirs_is_what_the_budget_counts_by_and_the_sheet_is_its_process_s() -> None:
    card = make_card()
    about = open_card_case(card)
    case = wish(card.customer, staff_hours(), what=f"case:{about.reference}")

    from backoffice.calls.back.records import matter_of, sheet_of

    found = call_back_of(Case.objects.select_related("customer").get(pk=case.pk))
    assert matter_of(found) == about.id.hex
    assert str(sheet_of(found).team) == "the cards team"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("what", "case:K7Q-4MX-2", "no such case"),
        ("what", "", "what it is about"),
        ("number", "0", "only numbers that we have on file"),
        ("window", "20200101T1000-20200101T1015", "no longer free"),
        ("window", "x", "no longer free"),
        ("window", "", "Choose a time"),
    ],
    ids=["another's case", "nothing", "no number of theirs", "past", "no window", "no time"],
)
def test_what_is_not_offered_is_refused_on_its_field(field: str, value: str, words: str) -> None:
    starts, customer = staff_hours(), make_customer()
    with pytest.raises(Invalid, match=words) as refused:
        wish(customer, starts, **{field: value})  # type: ignore[arg-type]

    assert list(refused.value.errors) == [field]
    assert not Case.objects.exists()
    assert taken(starts) == 0


def test_a_number_that_is_too_young_or_was_swapped_is_refused_with_the_reason_and_another_way() -> None:
    starts, customer = staff_hours(), make_customer()
    change_phone(customer=customer, days_ago=3)
    assert "may call" in opening.why_not(customer)
    with pytest.raises(Invalid, match=r"younger than seven days.*by mail or by letter") as refused:
        wish(customer, starts)
    assert list(refused.value.errors) == ["number"]

    customer.contact_points.update(sim_swapped_at=now())
    with pytest.raises(Invalid, match="swapped or moved"):
        wish(customer, starts)


def test_a_second_call_about_the_same_is_refused_with_the_way_to_the_first() -> None:
    starts, customer = staff_hours(agents=3), make_customer()
    first = wish(customer, starts)
    with pytest.raises(Conflict, match=first.reference) as refused:
        wish(customer, starts + QUARTER)
    assert refused.value.field == "what"
    wish(customer, starts + QUARTER, what="topic:domains")


def test_only_staffed_hours_within_the_customer_s_day_are_offered() -> None:
    starts = staff_hours(starts=tomorrow(5, 30), quarters=8)
    for zone, first in (("Europe/Amsterdam", None), ("Asia/Tokyo", starts), ("America/New_York", None)):
        found = offering.windows(role=Role.SUPPORT, time_zone=zone, since=now(), now=now())
        local = [window.starts.astimezone(ZoneInfo(zone)) for window in found]
        assert all(8 <= at.hour < 21 for at in local)
        assert first is None or found[0].starts == first
    assert offering.windows(role=Role.SUPERVISOR, time_zone="Asia/Tokyo", since=now(), now=now()) == []


def test_kept_places_are_for_those_whom_we_missed_until_two_hours_before() -> None:
    starts = staff_hours(agents=1, kept=1)
    told_now = {"role": Role.SUPPORT, "time_zone": "Europe/Amsterdam", "since": now()}

    assert offering.windows(**told_now, now=now()) == []  # type: ignore[arg-type]
    assert len(offering.windows(**told_now, now=now(), first_in_line=True)) == 4  # type: ignore[arg-type]
    late = offering.windows(**told_now, now=starts - timedelta(hours=2))  # type: ignore[arg-type]
    assert [window.starts for window in late] == [starts]


def test_a_call_is_moved_until_it_is_dialled_and_a_place_never_lost() -> None:
    starts = staff_hours()
    agreed = announced(starts=starts)
    agreed.prepare()
    later = starts + QUARTER
    moving.move(case_id=agreed.case.id, window=key_of(later), by=agreed.customer, now=starts - timedelta(minutes=50))
    moving.move(case_id=agreed.case.id, window=key_of(later), by=agreed.customer, now=starts - timedelta(minutes=50))

    assert (taken(starts), taken(later)) == (0, 1)
    assert [name for name, _facts in signals_of(agreed.case)] == ["call_moved"]
    agreed.item.refresh_from_db()
    assert agreed.item.state == ItemState.WITHDRAWN
    with pytest.raises(Invalid, match="no longer free") as refused:
        moving.move(case_id=agreed.case.id, window="x", by=agreed.customer)
    assert list(refused.value.errors) == ["window"]
    with pytest.raises(NotFound):
        moving.move(case_id=agreed.case.id, window=key_of(starts), by=customer_actor(make_customer()))


def test_what_is_dialled_is_neither_moved_nor_called_off() -> None:
    agreed = announced()
    agreed.dial()
    with pytest.raises(Conflict, match="A call about this goes on, or has just ended"):
        moving.move(case_id=agreed.case.id, window=key_of(agreed.starts + QUARTER), by=agreed.customer)
    with pytest.raises(Conflict, match="A call about this goes on, or has just ended"):
        calling_off.call_off(case_id=agreed.case.id, for_good=True, by=agreed.customer)


@pytest.mark.parametrize("for_good", [True, False])
def test_who_wants_no_call_gets_none_and_the_place_is_free(for_good: bool) -> None:
    agreed = announced()
    agreed.prepare()
    ask(agreed.case, "look_into_incident")
    calling_off.call_off(case_id=agreed.case.id, for_good=for_good, by=agreed.customer)

    assert agreed.row.state == CallBackState.OVER
    assert taken(agreed.starts) == 0
    assert [name for name, _facts in signals_of(agreed.case)] == ["call_called_off"]
    assert ringing_back.waiting(agreed.case.customer) == []
    left = WorkItem.objects.filter(case=agreed.case, state=ItemState.OPEN).values_list("kind", flat=True)
    assert list(left) == ["look_into_incident"], "what went wrong is still looked into"
    with pytest.raises(Conflict, match="called off"):
        calling_off.call_off(case_id=agreed.case.id, for_good=for_good, by=agreed.customer)


def test_who_is_kept_from_a_case_is_kept_from_every_call_about_it_and_from_the_questions_after_it() -> None:
    about, hanna, starts = open_card_case(make_card()), make_staff(role=Role.SUPPORT), staff_hours()
    with changing(about.id) as locked:
        keeping_from.keep_from(locked, users=[hanna], now=now())
    wished = wish(about.customer, starts, what=f"case:{about.reference}")
    ours = of_ourselves(about.customer, about=str(about.id))
    questions = of_ourselves(about.customer, survey_of=str(wished.id))

    assert [keeping_from.is_kept_from(one, hanna) for one in (wished, ours, questions)] == [True] * 3


def test_under_another_case_the_customer_chooses_or_says_no() -> None:
    parent, starts = open_card_case(make_card()), staff_hours()
    advance(parent, children=(OpenChild("call_back", "call_back"),))
    case = Case.objects.get(parent=parent)
    advance(case, effects=(DoEffect("may_we_call"),))
    item = ask(case, "choose_window", stage="slot")
    by = customer_actor(case.customer)
    with pytest.raises(Invalid, match="Choose a time") as refused:
        answering.answer(item_id=item.id, by=by, data={"how": "call", "window": ""})
    assert list(refused.value.errors) == ["window"]
    answering.answer(item_id=item.id, by=by, data={"how": "call", "window": key_of(starts)})
    assert (row(case).starts, row(case).about_id) == (starts, parent.id)

    again = ask(case, "choose_window")
    receipt = answering.answer(item_id=again.id, by=by, data={"how": "no_call", "window": "nonsense"})
    assert receipt.outcome == "declined"


def test_who_chooses_nothing_gets_the_next_free_time_and_where_nobody_is_staffed_a_supervisor_finds_one() -> None:
    parent = open_card_case(make_card())
    advance(parent, children=(OpenChild("call_back", "call_back"),))
    case = Case.objects.get(parent=parent)
    assert advance(case, effects=(DoEffect("book_next"),)).facts == {}
    item, by = ask(case, "find_time"), actor(make_staff(role=Role.SUPERVISOR))
    for starts, words in (
        (tomorrow(10, 7), "full quarter"),
        (tomorrow(2, days=2), "before 08:00"),
        (tomorrow(10, days=40), "within thirty days"),
        ("", "Choose when"),
    ):
        with pytest.raises(Invalid, match=words) as refused:
            answering.answer(item_id=item.id, by=by, data={"how": "found", "starts": _typed(starts)})
        assert list(refused.value.errors) == ["starts"]
    answering.answer(item_id=item.id, by=by, data={"how": "found", "starts": _typed(tomorrow())})

    assert (row(case).starts, taken(tomorrow())) == (tomorrow(), 1)
    later = staff_hours(starts=tomorrow(11))
    case_two = of_ourselves(make_customer(), about=str(parent.id), soon=True)
    assert datetime.fromisoformat(advance(case_two, effects=(DoEffect("book_next"),)).facts["starts"]) == later
    for who, asked in ((by, False), (customer_actor(case_two.customer), True)):
        later += QUARTER
        moving.move(case_id=case_two.id, window=key_of(later), by=who)
        assert (row(case_two).starts, row(case_two).asked_by_customer) == (later, asked), "whoever chooses, asks for it"


def test_what_is_promised_is_never_taken_back_by_staffing_fewer() -> None:
    starts = staff_hours(agents=2)
    wish(make_customer(), starts)
    with pytest.raises(Invalid, match="1 calls are promised") as refused:
        staff_hours(starts=starts, agents=0)
    assert list(refused.value.errors) == ["agents"]
    staff_hours(starts=starts, agents=1)
    assert taken(starts) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "approver"}, "role"),
        ({"starts": tomorrow(10, 7)}, "starts"),
        ({"starts": datetime(2020, 1, 1, tzinfo=UTC)}, "starts"),
        ({"ends": tomorrow(10)}, "ends"),
        ({"agents": -1}, "agents"),
        ({"kept": 3}, "kept"),
    ],
    ids=["role", "no quarter", "past", "no length", "agents", "kept"],
)
def test_staffed_hours_that_cannot_be_are_refused_on_their_field(change: dict[str, object], field: str) -> None:
    whole = {"role": Role.SUPPORT, "starts": tomorrow(10), "ends": tomorrow(11), "agents": 2, "kept": 0, **change}
    with pytest.raises(Invalid) as refused:
        staffing.enter(
            staffed=staffing.Staffed(**whole),  # type: ignore[arg-type]
            by=actor(make_staff(role=Role.SUPERVISOR)),
            now=now(),
        )
    assert field in refused.value.errors
    assert not StaffedQuarter.objects.exists()


def test_only_supervisors_staff_hours() -> None:
    staffed = staffing.Staffed(Role.SUPPORT, tomorrow(10), tomorrow(11), 1)
    with pytest.raises(Forbidden, match="Only a supervisor"):
        staffing.enter(staffed=staffed, by=actor(make_staff(role=Role.SUPPORT)), now=now())


@pytest.mark.django_db(transaction=True)
def test_of_two_customers_who_want_the_last_place_at_once_one_gets_it() -> None:
    starts = staff_hours(agents=1, quarters=1)
    customers = [make_customer() for _ in range(6)]
    wishes = [told(customer, starts) for customer in customers]

    def want(number: int) -> str:
        try:
            return _wish(customers[number], wishes[number])
        except Refused as refused:
            return refused.field or "window"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(customers)) as pool:
        came = sorted(pool.map(want, range(len(customers))))

    assert came == ["booked", *["window"] * 5]
    assert taken(starts) == 1
    assert WorkItem.objects.count() == 0


def _wish(customer: Customer, data: dict[str, str]) -> str:
    by, key = customer_actor(customer), str(uuid.uuid4())
    open_by_form(process="call_back", customer=customer, by=by, key=key, data=data)
    return "booked"


def _typed(at: datetime | str) -> str:
    return at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M")


def test_the_number_is_not_the_other_customer_s() -> None:
    starts, customer = staff_hours(), make_customer()
    with pytest.raises(Invalid, match="on file"):
        wish(customer, starts, number=str(number_of(make_customer()).pk))
