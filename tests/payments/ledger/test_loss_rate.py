"""What is lost of what was captured, in a time that slides."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.loss_rate import LossRate, loss_rate
from tests.payments.ledger.books import AT, euros, make_case, make_owner, post_one, run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_losses_and_volume_are_those_of_the_currency_and_of_the_time() -> None:
    shop, maria = make_owner(), make_owner()
    case, old = make_case(maria), make_case(maria)
    for at, step in ((AT - DAY, "old"), (AT, "first"), (AT + DAY, "too late")):
        post_one(case, step, movements.captured(merchant=shop, amount=euros(1000)), at=at)
    post_one(case, "top up", movements.topped_up(customer=maria, amount=euros(500)))
    post_one(case, "refund", movements.refunded(merchant=shop, amount=euros(100)))
    post_one(old, "yen", movements.captured(merchant=shop, amount=Money(9, "JPY")))
    post_one(old, "credit", movements.credited(customer=maria, amount=euros(80)))
    post_one(old, "merchant", movements.credit_kept(merchant=shop, amount=euros(50)))
    post_one(old, "old loss", movements.credit_lost(amount=euros(10)), at=AT - DAY)
    post_one(old, "loss", movements.credit_lost(amount=euros(20)))

    with CaptureQueriesContext(connection) as queries:
        rate = loss_rate(currency="EUR", since=AT, until=AT + DAY)

    assert rate == LossRate(lost=euros(20), captured=euros(1500))
    assert len(queries) == 1


def test_a_debt_that_is_written_off_is_lost() -> None:
    shop, case = make_owner(), make_case(make_owner())
    post_one(case, "fee", movements.fee(merchant=shop, amount=euros(30)))
    post_one(case, "off", movements.written_off(merchant=shop, amount=euros(30)))

    assert loss_rate(currency="EUR", since=AT, until=AT + DAY).lost == euros(30)


@pytest.mark.parametrize(
    ("lost", "captured", "exceeds"),
    [(0, 0, False), (1, 0, True), (1, 99_999, True), (1, 100_000, False), (1, 100_001, False), (2, 100_001, True)],
)
def test_one_in_a_hundred_thousand_is_promised(lost: int, captured: int, exceeds: bool) -> None:
    assert LossRate(euros(lost), euros(captured)).exceeds() is exceeds


def test_another_limit_can_be_asked_for() -> None:
    assert LossRate(euros(1), euros(300)).exceeds(Fraction(1, 400))
    assert not LossRate(euros(1), euros(300)).exceeds(Fraction(1, 300))


def test_it_reads_an_index_alone() -> None:
    """Of an empty table every index looks alike, or as what earlier tests left of it makes it: so of those that begin
    with something else, or hold the currency, there is only the one that is made for it."""
    run("SET LOCAL enable_seqscan = off")
    run("SET LOCAL enable_bitmapscan = off")
    run("DROP INDEX postings_newest")
    run("ALTER TABLE payments_posting DROP CONSTRAINT posting_of_a_currency CASCADE")
    with CaptureQueriesContext(connection) as queries:
        loss_rate(currency="EUR", since=AT, until=AT + DAY)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using postings_of_a_kind" in plan
