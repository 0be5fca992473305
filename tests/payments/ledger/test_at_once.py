"""Many postings at once, on real connections: none waits for ever, and none is lost or made twice."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Entry, Posting
from backoffice.payments.ledger.posting import post
from backoffice.payments.ledger.verifying import verify
from backoffice.refusals import Conflict
from tests.at_once import at_once
from tests.payments.ledger.books import AT, balances, euros, make_case, make_owner, post_one

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20


def post_both(case: Case, shop: Customer, maria: Customer, *, backwards: bool) -> None:
    """A payment and a credit, which have no account in common, in one order or in the other."""
    both = {
        "capture": movements.captured(merchant=shop, amount=euros(100)),
        "credit": movements.credited(customer=maria, amount=euros(7)),
    }
    order = reversed(both) if backwards else both
    post(case_id=case.id, movements={step: both[step] for step in order}, by=system(), at=AT)


def test_postings_to_the_same_accounts_in_opposite_order_do_not_wait_for_each_other() -> None:
    shop, maria = make_owner(), make_owner()
    cases = [make_case(maria) for _ in range(MANY)]

    results = at_once(
        [partial(post_both, case, shop, maria, backwards=bool(number % 2)) for number, case in enumerate(cases)]
    )

    assert results == [None] * MANY
    assert balances() == {
        ("provider", None, "EUR"): 100 * MANY,
        ("merchant", shop.pk, "EUR"): -100 * MANY,
        ("compensation", None, "EUR"): 7 * MANY,
        ("customer", maria.pk, "EUR"): -7 * MANY,
    }
    assert verify().wrong == []


def test_a_step_that_is_posted_many_times_at_once_is_one_posting() -> None:
    shop, case = make_owner(), make_case(make_owner())
    movement = movements.captured(merchant=shop, amount=euros(100))

    results = at_once([partial(post_one, case, "capture", movement)] * MANY)

    assert {one.pk for one in results if isinstance(one, Posting)} == {Posting.objects.get().pk}
    assert (len(results), Entry.objects.count(), balances()["provider", None, "EUR"]) == (MANY, 2, 100)


def test_of_refunds_that_race_for_the_rest_of_a_payment_no_more_are_posted_than_it_has() -> None:
    shop, case = make_owner(), make_case(make_owner())
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    refund = movements.refunded(merchant=shop, amount=euros(30))

    results = at_once([partial(post_one, case, f"refund-{number}", refund) for number in range(MANY)])

    assert sum(isinstance(one, Posting) for one in results) == 3
    assert sum(isinstance(one, Conflict) for one in results) == MANY - 3
    assert balances()["merchant", shop.pk, "EUR"] == -10


def test_a_posting_of_a_transaction_that_fails_is_not_there() -> None:
    shop, case = make_owner(), make_case(make_owner())

    with pytest.raises(RuntimeError):
        post_and_fail(case, shop)

    assert (Posting.objects.count(), balances()) == (0, {})


@transaction.atomic
def post_and_fail(case: Case, shop: Customer) -> None:
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    raise RuntimeError
