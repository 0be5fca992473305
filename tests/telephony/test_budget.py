"""How often we may call: each limit at its edges, and what staff read about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from backoffice.customers.models import Customer
from backoffice.telephony import budget
from backoffice.telephony.budget import Spent, Wait, WaitReason
from backoffice.telephony.models import CallOutcome, CallState
from backoffice.trust.models import Direction
from tests.factories import make_customer
from tests.telephony.rows import write_call

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
"""Twelve o'clock in Amsterdam, on a Wednesday."""
PROVEN = {CallState.CUSTOMER_PROVEN.value: NOON.isoformat()}
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def customer() -> Customer:
    return make_customer()


def wait(customer: Customer, at: datetime = NOON, *, matter: str = "matter", asked: bool = False) -> Wait | None:
    return budget.wait(customer=customer, matter=matter, now=at, asked_by_customer=asked)


def spoken(customer: Customer, at: datetime, **fields: Any) -> None:
    write_call(customer, at=at, state=CallState.ENDED, outcome=CallOutcome.SPOKEN, answered_at=at, **fields)


def test_the_fourth_call_of_a_day_waits_for_the_next_morning_of_the_customer(customer: Customer) -> None:
    for hours in (3, 2):
        write_call(customer, at=NOON - hours * HOUR, state=CallState.NOT_ANSWERED)
    assert wait(customer) is None

    write_call(customer, at=NOON - HOUR, state=CallState.NOT_ANSWERED)
    assert wait(customer) == Wait(
        datetime(2026, 11, 26, 7, 0, tzinfo=UTC), WaitReason.DAY_SPENT, customer_zone="Europe/Amsterdam"
    )
    assert wait(customer, matter="another") is None
    assert wait(make_customer()) is None


def test_the_eighth_call_of_a_week_waits_until_the_first_is_seven_days_old(customer: Customer) -> None:
    first = NOON - 6 * DAY
    for day in range(6):
        write_call(customer, at=first + day * DAY, state=CallState.NOT_ANSWERED)
    assert wait(customer) is None

    write_call(customer, at=NOON - HOUR, state=CallState.NOT_ANSWERED)
    found = wait(customer)
    assert found is not None
    assert (found.until, found.why) == (first + 7 * DAY, WaitReason.WEEK_SPENT)
    assert wait(customer, asked=True) == found
    assert wait(customer, first + 7 * DAY - SECOND) == found
    assert wait(customer, first + 7 * DAY) is None


def test_after_a_conversation_we_keep_silent_for_seven_days_unless_the_customer_asks(customer: Customer) -> None:
    spoken(customer, NOON - 2 * DAY)

    found = wait(customer)
    assert found is not None
    assert (found.until, found.why) == (NOON + 5 * DAY, WaitReason.SPOKEN)
    assert wait(customer, NOON + 5 * DAY) is None
    assert wait(customer, asked=True) is None
    assert wait(customer, matter="another") is None


def test_a_conversation_that_the_customer_began_is_one_too_and_is_no_call_of_ours(customer: Customer) -> None:
    spoken(customer, NOON - DAY, direction=Direction.IN, times=PROVEN)

    found = wait(customer)
    assert found is not None
    assert found.why == WaitReason.SPOKEN
    for _again in range(2):
        spoken(customer, NOON - HOUR, direction=Direction.IN, times=PROVEN)
    assert wait(customer, asked=True) is None


@pytest.mark.parametrize("times", [{}, {"company_proven": NOON.isoformat()}], ids=["nobody", "only we"])
def test_whoever_rings_us_and_proves_nothing_keeps_us_from_no_call(customer: Customer, times: dict[str, str]) -> None:
    spoken(customer, NOON - DAY, direction=Direction.IN, times=times)

    assert wait(customer) is None


def test_nobody_is_called_in_the_quiet_hours_whoever_asked(customer: Customer) -> None:
    evening = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
    morning = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)

    assert wait(customer, evening - SECOND) is None
    for asked in (True, False):
        assert wait(customer, evening, asked=asked) == Wait(morning, WaitReason.QUIET_HOURS, "Europe/Amsterdam")
    spoken(customer, evening - 7 * DAY)
    assert wait(customer, evening - SECOND) == Wait(morning, WaitReason.SPOKEN, "Europe/Amsterdam")


@pytest.mark.parametrize("state", [CallState.ANNOUNCED, CallState.RINGING, CallState.COMPANY_PROVEN])
def test_while_one_is_on_the_line_nobody_else_calls_about_anything(customer: Customer, state: CallState) -> None:
    call = write_call(customer, at=NOON - 5 * timedelta(minutes=1), state=state)

    found = wait(customer, matter="another", asked=True)
    assert found is not None
    assert (found.until, found.why) == (NOON + budget.ASK_AGAIN, WaitReason.ON_THE_LINE)
    assert budget.wait(customer=customer, matter="matter", now=NOON, besides=call.pk) is None


def test_a_forgotten_call_stops_nobody_and_still_counts(customer: Customer) -> None:
    for hours in (4, 3):
        write_call(customer, at=NOON - hours * HOUR, state=CallState.NOT_ANSWERED)
    write_call(customer, at=NOON - HOUR)

    assert wait(customer, matter="another") is None
    found = wait(customer)
    assert found is not None
    assert found.why == WaitReason.DAY_SPENT


def test_a_talk_that_nobody_ended_counts_as_a_conversation(customer: Customer) -> None:
    write_call(customer, at=NOON - HOUR, state=CallState.ANSWERED, answered_at=NOON - HOUR)

    found = wait(customer)
    assert found is not None
    assert found.why == WaitReason.SPOKEN


def test_a_call_that_was_called_off_before_it_was_dialled_does_not_count(customer: Customer) -> None:
    for _again in range(9):
        write_call(customer, at=NOON - HOUR, state=CallState.ENDED, dialled_at=None, outcome=CallOutcome.CALLED_OFF)
    assert wait(customer) is None


def test_reserving_refuses_with_the_sentence_and_needs_a_transaction(customer: Customer) -> None:
    spoken(customer, NOON - DAY)
    with pytest.raises(Spent, match="We have spoken with the customer about this") as refused:
        budget.reserve(customer=customer, matter="matter", now=NOON)

    assert (refused.value.code, refused.value.status) == ("call_spoken", 409)
    assert refused.value.wait.until == NOON + 6 * DAY


def test_dialling_asks_again_without_counting_the_call_itself(customer: Customer) -> None:
    for _again in range(2):
        write_call(customer, at=NOON - HOUR, state=CallState.NOT_ANSWERED)
    call = write_call(customer, at=NOON)

    budget.refuse_to_dial(call, now=NOON)
    with pytest.raises(Spent, match="between 08:00 and 21:00"):
        budget.refuse_to_dial(call, now=NOON + 10 * HOUR)
    write_call(customer, at=NOON, state=CallState.NOT_ANSWERED)
    with pytest.raises(Spent, match="three times today"):
        budget.refuse_to_dial(call, now=NOON)


def test_the_sentence_shows_the_readers_clock_and_the_customers_beside_it() -> None:
    found = Wait(datetime(2026, 11, 26, 13, 0, tzinfo=UTC), WaitReason.QUIET_HOURS, "America/New_York")

    assert found.sentence("America/New_York").endswith("from Thursday 26 November, 08:00.")
    assert found.sentence("Europe/Amsterdam").endswith(
        "from Thursday 26 November, 14:00 (Thursday 26 November, 08:00 where the customer is)."
    )
    assert found.sentence().endswith(
        "from Thursday 26 November, 13:00 (Thursday 26 November, 08:00 where the customer is)."
    )


@pytest.mark.django_db(transaction=True)
def test_a_reservation_outside_a_transaction_would_hold_nothing() -> None:
    customer = make_customer()
    with pytest.raises(TransactionManagementError):
        budget.reserve(customer=customer, matter="matter", now=NOON)
    with transaction.atomic():
        budget.reserve(customer=customer, matter="matter", now=NOON)
