"""A claim about a part of a payment, and further ones about the rest."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from backoffice.cases.models import Case
from backoffice.payments.claims import given_back
from backoffice.payments.claims.models import NeedsPerson, PaymentClaim, Verdict
from backoffice.refusals import Invalid, Refused
from tests.factories import make_customer, now
from tests.payments.claims.claiming import balance_of, claim, does, make_paid, of
from tests.playing import close

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("currency", "paid", "typed", "minor"),
    [
        ("EUR", 25_00, "10", 10_00),
        ("EUR", 25_00, "25,00", 25_00),
        ("KWD", 25_000, "1.005", 1_005),
        ("JPY", 900, "1", 1),
    ],
)
def test_a_part_is_claimed_in_the_currency_of_the_payment(currency: str, paid: int, typed: str, minor: int) -> None:
    case = claim(make_paid(amount=paid, currency=currency), amount=typed)

    assert (of(case).amount, of(case).currency) == (minor, currency)


@pytest.mark.parametrize(
    ("currency", "typed", "says"),
    [
        ("EUR", "0", "more than zero"),
        ("EUR", "-1", "more than zero"),
        ("EUR", "25.01", "Enter at most 25.00 EUR: that is what is left of this payment."),
        ("EUR", "1.005", "at most 2 decimals"),
        ("KWD", "1.0005", "at most 3 decimals"),
        ("JPY", "1.5", "has no decimals"),
        ("EUR", "ten", "in digits"),
    ],
)
def test_an_amount_that_does_not_fit_is_refused_on_its_field(currency: str, typed: str, says: str) -> None:
    payment = make_paid(amount=25_00, currency=currency)

    with pytest.raises(Invalid) as refused:
        claim(payment, amount=typed)

    assert list(refused.value.errors) == ["amount"]
    assert says in refused.value.errors["amount"][0]


def test_without_an_amount_it_is_about_all_that_is_left() -> None:
    payment = make_paid()
    first = claim(payment, amount="10.00")

    second = claim(payment)

    assert [of(one).amount for one in (first, second)] == [10_00, 15_00]
    with pytest.raises(Invalid, match="look into this payment already"):
        claim(payment)


def test_what_was_decided_to_be_right_cannot_be_claimed_again_but_the_rest_can() -> None:
    payment = make_paid()
    first = claim(payment, amount="10.00")
    PaymentClaim.objects.filter(case=first).update(verdict=Verdict.WRONG, decided_at=now())
    close(first, "rejected")

    with pytest.raises(Invalid, match=r"at most 15\.00 EUR"):
        claim(payment, amount="15.01")
    claim(payment, amount="15.00")
    with pytest.raises(Invalid):
        claim(payment)


def test_what_was_taken_back_can_be_claimed_again() -> None:
    payment = make_paid()
    close(claim(payment, amount="10.00"), "withdrawn")

    assert of(claim(payment)).amount == 25_00


def test_parts_of_one_payment_count_as_one_claim_for_the_cap() -> None:
    """Nobody gets more without a person by claiming in small pieces."""
    payment = make_paid(amount=250_00)

    first, second = claim(payment, amount="150.00"), claim(payment, amount="0.01")

    assert (of(first).needs, of(second).needs) == (NeedsPerson.NO, NeedsPerson.CAP)


def test_nobody_floods_us_with_claims_about_one_payment() -> None:
    payment = make_paid()
    cases = [claim(payment, amount="0.01") for _ in range(3)]

    with pytest.raises(Invalid, match="several claims about this payment"):
        claim(payment, amount="0.01")
    close(cases[0], "withdrawn")
    assert of(claim(payment, amount="0.01")).live


def test_the_credit_of_a_part_is_that_part() -> None:
    case = claim(make_paid(), amount="10.00")
    does(case, "credit")

    assert balance_of(case.customer) == 10_00


@pytest.mark.django_db(transaction=True)
def test_claims_that_race_for_the_rest_get_no_more_than_was_paid() -> None:
    """Six claims of 10.00 EUR at once, of a payment of 25.00: two get it, and the others are told what is left."""
    payment = make_paid(make_customer())
    start, cases, refused = threading.Barrier(6), list[Case](), list[Refused]()

    def race() -> None:
        try:
            start.wait(10)
            cases.append(claim(payment, amount="10.00"))
        except Refused as late:
            refused.append(late)
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (len(cases), len(refused)) == (2, 4)
    assert given_back.to_claim(payment).minor == 5_00
    assert all("5.00 EUR" in str(one) or "5.00 EUR" in str(getattr(one, "errors", "")) for one in refused)
