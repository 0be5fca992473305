"""Each risk rule of a top-up on both sides of its limit, and in words from which nobody learns anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.risk.facts import OfCard
from backoffice.payments.risk.orders import StepUp
from backoffice.payments.risk.rules import DENY
from backoffice.payments.risk.top_up_facts import OfCaller, Request, TopUpFacts
from backoffice.payments.risk.top_up_rules import RULES, judge, words
from tests.payments.risk.ordering import AMOUNTS, AT, LIMITS, QUIET

MOMENT = timedelta(microseconds=1)
_FACTS = TopUpFacts(
    at=AT,
    limits=LIMITS,
    card=OfCard(orders=0, declines=0),
    card_age=timedelta(days=400),
    caller=OfCaller(on_file=True, swapped=False, age=timedelta(days=400), shared=False, top_ups=0),
    customer=QUIET.customer,
)


def asked(**changed: Any) -> Request:
    """Of 25.00 EUR with a card on file. Nothing of it is in the database."""
    customer = Customer(pk=1)
    request = Request(customer=customer, amount=Money(25_00, "EUR"), caller="i", card=CardOnFile(customer=customer))
    return replace(request, **changed)


def known(**changed: Any) -> TopUpFacts:
    """Against which nothing speaks, changed; `card`, `caller` and `customer` change what is in them."""
    parts = {name: replace(getattr(_FACTS, name), **changed.pop(name, {})) for name in ("card", "caller", "customer")}
    return replace(_FACTS, **parts, **changed)


def amount(name: str, more: int = 0) -> dict[str, Money]:
    return {"amount": Money(AMOUNTS[name] + more, "EUR")}


def of(part: str, **changed: Any) -> dict[str, Any]:
    return {part: changed}


YOUNG = {"card_age": timedelta(days=1) - MOMENT}
SIDES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # code, the request and the facts that pass, what makes the rule hold in the request, and in the facts
    ("amount_highest", amount("highest"), {}, amount("highest", 1), {}),
    ("amount_identity", amount("identity"), {}, amount("identity", 1), {}),
    ("card_declines", {}, of("card", declines=2), {}, of("card", declines=3)),
    ("card_orders", {}, of("card", orders=10), {}, of("card", orders=11)),
    ("card_new", amount("same_call"), YOUNG, amount("same_call", 1), {}),
    ("card_new", amount("same_call", 1), {"card_age": timedelta(days=1)}, {}, YOUNG),
    ("card_new", {"card": None, **amount("same_call", 1)}, {"card_age": timedelta(0)}, {"keys_in": True}, {}),
    ("number_swapped", {}, {}, {}, of("caller", swapped=True)),
    ("number_top_ups", {}, of("caller", top_ups=5), {}, of("caller", top_ups=6)),
    ("number_not_on_file", {}, {}, {}, of("caller", on_file=False)),
    ("number_young", {}, of("caller", age=timedelta(days=30)), {}, of("caller", age=timedelta(days=30) - MOMENT)),
    ("number_shared", {}, {}, {}, of("caller", shared=True)),
    ("customer_suspicious", {}, {}, {}, of("customer", suspicious=True)),
    ("customer_moved", {}, {}, {}, of("customer", moved=True)),
    ("customer_unidentified", amount("unidentified"), of("customer", identified=False), amount("unidentified", 1), {}),
    ("customer_top_ups", {}, of("customer", orders=3), {}, of("customer", orders=4)),
    ("customer_declines", {}, of("customer", declines=5), {}, of("customer", declines=6)),
]


@pytest.mark.parametrize(("code", "request_", "facts", "request_too_far", "facts_too_far"), SIDES)
def test_a_rule_holds_beyond_its_limit_and_not_at_it(
    code: str,
    request_: dict[str, Any],
    facts: dict[str, Any],
    request_too_far: dict[str, Any],
    facts_too_far: dict[str, Any],
) -> None:
    at_the_limit = judge(asked(**request_), known(**facts))
    beyond = judge(asked(**request_ | request_too_far), known(**facts | facts_too_far))

    assert code not in at_the_limit.codes
    assert set(beyond.codes) - set(at_the_limit.codes) == {code}
    assert (code in beyond.denied) is (RULES[code].result == DENY)
    assert (code in beyond.asks) is (RULES[code].result is StepUp.IDENTITY)


def test_every_rule_stands_in_the_table() -> None:
    assert set(RULES) == {one[0] for one in SIDES}


def test_nothing_speaks_against_a_quiet_request() -> None:
    assert judge(asked(), known()).codes == ()


def test_amounts_that_are_tightened_hold_earlier() -> None:
    tight = replace(LIMITS, amounts=LIMITS.amounts.tightened(16))

    assert judge(asked(**amount("identity")), known()).codes == ()
    assert "amount_identity" in judge(asked(**amount("identity")), known(limits=tight)).asks


def test_what_the_caller_hears_names_no_number_and_no_reason() -> None:
    """Whoever calls may have been given the digits: of the customer they learn nothing."""
    heard = {str(rule.tells) for rule in RULES.values()}

    assert len(heard) == 3
    for sentence in heard:
        assert not re.search(r"\d|swapped|ported|declin|document|limit", sentence)
        assert "Nothing was" in sentence


def test_staff_read_what_a_rule_says_also_of_one_that_is_no_more() -> None:
    assert "swapped" in str(words("number_swapped"))
    assert "no longer in force" in str(words("gone"))
