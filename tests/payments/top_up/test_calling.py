"""A customer on the telephone: what each key leads to, and that no money moves before all is agreed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from backoffice.cases import freezing
from backoffice.cases.models import Case, Event
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.top_up import calling, codes, limits
from backoffice.payments.top_up.models import Farewell, Step, TopUp, TopUpCall
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.models import Role as StaffRole
from backoffice.voice.contract import (
    Ask,
    Asked,
    Capture,
    Captured,
    Item,
    Left,
    Outcome,
    Role,
    Say,
    Why,
)
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import actor, make_customer, make_staff, now
from tests.payments.making import make_card_on_file
from tests.payments.top_up.calling_us import (
    Caller,
    agreed,
    let_in,
    noted,
    number_of,
    on_file,
    signalled,
    top_up_of,
    waiting,
)
from tests.playing import close, customer_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return waiting(make_customer(language="en"))


def ended(caller: Caller) -> str:
    """How the caller hears that it ended."""
    assert isinstance(caller.told, Say)
    return str(caller.call.farewell)


def test_who_keys_in_all_and_agrees_is_read_back_what_is_charged(case: Case) -> None:
    make_card_on_file(case.customer, last_four="1111", kept_at=now() - timedelta(days=60))
    card = make_card_on_file(case.customer, last_four="4242")
    caller = Caller(on_file(case.customer))
    ask = caller.told
    assert isinstance(ask, Ask)
    assert (ask.least, ask.most, ask.seconds, ask.tries) == (12, 12, 60, 3)
    caller.keys(number_of(case))
    assert caller.hears.startswith("How much do you want to add? Key in whole euros")
    caller.keys("25")
    assert caller.hears.startswith(
        "For the card that ends in four, two, four, two, press 1. For the card that ends in one"
    )
    caller.keys("1")
    assert caller.hears.startswith(
        "You add twenty-five euros to your balance. It is charged to the card that ends in four"
    )
    agreement = caller.told
    assert isinstance(agreement, Ask)
    assert agreement.whole
    caller.keys("1")
    capture = caller.told
    assert isinstance(capture, Capture)
    assert capture.items == (Item.SECURITY_CODE,)
    assert signalled(case) == 0
    caller.is_captured("cvctok_1")

    top_up = top_up_of(case)
    assert (top_up.amount, top_up.card, top_up.token, top_up.agreed_in) == (25_00, card, "cvctok_1", caller.call)
    assert signalled(case) == 1
    assert noted(case) == ["top_up.code_shown", "top_up.caller_proven", "top_up.agreed"]
    assert calling.proceed(caller.conversation, now()) == []
    assert "cvctok_1" not in str(list(Event.objects.values_list("data")))


def test_nothing_is_read_out_before_the_digits_are_right(case: Case) -> None:
    make_card_on_file(case.customer)
    right = number_of(case)
    caller = Caller()
    for wrong in (right[:4] + f"{(int(right[4:]) + 1) % 10**8:08d}", "0" * 12):
        caller.keys(wrong)
        assert caller.hears.startswith("This number is not right. Key in the 12 digits")
        assert caller.call.top_up is None
    caller.keys("9" * 12)

    assert ended(caller) == Farewell.WRONG_CODE
    assert "number is not right" in caller.hears
    caller.hears_all()
    assert caller.call.step == Step.OVER


def test_a_number_is_blocked_after_three_wrong_tries_whoever_calls(case: Case) -> None:
    right = number_of(case)
    wrong = right[:4] + f"{(int(right[4:]) + 1) % 10**8:08d}"
    for _each in range(codes.TRIES):
        Caller().keys(wrong)
    caller = Caller()

    caller.keys(right)

    assert caller.call.top_up is None
    assert "not right" in caller.hears


def test_a_number_is_good_once_and_for_ten_minutes_and_a_newer_one_voids_it(case: Case) -> None:
    first, second = number_of(case), number_of(case)
    caller = Caller()
    caller.keys(first)
    assert caller.call.top_up is None
    caller.keys(second, at=now() + timedelta(minutes=10, seconds=1))
    assert caller.call.top_up is None
    third = number_of(case)
    let = Caller()
    let.keys(third)
    assert let.call.step == Step.AMOUNT
    again = Caller()

    again.keys(third)

    assert again.call.top_up is None


def test_nobody_is_let_in_while_too_many_wrong_numbers_are_keyed_in(case: Case) -> None:
    right, on_the_line = number_of(case), Caller()
    for _each in range(codes.MOST_WRONG):
        codes.note_wrong(now())

    on_the_line.keys(right)

    assert ended(on_the_line) == ended(Caller()) == Farewell.NOT_NOW


def test_only_the_customer_has_the_digits_shown_and_only_while_a_call_is_waited_for(case: Case) -> None:
    with pytest.raises(NotFound):
        codes.show(case_id=case.id, by=customer_actor(make_customer()), now=now())
    agreed(case)

    with pytest.raises(Conflict, match="no longer waits"):
        number_of(case)


@pytest.mark.parametrize(
    ("units", "says"),
    [("0", "Add at least one euro."), ("501", "You can add at most five hundred euros at once.")],
)
def test_an_amount_beyond_a_limit_is_asked_for_again_and_three_end_it(case: Case, units: str, says: str) -> None:
    caller = let_in(case)
    for _each in range(2):
        caller.keys(units)
        assert caller.hears.startswith(says)
    caller.keys(units)

    assert ended(caller) == Farewell.STOPPED


def test_the_limits_of_a_day_and_a_month_count_what_was_agreed(case: Case) -> None:
    TopUp.objects.update(to_confirm=500_00, confirmed_at=now())
    agreed(case, units="500")
    asked = limits.of_units(300, "EUR")

    def beyond(days_ago: int, before: int) -> tuple[limits.Beyond, str] | None:
        TopUp.objects.update(agreed_at=now() - timedelta(days=days_ago), amount=before)
        found = limits.beyond(case.customer, asked, now=now())
        return (found[0], str(found[1])) if found else None

    assert beyond(0, 700_00) is None
    assert beyond(0, 800_00) == (limits.Beyond.PER_DAY, "200.00 EUR")
    assert beyond(2, 2_700_00) is None
    assert beyond(2, 2_900_00) == (limits.Beyond.PER_MONTH, "100.00 EUR")
    assert beyond(31, 2_900_00) is None
    TopUp.objects.update(money="declined")
    assert beyond(0, 800_00) is None


def test_an_amount_in_yen_has_no_decimals() -> None:
    case = waiting(make_customer(language="en"), "JPY")
    card = make_card_on_file(case.customer)

    agreed(case, card, units="5000")

    assert str(top_up_of(case)) == "5000 JPY"


def test_a_card_that_is_keyed_in_whole_is_kept_with_consent_and_charged(case: Case, payments: Payments) -> None:
    caller = let_in(case)
    caller.keys("25")
    capture = caller.told
    assert isinstance(capture, Capture)
    assert capture.items == (Item.CARD_NUMBER, Item.EXPIRY, Item.SECURITY_CODE)
    caller.is_captured(payments.card(), last_four="4242")
    assert "To have the card that ends in four, two, four, two kept" in caller.hears
    assert not CardOnFile.objects.exists()
    caller.keys("1")
    assert calling.proceed(caller.conversation, now()) == []
    assert caller.hears.startswith("You add twenty-five euros")
    caller.keys("1")

    top_up = top_up_of(case)
    assert (top_up.card, top_up.token) == (CardOnFile.objects.get(customer=case.customer), "")
    assert caller.call.new_card == ""
    assert "top_up.card_kept" in noted(case)
    assert signalled(case) == 1


@pytest.mark.parametrize(
    ("number", "away", "ends"),
    [("4000000000000002", False, Farewell.CARD_NOT_TAKEN), ("4242424242424242", True, Farewell.NOT_NOW)],
)
def test_a_card_that_cannot_be_kept_ends_it(
    case: Case, payments: Payments, settings: Settings, number: str, away: bool, ends: Farewell
) -> None:
    caller, token = let_in(case), payments.card(number)
    make_card_on_file(case.customer)
    caller.keys("25")
    caller.keys("0")
    caller.is_captured(token, last_four="0002")
    caller.keys("1")
    if away:
        settings.PAYMENTS_URL = "http://127.0.0.1:9"

    calling.proceed(caller.conversation, now())

    assert ended(caller) == ends
    assert CardOnFile.objects.count() == 1


def test_star_ends_it_at_every_question_and_nothing_has_moved(case: Case) -> None:
    make_card_on_file(case.customer)
    keyed = ["25", "1"]
    for many in range(len(keyed) + 1):
        caller = let_in(case)
        for digits in keyed[:many]:
            caller.keys(digits)
        caller.keys(None)
        assert ended(caller) == Farewell.STOPPED
        caller.hears_all()

    assert (signalled(case), top_up_of(case).amount) == (0, None)


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (Outcome.STOPPED, Farewell.STOPPED),
        (Outcome.GIVEN_UP, Farewell.STOPPED),
        (Outcome.DECLINED, Farewell.CARD_NOT_TAKEN),
        (Outcome.UNAVAILABLE, Farewell.NOT_NOW),
    ],
)
def test_a_security_code_that_does_not_come_ends_it(case: Case, outcome: Outcome, ends: Farewell) -> None:
    make_card_on_file(case.customer)
    caller = let_in(case)
    for digits in ("25", "1", "1"):
        caller.keys(digits)

    caller.is_captured(outcome=outcome)

    assert ended(caller) == ends
    assert signalled(case) == 0


def test_who_hangs_up_in_the_middle_calls_again_with_new_digits(case: Case) -> None:
    make_card_on_file(case.customer)
    caller = let_in(case)
    caller.keys("25")
    caller.hangs_up()
    assert (caller.call.step, noted(case)[-1]) == (Step.OVER, "top_up.line_dropped")
    assert calling.proceed(caller.conversation, now()) == []

    again = let_in(case)

    assert again.call.step == Step.AMOUNT
    assert again.call.amount is None


def test_a_caller_whose_line_dropped_unnoticed_is_let_in_again(case: Case) -> None:
    before = let_in(case)

    again = let_in(case)

    assert (before.call.step, again.call.step) == (Step.OVER, Step.AMOUNT)
    before.keys("25")
    assert before.call.amount is None


def test_events_that_come_twice_late_or_about_another_question_change_nothing(case: Case) -> None:
    caller = let_in(case)
    late = caller.call.key
    caller.keys("25")
    at = caller.call.step
    caller.happens(Asked(key=caller.call.key, digits=None), number=1)
    caller.happens(Asked(key=late, digits=None), number=9)
    caller.happens(Captured(key=late, outcome=Outcome.DONE, token="t"))

    assert caller.call.step == at


def test_a_conversation_that_did_not_choose_this_is_not_taken() -> None:
    caller = Caller()
    TopUpCall.objects.all().delete()

    assert not caller.happens(Left(role=Role.CUSTOMER, why=Why.HUNG_UP))


def test_while_the_case_is_paused_nothing_goes_on(case: Case) -> None:
    caller = let_in(case)
    freezing.freeze(case_id=case.id, by=actor(make_staff(role=StaffRole.SUPERVISOR)), reason="It looks odd")

    caller.keys("25")

    assert ended(caller) == Farewell.NOT_NOW


def test_who_is_still_on_the_line_when_the_case_ends_is_told(case: Case) -> None:
    caller = let_in(case)

    close(case, "withdrawn")

    assert ended(caller) == Farewell.NOT_NOW


def test_a_card_that_was_forgotten_after_it_was_read_out_is_not_charged(case: Case) -> None:
    make_card_on_file(case.customer)
    caller = let_in(case)
    for digits in ("25", "1", "1"):
        caller.keys(digits)
    CardOnFile.objects.update(forgotten_at=now())

    caller.is_captured("cvctok_1")

    assert ended(caller) == Farewell.NOT_NOW
    assert (signalled(case), top_up_of(case).agreed_in) == (0, None)


@pytest.mark.parametrize("changed", [{"amount": 99_00}, {"sha256": "0" * 64}])
def test_what_is_not_what_was_read_out_is_not_charged(case: Case, changed: dict[str, Any]) -> None:
    make_card_on_file(case.customer)
    caller = let_in(case)
    for digits in ("25", "1", "1"):
        caller.keys(digits)
    TopUpCall.objects.update(**changed)

    caller.is_captured("cvctok_1")

    assert ended(caller) == Farewell.NOT_NOW
    assert signalled(case) == 0
