"""Each risk rule on both sides of its limit, what the rules say together, and in which words."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.customers.contact_points import PHONE_AGE
from backoffice.money import Money
from backoffice.payments.risk import rules
from backoffice.payments.risk.assessing import Assessment, judge, steps_of, words
from backoffice.payments.risk.facts import Facts
from backoffice.payments.risk.limits import Amounts, Counts
from backoffice.payments.risk.orders import StepUp
from backoffice.payments.risk.rules import DENY, RULES, SUSPEND
from backoffice.payments.risk.top_up_rules import RULES as TOP_UP_RULES
from backoffice.trust.phone_factor import Hindrance
from tests.payments.risk.ordering import AMOUNTS, AT, LIMITS, an_order, known
from workflows.voice_payment.facts import Mode

SAME_CALL = {"mode": Mode.SAME_CALL}
MOMENT = timedelta(microseconds=1)


def amount(minor: int) -> dict[str, Money]:
    return {"amount": Money(minor, "EUR")}


def of(part: str, **changed: Any) -> dict[str, Any]:
    return {part: changed}


SIDES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # code, the order and the facts that pass, what makes the rule hold in the order, and in the facts
    ("merchant", {}, {}, {}, {"standing": "It is suspended."}),
    ("agent_unpaid", {}, {"agent_unpaid": 10}, {}, {"agent_unpaid": 11}),
    ("merchant_unpaid", {}, {"merchant_unpaid": 30}, {}, {"merchant_unpaid": 31}),
    ("merchant_minutes", {}, {"line_minutes": 1_000}, {}, {"line_minutes": 1_001}),
    ("amount_highest", amount(AMOUNTS["highest"]), {}, amount(AMOUNTS["highest"] + 1), {}),
    ("amount_document", amount(AMOUNTS["document"]), {}, amount(AMOUNTS["document"] + 1), {}),
    ("amount_identity", amount(AMOUNTS["identity"]), {}, amount(AMOUNTS["identity"] + 1), {}),
    ("amount_same_call", SAME_CALL | amount(AMOUNTS["same_call"]), {}, amount(AMOUNTS["same_call"] + 1), {}),
    ("card_of_another", {}, {}, of("card", customer_id=2), {}),
    ("card_forgotten", {}, {}, of("card", forgotten_at=AT), {}),
    ("card_expired", of("card", expiry_month=11), {}, of("card", expiry_month=10), {}),
    ("card_declines", {}, of("card", declines=2), {}, of("card", declines=3)),
    ("card_orders", {}, of("card", orders=10), {}, of("card", orders=11)),
    ("number_swapped", {}, {}, {}, of("number", hindrance=Hindrance.SIM_SWAPPED)),
    ("number_unfit", {}, {}, {}, of("number", hindrance=Hindrance.TOO_YOUNG)),
    ("number_unpaid", {}, of("number", unpaid=5), {}, of("number", unpaid=6)),
    ("number_unpaid_week", {}, of("number", unpaid_a_week=15), {}, of("number", unpaid_a_week=16)),
    ("number_young", {}, of("number", age=timedelta(days=30)), {}, of("number", age=timedelta(days=30) - MOMENT)),
    ("number_shared", {}, {}, {}, of("number", shared=True)),
    ("customer_suspicious", {}, {}, {}, of("customer", suspicious=True)),
    ("customer_moved", {}, {}, {}, of("customer", moved=True)),
    ("customer_unidentified", amount(100_00), of("customer", identified=False), amount(100_01), {}),
    ("customer_unidentified", amount(100_01), {}, {}, of("customer", identified=False)),
    ("customer_orders", {}, of("customer", orders=5), {}, of("customer", orders=6)),
    ("customer_declines", {}, of("customer", declines=5), {}, of("customer", declines=6)),
    (
        "customer_new",
        SAME_CALL,
        of("customer", known_for=timedelta(days=30)),
        {},
        of("customer", known_for=timedelta(0)),
    ),
    ("customer_unverified", SAME_CALL, {}, {}, of("customer", verified=False)),
    ("customer_first", SAME_CALL, {}, {}, of("customer", has_paid=False)),
]


@pytest.mark.parametrize(("code", "order", "facts", "order_too_far", "facts_too_far"), SIDES)
def test_a_rule_holds_beyond_its_limit_and_not_at_it(
    code: str,
    order: dict[str, Any],
    facts: dict[str, Any],
    order_too_far: dict[str, Any],
    facts_too_far: dict[str, Any],
) -> None:
    at_the_limit = judge(an_order(**order), known(**facts))
    beyond = judge(an_order(**order | order_too_far), known(**facts | facts_too_far))

    assert code not in at_the_limit.codes
    assert set(beyond.codes) - set(at_the_limit.codes) == {code}
    result = RULES[code].result
    assert (code in beyond.denied) is (result == DENY)
    assert (result in beyond.steps) is isinstance(result, StepUp)


def test_every_rule_stands_in_the_table_and_names_a_limit_that_exists() -> None:
    limits = {one.name for one in (*fields(Amounts), *fields(Counts))}

    assert [code for code in RULES if code not in {one[0] for one in SIDES}] == []
    named = {rule.limit for rule in RULES.values()} | {rule.limit for rule in TOP_UP_RULES.values()}
    assert named - {""} == limits


def test_nothing_speaks_against_a_quiet_order() -> None:
    assessment = judge(an_order(), known())

    assert (assessment.denied, assessment.steps, assessment.codes) == ((), frozenset(), ())


@pytest.mark.parametrize("code", ["customer_new", "customer_unverified", "customer_first"])
def test_who_is_known_matters_only_in_the_same_call(code: str) -> None:
    stranger = known(customer={"known_for": timedelta(0), "verified": False, "has_paid": False})

    assert code in judge(an_order(**SAME_CALL), stranger).codes
    assert code not in judge(an_order(), stranger).codes


def test_a_card_that_is_keyed_in_is_no_card_of_another() -> None:
    assert judge(replace(an_order(), card=None), known()).codes == ()


@pytest.mark.parametrize(
    ("at", "expired"),
    [(datetime(2026, 12, 31, 23, 59, 59, tzinfo=AT.tzinfo), False), (datetime(2027, 1, 1, tzinfo=AT.tzinfo), True)],
)
def test_a_card_is_good_until_the_end_of_its_month(at: datetime, expired: bool) -> None:
    assert ("card_expired" in judge(an_order(), known(at=at)).codes) is expired


def test_the_words_for_an_agent_tell_nothing_of_the_customer() -> None:
    """Whatever a rule found out about a person or their number, its sentence is one of three."""
    of_a_person = {str(words(code)[1]) for code in RULES if code.startswith(("customer_", "number_"))}

    assert of_a_person == {str(rules.NOT_BY_TELEPHONE), str(rules.ASKED_FIRST), str(rules.BY_CALL_OUT)}
    assert {str(words(code)[1]) for code in ("amount_document", "amount_identity")} == {str(rules.ASKED_FIRST)}
    assert not any(re.search(r"\d", str(words(code)[1])) for code in RULES)


def test_each_rule_has_words_of_its_own_for_staff_and_an_old_code_has_some() -> None:
    assert len({str(words(code)[0]) for code in RULES}) == len(RULES)
    assert str(words("abolished")[1]) == str(rules.NOT_BY_TELEPHONE)


FLAGS = ("verified", "identified", "has_paid", "moved")
SOME_FACTS = st.fixed_dictionaries(
    {
        "agent_unpaid": st.integers(0, 20),
        "card": st.fixed_dictionaries({"orders": st.integers(0, 20), "declines": st.integers(0, 5)}),
        "customer": st.fixed_dictionaries(dict.fromkeys(FLAGS, st.booleans())),
    }
)
SOME_AMOUNTS = st.integers(1, 600_00)
MODES = st.sampled_from(list(Mode))


def aged(facts: Facts, days: int) -> Facts:
    """With a number that became the customer's so many days ago."""
    age = timedelta(days=days)
    hindrance = Hindrance.TOO_YOUNG if age < PHONE_AGE else None
    return replace(facts, number=replace(facts.number, age=age, hindrance=hindrance))


def asks_no_less(stricter: Assessment, before: Assessment) -> bool:
    return set(stricter.denied) >= set(before.denied) and stricter.steps >= before.steps


@settings(max_examples=60, deadline=None)
@given(SOME_FACTS, MODES, SOME_AMOUNTS, SOME_AMOUNTS, st.integers(0, 60), st.integers(0, 60))
def test_a_larger_amount_or_a_younger_number_is_never_asked_less(
    some: dict[str, Any], mode: Mode, one: int, other: int, days: int, other_days: int
) -> None:
    (less, more), (younger, older) = sorted((one, other)), sorted((days, other_days))
    small, large = (an_order(mode=mode, **amount(minor)) for minor in (less, more))
    young, old = (aged(known(**some), days) for days in (younger, older))

    before = judge(small, old)

    assert asks_no_less(judge(large, old), before)
    assert asks_no_less(judge(small, young), before)


@settings(max_examples=60, deadline=None)
@given(SOME_FACTS, MODES, SOME_AMOUNTS, st.integers(0, 4), st.integers(0, 4))
def test_tightening_never_loosens(some: dict[str, Any], mode: Mode, minor: int, one: int, other: int) -> None:
    order, facts = an_order(mode=mode, **amount(minor)), known(**some)
    looser, tighter = (
        judge(order, replace(facts, limits=replace(LIMITS, amounts=LIMITS.amounts.tightened(2**power))))
        for power in sorted((one, other))
    )

    assert asks_no_less(tighter, looser)


def test_each_result_is_that_of_a_rule() -> None:
    assert {rule.result for rule in RULES.values()} == {DENY, SUSPEND, *StepUp}


def test_what_was_asked_before_is_known_by_the_codes_that_were_kept() -> None:
    kept = judge(an_order(**amount(AMOUNTS["identity"] + 1)), known()).codes

    assert steps_of([*kept, "abolished"]) == {StepUp.IDENTITY}
