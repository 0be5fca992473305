"""Every branch of a claim about a payment, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.payment_claim.facts import Credit
from workflows.payment_claim.spec import PERIODS

pytestmark = pytest.mark.anyio
CREDIT, DECISION, LATEST = timedelta(days=1), timedelta(days=21), timedelta(days=49)
"""1, 15 and 35 business days of a quiet month."""
NOTICE = PERIODS.notice_of_a_reversal


async def opened(
    skipping: Rehearsal,
    credit: Credit = Credit.BY_ITSELF,
    *,
    pays: str | list[str] = "card",
    requester: str = "",
    **other: Any,
) -> Rehearsed:
    """`pays` is where the money goes in the end, or what the provider says each time."""
    now = (await skipping.env.get_current_time()).replace(microsecond=0)
    dates = {"credit_by": now + CREDIT, "decide_by": now + DECISION, "latest_by": now + LATEST}
    to = [pays] if isinstance(pays, str) else pays
    gives: Any = {"pay_back": [{"to": one} for one in to]}
    told = {name: at.isoformat() for name, at in dates.items()}
    return await skipping.open("payment_claim", gives=gives, requester=requester, credit=credit.value, **told, **other)


async def announced(skipping: Rehearsal) -> Rehearsed:
    """The payment was right, and the customer was told on which day the credit is taken back."""
    case = await opened(skipping)
    await case.answer("investigate", "wrong", by="sam")
    await case.asks("answer_reversal")
    return case


async def test_the_money_comes_first_and_goes_to_the_card_when_the_customer_is_right(skipping: Rehearsal) -> None:
    for bearer in ("merchant", "us"):
        case = await opened(skipping)
        item = await case.asks("investigate")
        assert (case.effects, case.told) == (["credit"], ["claim_credited"])
        assert case.kind(item).part == "claim_decider"
        await case.answer("investigate", bearer, by="sam")

        assert await case.ends() == "done"
        assert case.effects == ["credit", "pay_back"]
        assert case.told[-1] == "claim_kept"
        assert case.stages == ["credited", "investigated", "settled"]


async def test_above_the_caps_another_person_gives_the_credit_and_a_third_decides(skipping: Rehearsal) -> None:
    case = await opened(skipping, Credit.BY_A_PERSON, requester="hanna")
    item = await case.asks("approve_credit")
    assert (case.effects, case.told) == ([], ["claim_received"])
    assert item.due_at - await case.now() <= CREDIT
    await case.answer("approve_credit", "approved", by="ada")
    decision = await case.asks("investigate")
    assert case.effects == ["credit"]
    assert (case.kind(item).part, case.kind(decision).part) == ("credit_approver", "claim_decider")
    await case.answer("investigate", "us", by="sam")

    assert await case.ends() == "done"
    assert case.closes[0].parts == {"hanna": "requester", "ada": "credit_approver", "sam": "claim_decider"}


async def test_who_gets_no_credit_at_once_gets_the_money_when_they_are_right(skipping: Rehearsal) -> None:
    case = await opened(skipping, Credit.BY_A_PERSON)
    await case.answer("approve_credit", "refused", by="ada")
    await case.answer("investigate", "merchant", by="sam")

    assert await case.ends() == "done"
    assert case.effects == ["pay_back"]
    assert case.told == ["claim_received", "claim_not_credited", "claim_kept"]


async def test_a_credit_that_nobody_decides_on_within_a_business_day_goes_to_the_supervisors(
    skipping: Rehearsal,
) -> None:
    case = await opened(skipping, Credit.BY_A_PERSON)
    await case.asks("approve_credit")
    await case.passes(CREDIT - timedelta(minutes=1))
    assert case.escalated == []
    await case.passes(minutes=2)
    assert case.escalated == ["approve_credit"]
    await case.answer("approve_credit", "approved", by="ada")
    await case.answer("investigate", "us", by="sam")

    assert await case.ends() == "done"


async def test_where_the_bank_holds_the_money_we_give_no_credit(skipping: Rehearsal) -> None:
    case = await opened(skipping, Credit.BY_THE_BANK)
    await case.answer("investigate", "wrong", by="sam")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects) == ("refused", [])
    assert case.told == ["claim_from_bank", "claim_reversed"]


async def test_a_credit_is_taken_back_ten_days_after_that_was_told(skipping: Rehearsal) -> None:
    case = await announced(skipping)
    assert case.told[-1] == "claim_reversal"
    await case.passes(NOTICE - timedelta(minutes=1))
    assert case.effects == ["credit", "announce_reversal"]

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects[-1]) == ("reversed", "take_credit_back")
    assert case.told == ["claim_credited", "claim_reversal", "claim_reversed"]


async def test_how_long_before_that_is_told_is_a_fact_of_the_claim(skipping: Rehearsal) -> None:
    """Ten days but for a demonstration."""
    case = await opened(skipping, notice=60)
    await case.answer("investigate", "wrong", by="sam")
    item = await case.asks("answer_reversal")
    assert item.due_at - await case.now() <= timedelta(seconds=60)
    await case.passes(seconds=50)
    assert "take_credit_back" not in case.effects

    assert await case.ends() == "rejected"
    assert case.effects[-1] == "take_credit_back"


async def test_a_third_person_looks_at_what_the_customer_answers_and_may_let_them_keep_it(
    skipping: Rehearsal,
) -> None:
    case = await announced(skipping)
    await case.answer("answer_reversal", "answered")
    review = await case.asks("review_claim")
    assert (case.kind(review).part, case.kind(review).role) == ("claim_reviewer", "compliance")
    await case.answer("review_claim", "us", by="carla")

    assert await case.ends() == "done"
    assert case.effects == ["credit", "announce_reversal", "pay_back"]


async def test_after_an_answer_too_nothing_is_taken_before_the_day_that_was_told(skipping: Rehearsal) -> None:
    case = await announced(skipping)
    await case.answer("answer_reversal", "answered")
    await case.answer("review_claim", "wrong", by="carla")
    await case.until(lambda: case.told[-1] == "claim_reviewed", "tell the customer")
    await case.passes(NOTICE - timedelta(hours=1))
    assert "take_credit_back" not in case.effects

    assert await case.ends() == "rejected"
    assert case.effects[-1] == "take_credit_back"


async def test_an_answer_that_is_looked_at_late_is_followed_by_the_reversal_at_once(skipping: Rehearsal) -> None:
    case = await announced(skipping)
    await case.answer("answer_reversal", "answered")
    await case.asks("review_claim")
    await case.passes(NOTICE + timedelta(days=1))
    await case.answer("review_claim", "wrong", by="carla")

    assert await case.ends() == "rejected"
    assert "claim_reviewed" not in case.told


async def test_a_holding_letter_moves_the_decision_once_and_never_beyond_the_last_day(skipping: Rehearsal) -> None:
    latest = (await skipping.env.get_current_time()).replace(microsecond=0) + LATEST
    case = await opened(skipping)
    far = latest + timedelta(days=90)
    await case.answer("investigate", "hold", by="sam", until=far.isoformat())
    second = await case.asks("investigate-2")
    assert case.told[-1] == "claim_holding"
    assert second.due_at == latest
    await case.answer("investigate-2", "hold", by="sam", until=far.isoformat())
    third = await case.asks("investigate-3")
    assert third.due_at == latest
    assert case.told.count("claim_holding") == 1
    await case.answer("investigate-3", "merchant", by="sam")

    assert await case.ends() == "done"


async def test_what_is_overdue_goes_to_compliance_with_an_alarm(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("investigate")
    await case.passes(DECISION + timedelta(minutes=1))
    item = await case.asks("decide_overdue")
    assert case.kind(item).role == "compliance"
    assert (case.effects, case.told[-1]) == (["credit", "alarm_overdue"], "claim_overdue")
    await case.answer("decide_overdue", "wrong", by="carla")

    assert await case.ends() == "rejected"
    assert case.effects[-1] == "take_credit_back"


async def test_where_nobody_decides_by_the_last_day_the_customer_keeps_it(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("investigate")

    assert await case.ends() == "done"
    assert case.effects == ["credit", "alarm_overdue", "let_keep", "pay_back"]
    assert case.expired == ["investigate", "decide_overdue"]


async def test_money_that_came_back_by_another_way_ends_the_credit_at_once(skipping: Rehearsal) -> None:
    for credit, step in ((Credit.BY_ITSELF, "investigate"), (Credit.BY_A_PERSON, "approve_credit")):
        case = await opened(skipping, credit)
        await case.asks(step)
        await case.happens("money_went_back")

        assert await case.ends() == "done"
        assert (case.effects[-1], case.told[-1]) == ("take_credit_back", "claim_went_back")
        assert case.withdrawn == [step]
    case = await announced(skipping)
    await case.happens("money_went_back")

    assert await case.ends() == "done"
    assert case.effects == ["credit", "announce_reversal", "take_credit_back"]


async def test_what_the_bank_looks_at_is_paid_once_it_has_decided(skipping: Rehearsal) -> None:
    case = await opened(skipping, pays=["at_the_bank", "card"])
    await case.answer("investigate", "us", by="sam")
    await case.enters("at_the_bank")
    await case.happens("bank_decided")

    assert await case.ends() == "done"
    assert (case.effects.count("pay_back"), case.told[-1]) == (2, "claim_kept")


async def test_what_the_bank_gives_back_itself_is_not_paid_again(skipping: Rehearsal) -> None:
    case = await opened(skipping, pays="at_the_bank")
    await case.answer("investigate", "us", by="sam")
    await case.enters("at_the_bank")
    await case.happens("money_went_back")

    assert await case.ends() == "done"
    assert (case.effects[-1], case.told[-1]) == ("take_credit_back", "claim_went_back")


async def test_the_provider_is_asked_again_each_week_where_no_word_of_the_bank_comes(skipping: Rehearsal) -> None:
    case = await opened(skipping, pays=["at_the_bank", "at_the_bank", "elsewhere"])
    await case.answer("investigate", "us", by="sam")
    await case.enters("at_the_bank")
    await case.passes(PERIODS.until_the_provider_is_asked_again + timedelta(minutes=1))
    assert case.effects.count("pay_back") == 2

    assert await case.ends() == "done"
    assert case.told[-1] == "claim_went_back"


async def test_what_cannot_be_paid_to_the_card_stays_on_the_balance(skipping: Rehearsal) -> None:
    case = await opened(skipping, pays="balance")
    await case.answer("investigate", "merchant", by="sam")

    assert await case.ends() == "done"
    assert case.told[-1] == "claim_kept"


async def test_a_provider_that_is_given_up_on_leaves_the_money_on_the_balance(skipping: Rehearsal) -> None:
    skipping.refuses("pay_back", "closed")
    case = await opened(skipping)
    await case.answer("investigate", "merchant", by="sam")
    await case.answer("resolve_failure", "give_up", by="sue")

    assert await case.ends() == "failed"
    assert (case.effects[-1], case.told[-1]) == ("keep_on_balance", "claim_kept")


async def test_the_customer_can_take_it_back_before_it_is_decided(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("investigate")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["credit", "take_credit_back"]
