"""What can be posted, once for each step of a case."""

from __future__ import annotations

import pytest
from django.db import transaction

from backoffice.actors import Actor, ActorKind, system
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.balances import owed
from backoffice.payments.ledger.models import AccountKind, Entry, Posting, PostingKind
from backoffice.payments.ledger.movements import FLOWS, AccountName, Movement
from backoffice.payments.ledger.posting import post
from backoffice.refusals import Conflict, Forbidden
from tests.payments.ledger.books import AT, balances, commit_checks, euros, make_case, make_owner, post_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria() -> Customer:
    return make_owner()


@pytest.fixture
def shop() -> Customer:
    return make_owner()


@pytest.fixture
def case(maria: Customer) -> Case:
    return make_case(maria)


def test_a_captured_payment_is_held_by_the_provider_and_owed_to_the_merchant(case: Case, shop: Customer) -> None:
    posted = post_one(case, "capture", movements.captured(merchant=shop, amount=euros(1250)))

    commit_checks()
    assert balances() == {("provider", None, "EUR"): 1250, ("merchant", shop.pk, "EUR"): -1250}
    assert owed(kind=AccountKind.MERCHANT, owner=shop, currency="EUR") == euros(1250)
    assert (posted.money, posted.lines, posted.actor_kind) == (euros(1250), 2, "system")
    assert sorted(one.minor for one in posted.entries.all()) == [-1250, 1250]


def test_a_claim_is_paid_first_and_lost_afterwards(case: Case, maria: Customer, shop: Customer) -> None:
    post_one(case, "credit", movements.credited(customer=maria, amount=euros(100)))
    post(
        case_id=case.id,
        movements={
            "merchant": movements.credit_kept(merchant=shop, amount=euros(60)),
            "we": movements.credit_lost(amount=euros(40)),
            "pay": movements.paid_back(customer=maria, amount=euros(100)),
        },
        by=system(),
        at=AT,
    )

    commit_checks()
    assert balances() == {
        ("compensation", None, "EUR"): 0,
        ("customer", maria.pk, "EUR"): 0,
        ("loss", None, "EUR"): 40,
        ("merchant", shop.pk, "EUR"): 60,
        ("provider", None, "EUR"): -100,
    }


def test_a_step_that_is_posted_again_moves_nothing(case: Case, shop: Customer) -> None:
    movement = movements.captured(merchant=shop, amount=euros(1250))
    first = post_one(case, "capture", movement)

    again = post_one(case, "capture", movement)

    assert (again.pk, Posting.objects.count(), Entry.objects.count()) == (first.pk, 1, 2)
    assert balances()["provider", None, "EUR"] == 1250


@pytest.mark.parametrize("other", ["amount", "kind", "owner", "currency"])
def test_a_step_that_has_posted_something_else_is_a_conflict(case: Case, shop: Customer, other: str) -> None:
    post_one(case, "step", movements.captured(merchant=shop, amount=euros(50)))
    others = {
        "amount": movements.captured(merchant=shop, amount=euros(51)),
        "kind": movements.topped_up(customer=shop, amount=euros(50)),
        "owner": movements.captured(merchant=make_owner(), amount=euros(50)),
        "currency": movements.captured(merchant=shop, amount=Money(50, "KWD")),
    }

    with pytest.raises(Conflict) as refused, transaction.atomic():
        post_one(case, "step", others[other])

    assert (refused.value.code, refused.value.field, Posting.objects.count()) == ("posted_otherwise", "step", 1)


def test_a_refund_is_at_most_what_this_case_captured(case: Case, maria: Customer, shop: Customer) -> None:
    post_one(make_case(maria), "capture", movements.captured(merchant=shop, amount=euros(500)))
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    post_one(case, "fee", movements.fee(merchant=shop, amount=euros(3)))
    post_one(case, "part", movements.refunded(merchant=shop, amount=euros(60)))

    with pytest.raises(Conflict) as refused:
        post_one(case, "rest", movements.refunded(merchant=shop, amount=euros(41)))
    post_one(case, "rest", movements.refunded(merchant=shop, amount=euros(40)))

    assert (refused.value.code, refused.value.field) == ("more_than_captured", "amount")
    assert balances()["merchant", shop.pk, "EUR"] == -497


def test_a_refund_is_not_taken_from_another_merchant(case: Case, shop: Customer) -> None:
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))

    with pytest.raises(Conflict, match="refunded"):
        post_one(case, "refund", movements.refunded(merchant=make_owner(), amount=euros(100)))


@pytest.mark.parametrize("how", ["reversed", "kept", "lost"])
def test_no_more_of_a_credit_is_decided_than_this_case_gave(
    case: Case, maria: Customer, shop: Customer, how: str
) -> None:
    post_one(make_case(maria), "credit", movements.credited(customer=maria, amount=euros(500)))
    post_one(case, "credit", movements.credited(customer=maria, amount=euros(100)))
    post_one(case, "part", movements.credit_reversed(customer=maria, amount=euros(60)))
    more = {
        "reversed": movements.credit_reversed(customer=maria, amount=euros(41)),
        "kept": movements.credit_kept(merchant=shop, amount=euros(41)),
        "lost": movements.credit_lost(amount=euros(41)),
    }

    with pytest.raises(Conflict) as refused:
        post_one(case, "more", more[how])

    assert refused.value.code == "more_than_credited"


def test_a_credit_is_not_taken_back_from_another_customer(case: Case, maria: Customer) -> None:
    post_one(case, "credit", movements.credited(customer=maria, amount=euros(100)))

    with pytest.raises(Conflict) as refused:
        post_one(case, "back", movements.credit_reversed(customer=make_owner(), amount=euros(100)))

    assert refused.value.code == "other_customer"


def test_a_credit_that_was_spent_is_reversed_into_a_debt_of_the_customer(case: Case, maria: Customer) -> None:
    post_one(case, "credit", movements.credited(customer=maria, amount=euros(100)))
    post_one(case, "spent", movements.paid_back(customer=maria, amount=euros(100)))

    post_one(case, "back", movements.credit_reversed(customer=maria, amount=euros(100)))

    assert owed(kind=AccountKind.CUSTOMER, owner=maria, currency="EUR") == euros(-100)


def test_nothing_is_paid_out_that_is_not_owed(case: Case, maria: Customer, shop: Customer) -> None:
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    post_one(case, "top_up", movements.topped_up(customer=maria, amount=euros(30)))

    for movement in (
        movements.settled(merchant=shop, amount=euros(101)),
        movements.paid_back(customer=maria, amount=euros(31)),
        movements.written_off(merchant=shop, amount=euros(1)),
    ):
        with pytest.raises(Conflict, match="than"):
            post_one(case, "out", movement)


def test_of_a_payment_no_more_is_paid_out_than_it_took_less_the_fees(
    case: Case, maria: Customer, shop: Customer
) -> None:
    post_one(make_case(maria), "capture", movements.captured(merchant=shop, amount=euros(500)))
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    post_one(case, "fee", movements.fee(merchant=shop, amount=euros(3)))
    post_one(case, "our fee", movements.our_fee(merchant=shop, amount=euros(2)))

    with pytest.raises(Conflict) as refused:
        post_one(case, "payout", movements.settled(merchant=shop, amount=euros(96)))
    post_one(case, "payout", movements.settled(merchant=shop, amount=euros(95)))
    with pytest.raises(Conflict):
        post_one(case, "once more", movements.settled(merchant=shop, amount=euros(1)))

    commit_checks()
    assert (refused.value.code, refused.value.field) == ("more_than_owed", "amount")
    assert balances() == {
        ("provider", None, "EUR"): 502,
        ("merchant", shop.pk, "EUR"): -500,
        ("income", None, "EUR"): -2,
    }


def test_a_refund_while_the_provider_pays_out_keeps_no_payout_from_the_books(case: Case, shop: Customer) -> None:
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    post_one(case, "refund", movements.refunded(merchant=shop, amount=euros(100)))

    post_one(case, "payout", movements.settled(merchant=shop, amount=euros(97)))

    assert owed(kind=AccountKind.MERCHANT, owner=shop, currency="EUR") == euros(-97)


def test_no_more_is_taken_back_from_the_merchant_than_was_paid_out(case: Case, shop: Customer) -> None:
    post_one(case, "capture", movements.captured(merchant=shop, amount=euros(100)))
    post_one(case, "payout", movements.settled(merchant=shop, amount=euros(95)))
    post_one(case, "part", movements.payout_returned(merchant=shop, amount=euros(60)))

    with pytest.raises(Conflict) as refused:
        post_one(case, "rest", movements.payout_returned(merchant=shop, amount=euros(36)))
    post_one(case, "rest", movements.payout_returned(merchant=shop, amount=euros(35)))

    assert refused.value.code == "more_than_paid_out"


def test_of_movements_posted_together_all_are_posted_or_none(case: Case, shop: Customer) -> None:
    together = {
        "capture": movements.captured(merchant=shop, amount=euros(100)),
        "refund": movements.refunded(merchant=shop, amount=euros(101)),
    }

    with pytest.raises(Conflict):
        post(case_id=case.id, movements=together, by=system(), at=AT)

    assert (Posting.objects.count(), balances()) == (0, {})


def test_only_a_process_posts(case: Case, shop: Customer) -> None:
    supervisor = Actor(ActorKind.STAFF, roles=frozenset({"supervisor"}))

    with pytest.raises(Forbidden):
        post(
            case_id=case.id,
            movements={"x": movements.captured(merchant=shop, amount=euros(1))},
            by=supervisor,
            at=AT,
        )


@pytest.mark.parametrize("kind", list(PostingKind))
def test_no_movement_goes_between_other_accounts_than_its_kind_says(kind: PostingKind) -> None:
    debit, credit = (AccountName(one, 1, "EUR") for one in FLOWS[kind])

    with pytest.raises(ValueError, match="between these accounts"):
        Movement(kind, credit, debit, euros(1))


def test_a_movement_of_nothing_or_of_another_currency_cannot_be_made(shop: Customer) -> None:
    provider, merchant = AccountName(AccountKind.PROVIDER, 0, "EUR"), AccountName(AccountKind.MERCHANT, 1, "EUR")

    for amount in (euros(0), euros(-1)):
        with pytest.raises(ValueError, match="cannot be moved"):
            movements.captured(merchant=shop, amount=amount)
    with pytest.raises(ValueError, match="cannot be moved"):
        Movement(PostingKind.CAPTURED, provider, merchant, Money(1, "KWD"))
    with pytest.raises(ValueError, match="owner"):
        Movement(PostingKind.CAPTURED, provider, AccountName(AccountKind.MERCHANT, 0, "EUR"), euros(1))
