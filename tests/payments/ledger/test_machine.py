"""Payments, refunds, claims and payouts of two shops and two customers in any order: the ledger follows a model that
knows no accounts, only who owes whom, and it comes to nought at every moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Posting
from backoffice.payments.ledger.movements import Movement
from backoffice.payments.ledger.verifying import verify
from backoffice.refusals import Conflict
from tests.payments.ledger.books import balances, commit_checks, make_case, make_owner, post_one

pytestmark = pytest.mark.django_db
Maker = Callable[[Customer, Customer, Money], Movement]
"""Of a shop, a customer and an amount."""
MAKERS: Mapping[str, Maker] = {
    "captured": lambda shop, _who, money: movements.captured(merchant=shop, amount=money),
    "topped up": lambda _shop, who, money: movements.topped_up(customer=who, amount=money),
    "fee": lambda shop, _who, money: movements.fee(merchant=shop, amount=money),
    "refunded": lambda shop, _who, money: movements.refunded(merchant=shop, amount=money),
    "refund failed": lambda shop, _who, money: movements.refund_failed(merchant=shop, amount=money),
    "our fee": lambda shop, _who, money: movements.our_fee(merchant=shop, amount=money),
    "returned": lambda shop, _who, money: movements.payout_returned(merchant=shop, amount=money),
    "settled": lambda shop, _who, money: movements.settled(merchant=shop, amount=money),
    "credited": lambda _shop, who, money: movements.credited(customer=who, amount=money),
    "reversed": lambda _shop, who, money: movements.credit_reversed(customer=who, amount=money),
    "kept": lambda shop, _who, money: movements.credit_kept(merchant=shop, amount=money),
    "lost": lambda _shop, _who, money: movements.credit_lost(amount=money),
    "paid back": lambda _shop, who, money: movements.paid_back(customer=who, amount=money),
    "pay back failed": lambda _shop, who, money: movements.pay_back_failed(customer=who, amount=money),
    "bill paid": lambda _shop, _who, money: movements.bill_paid(amount=money),
    "bill returned": lambda _shop, _who, money: movements.bill_returned(amount=money),
    "fee borne": lambda _shop, _who, money: movements.fee_borne(amount=money),
    "written off": lambda shop, _who, money: movements.written_off(merchant=shop, amount=money),
}


@dataclass(frozen=True)
class Act:
    """What is tried: `case`, `shop` and `who` are numbers of one of two; `again` posts a step that there is once more,
    with the same movement or with another one."""

    what: str
    case: int
    shop: int
    who: int
    amount: int
    currency: str
    again: str


ACTS = st.builds(
    Act,
    # What gives is played more often than what takes back, so that there is something to take.
    what=st.sampled_from(["captured", "credited", "captured", "credited", "refunded", *MAKERS]),
    case=st.integers(0, 1),
    shop=st.integers(0, 1),
    who=st.integers(0, 1),
    amount=st.integers(1, 12),
    currency=st.sampled_from(["EUR", "EUR", "KWD"]),
    again=st.sampled_from(["", "", "", "same", "other"]),
)


@dataclass
class Model:
    """Who owes what, in the smallest unit. Keys begin with the currency."""

    held: Counter[str] = field(default_factory=Counter)
    """By the provider."""
    owed_to_shop: Counter[tuple[str, int]] = field(default_factory=Counter)
    owed_to_customer: Counter[tuple[str, int]] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    refundable: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """By case and shop."""
    payable: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """What a case took for a shop, less the fees and what was paid out of it."""
    paid_out: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """By case and shop, less what was taken back."""
    earned: Counter[str] = field(default_factory=Counter)
    borne: Counter[str] = field(default_factory=Counter)
    """Fees of the provider that are no merchant's."""
    refunded: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """By case and shop: what can come back."""
    paid_back: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """By case and customer: what can come back."""
    undecided: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Credits, by case."""
    reversible: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """Credits, by case and customer."""
    bills: Counter[tuple[str, int]] = field(default_factory=Counter)
    """What was paid of our own bills, by case."""

    def allows(self, act: Act) -> bool:
        money, shop, who = act.currency, (act.currency, act.shop), (act.currency, act.who)
        undecided = self.undecided[money, act.case]
        most = {
            "refunded": self.refundable[money, act.case, act.shop],
            "settled": self.payable[money, act.case, act.shop],
            "our fee": self.payable[money, act.case, act.shop],
            "returned": self.paid_out[money, act.case, act.shop],
            "refund failed": self.refunded[money, act.case, act.shop],
            "pay back failed": self.paid_back[money, act.case, act.who],
            "reversed": min(undecided, self.reversible[money, act.case, act.who]),
            "kept": undecided,
            "lost": undecided,
            "paid back": self.owed_to_customer[who],
            "written off": -self.owed_to_shop[shop],
            "bill returned": self.bills[money, act.case],
        }
        return act.amount <= most.get(act.what, act.amount)

    def apply(self, act: Act) -> None:
        money, shop, who, amount = act.currency, (act.currency, act.shop), (act.currency, act.who), act.amount
        comes = {"captured", "topped up", "bill paid", "returned", "refund failed", "pay back failed"}
        self.held[money] += amount * (act.what in comes)
        goes = {"fee", "fee borne", "refunded", "settled", "paid back", "bill returned"}
        self.held[money] -= amount * (act.what in goes)
        self.borne[money] += amount * (act.what == "fee borne")
        self.owed_to_shop[shop] += amount * (act.what in {"captured", "written off", "returned", "refund failed"})
        self.owed_to_shop[shop] -= amount * (act.what in {"fee", "refunded", "settled", "our fee", "kept"})
        self.payable[money, act.case, act.shop] += amount * (act.what in {"captured", "returned"})
        self.payable[money, act.case, act.shop] -= amount * (act.what in {"fee", "settled", "our fee"})
        self.paid_out[money, act.case, act.shop] += amount * ((act.what == "settled") - (act.what == "returned"))
        self.earned[money] += amount * (act.what == "our fee")
        self.owed_to_customer[who] += amount * (act.what in {"topped up", "credited", "pay back failed"})
        self.owed_to_customer[who] -= amount * (act.what in {"reversed", "paid back"})
        self.lost[money] += amount * (act.what in {"lost", "written off"})
        self.refundable[money, act.case, act.shop] += amount * (act.what in {"captured", "refund failed"})
        self.refundable[money, act.case, act.shop] -= amount * (act.what == "refunded")
        came = (act.what == "refunded") - (act.what == "refund failed")
        self.refunded[money, act.case, act.shop] += amount * came
        came = (act.what == "paid back") - (act.what == "pay back failed")
        self.paid_back[money, act.case, act.who] += amount * came
        self.undecided[money, act.case] += amount * (act.what == "credited")
        self.undecided[money, act.case] -= amount * (act.what in {"reversed", "kept", "lost"})
        self.bills[money, act.case] += amount * ((act.what == "bill paid") - (act.what == "bill returned"))
        self.reversible[money, act.case, act.who] += amount * ((act.what == "credited") - (act.what == "reversed"))


@dataclass
class World:
    shops: list[Customer]
    people: list[Customer]
    cases: list[Case]
    model: Model = field(default_factory=Model)
    steps: list[tuple[Case, str, Movement]] = field(default_factory=list)

    def play(self, act: Act) -> None:
        movement = MAKERS[act.what](self.shops[act.shop], self.people[act.who], Money(act.amount, act.currency))
        if act.again and self.steps:
            self._again(act, movement)
            return
        case, step = self.cases[act.case], str(len(self.steps))
        if not self.model.allows(act):
            with pytest.raises(Conflict) as refused:
                post_one(case, step, movement)
            assert refused.value.field == "amount"
            return
        post_one(case, step, movement)
        self.steps.append((case, step, movement))
        self.model.apply(act)

    def _again(self, act: Act, movement: Movement) -> None:
        case, step, known = self.steps[act.amount % len(self.steps)]
        if act.again == "same" or movement == known:
            post_one(case, step, known)
            return
        with pytest.raises(Conflict) as refused:
            post_one(case, step, movement)
        assert refused.value.field == "step"

    def expected(self) -> dict[tuple[str, int | None, str], int]:
        found: dict[tuple[str, int | None, str], int] = {}
        for currency in ("EUR", "KWD"):
            undecided = sum(self.model.undecided[currency, case] for case in (0, 1))
            found["provider", None, currency] = self.model.held[currency]
            found["loss", None, currency] = self.model.lost[currency]
            found["income", None, currency] = -self.model.earned[currency]
            found["costs", None, currency] = self.model.borne[currency]
            found["compensation", None, currency] = undecided
            found["bills", None, currency] = -sum(self.model.bills[currency, case] for case in (0, 1))
            for number in (0, 1):
                found["merchant", self.shops[number].pk, currency] = -self.model.owed_to_shop[currency, number]
                found["customer", self.people[number].pk, currency] = -self.model.owed_to_customer[currency, number]
        return {name: balance for name, balance in found.items() if balance}


def make_world() -> World:
    people = [make_owner(), make_owner()]
    return World([make_owner(), make_owner()], people, [make_case(one) for one in people])


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, min_size=10, max_size=40))
def test_every_balance_is_that_of_the_model_and_all_come_to_nought(acts: list[Act]) -> None:
    with transaction.atomic():
        world = make_world()
        for act in acts:
            world.play(act)

        commit_checks()
        assert {name: balance for name, balance in balances().items() if balance} == world.expected()
        assert verify().wrong == []
        assert Posting.objects.count() == len(world.steps)
        transaction.set_rollback(True)
