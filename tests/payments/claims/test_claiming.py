"""Opening a claim: which payments, by whom, with which dates, and how much is credited without a person."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection

from backoffice.cases import opening
from backoffice.cases.models import Case, Command
from backoffice.payments.claims.dates import dates_of
from backoffice.payments.claims.models import Came, NeedsPerson, PaymentClaim, Verdict
from backoffice.payments.claims.opening import page_of
from backoffice.payments.claims.words import dates, shown_in_messages
from backoffice.payments.voice.models import MoneyState
from backoffice.refusals import Invalid, Refused
from backoffice.staff.models import Role
from tests.factories import actor, make_customer, make_staff, now
from tests.payments.claims.claiming import balance_of, claim, does, make_paid, of
from tests.playing import close, customer_actor

pytestmark = pytest.mark.django_db


def test_a_claim_knows_every_date_from_the_first_minute() -> None:
    payment = make_paid()

    found = of(claim(payment, why="amount", text="I heard twenty."))

    assert (found.amount, found.currency, found.why, found.came) == (25_00, "EUR", "amount", Came.PORTAL)
    assert found.needs == NeedsPerson.NO
    counted = dates_of(payment.case.customer, received_at=found.received_at)
    assert (found.credit_by, found.decide_by, found.latest_by) == (
        counted.credit_by,
        counted.decide_by,
        counted.latest_by,
    )


def test_the_dates_are_business_days_that_end_at_five_on_the_customers_clock() -> None:
    customer = make_customer(time_zone="Europe/Amsterdam")
    friday = datetime(2026, 12, 18, 23, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))

    found = dates_of(customer, received_at=friday)

    local = [at.astimezone(ZoneInfo("Europe/Amsterdam")) for at in (found.credit_by, found.decide_by, found.latest_by)]
    assert [f"{at:%Y-%m-%d %H}" for at in local] == ["2026-12-21 17", "2027-01-12 17", "2027-02-09 17"]


def opened_with(case: Case) -> dict[str, object]:
    """The facts with which its process starts."""
    return dict(Command.objects.get(case=case, kind="start").payload["facts"])


def test_a_credit_is_taken_back_ten_days_after_that_was_told(settings: LazySettings) -> None:
    """However the demonstration's setting stands, where it is none."""
    settings.DEMO_CLAIM_NOTICE = 20

    case = claim()

    assert opened_with(case)["notice"] == 10 * 24 * 60 * 60
    assert shown_in_messages(case, "claim_credited")["ahead"] == "10 days"


def test_a_demonstration_says_in_seconds_what_it_waits(settings: LazySettings) -> None:
    settings.DEMO_MODE, settings.DEMO_CLAIM_NOTICE = True, 20
    case = claim()
    does(case, "credit")

    assert opened_with(case)["notice"] == 20
    assert shown_in_messages(case, "claim_credited")["ahead"] == "20 seconds"
    assert ("If we decide against you", "we take the money back 20 seconds after we told you") in dates(of(case))
    settings.PRODUCTION = True
    assert opened_with(claim())["notice"] == 10 * 24 * 60 * 60


def test_what_one_of_us_enters_for_a_caller_is_theirs() -> None:
    hanna = make_staff(role=Role.SUPPORT)

    case = claim(make_paid(), actor(hanna))

    assert of(case).came == Came.DESK
    assert case.customer_id == of(case).customer_id


def test_a_payment_of_somebody_else_cannot_be_disputed() -> None:
    theirs, other = make_paid(), make_customer()
    make_paid(other)

    with pytest.raises(Invalid, match="Choose one of these payments"):
        opening.open_by_form(
            process="payment_claim",
            customer=other,
            by=customer_actor(other),
            key="k",
            data={"payment": theirs.case.reference, "why": "other"},
        )

    assert not PaymentClaim.objects.exists()


def test_a_payment_has_one_open_claim_and_none_after_a_decision() -> None:
    payment = make_paid()
    case = claim(payment)

    with pytest.raises(Invalid, match=case.reference):
        claim(payment)
    PaymentClaim.objects.filter(case=case).update(verdict=Verdict.WRONG, decided_at=now())
    close(case)
    with pytest.raises(Invalid, match="complain about it"):
        claim(payment)


def test_who_took_a_claim_back_can_dispute_the_payment_again() -> None:
    payment = make_paid()
    close(claim(payment), "withdrawn")

    assert of(claim(payment)).live


def test_what_went_back_already_is_answered_at_once() -> None:
    payment = make_paid()
    payment.money, payment.refunded_at = MoneyState.REFUNDED, now()
    payment.save()

    assert "went back to your card ending 4242" in page_of(payment, now=now()).why_not
    with pytest.raises(Invalid, match="went back to your card"):
        claim(payment)


def test_what_is_older_than_thirteen_months_is_not_offered() -> None:
    assert not page_of(make_paid(at=now() - timedelta(days=395)), now=now()).why_not
    payment = make_paid(at=now() - timedelta(days=397))

    with pytest.raises(Refused):
        claim(payment)
    assert page_of(payment, now=now()).why_not


@pytest.mark.parametrize(
    ("amounts", "needs"),
    [
        ((150_00,), NeedsPerson.NO),
        ((150_01,), NeedsPerson.CAP),
        ((150_00, 150_00), NeedsPerson.NO),
        ((150_00, 149_99, 2), NeedsPerson.TOGETHER),
        ((1_00, 1_00, 1_00, 1_00), NeedsPerson.COUNT),
    ],
)
def test_up_to_the_caps_a_claim_is_credited_without_a_person(amounts: tuple[int, ...], needs: str) -> None:
    customer = make_customer()

    cases = [claim(make_paid(customer, amount=amount)) for amount in amounts]

    assert of(cases[-1]).needs == needs


@pytest.mark.parametrize(("days", "needs"), [(29, NeedsPerson.TOGETHER), (31, NeedsPerson.NO)])
def test_credits_of_more_than_thirty_days_ago_do_not_count(days: int, needs: str) -> None:
    customer = make_customer()
    old = [claim(make_paid(customer, amount=150_00)) for _ in range(2)]
    PaymentClaim.objects.filter(case__in=old).update(received_at=now() - timedelta(days=days))

    assert of(claim(make_paid(customer, amount=150_00))).needs == needs


@pytest.mark.parametrize(
    ("days", "needs"), [(0, NeedsPerson.WRONG_BEFORE), (364, NeedsPerson.WRONG_BEFORE), (366, NeedsPerson.NO)]
)
def test_for_a_year_after_a_claim_that_was_wrong_a_person_decides_on_each(days: int, needs: str) -> None:
    customer = make_customer()
    wrong = claim(make_paid(customer))
    long_ago = now() - timedelta(days=days)
    PaymentClaim.objects.filter(case=wrong).update(verdict=Verdict.WRONG, decided_at=long_ago)

    assert of(claim(make_paid(customer))).needs == needs


def test_in_a_currency_without_caps_a_person_decides() -> None:
    assert of(claim(make_paid(amount=1_00, currency="SEK"))).needs == NeedsPerson.CURRENCY


@pytest.mark.django_db(transaction=True)
def test_claims_that_race_for_the_cap_get_no_more_than_one_after_the_other() -> None:
    """Threat 20: four claims of 100.00 EUR at once, of which two fit into 300.00 beside one that is there."""
    customer = make_customer()
    claim(make_paid(customer, amount=100_00))
    payments = [make_paid(customer, amount=100_00) for _ in range(4)]
    start, cases = threading.Barrier(len(payments)), list[Case]()

    def race(number: int) -> None:
        try:
            start.wait(10)
            cases.append(claim(payments[number]))
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(len(payments))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(cases) == len(payments)
    by_itself = PaymentClaim.objects.filter(customer=customer, needs=NeedsPerson.NO)
    assert sum(one.amount for one in by_itself) == 300_00


def test_a_credit_is_given_once_and_goes_to_the_customers_balance() -> None:
    case = claim()
    does(case, "credit")

    assert balance_of(case.customer) == 25_00
    assert of(case).credited_at is not None
