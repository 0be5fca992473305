"""Toll fraud: nothing rings a number that earns somebody money, and nobody has us telephone without end."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import pytest
from pytest_django import Settings

from backoffice.cases.models import Alarm, Event
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactPoint
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.risk import minutes
from backoffice.payments.voice import calling, spending
from backoffice.payments.voice.models import VoiceCall, VoicePayment
from backoffice.payments.voice.sentences import BECAUSE, SENTENCES
from backoffice.refusals import Conflict
from backoffice.telephony import minutes as minutes_of_all
from backoffice.voice.contract import Answered, Left, Role, Why
from tests.at_once import at_once
from tests.payments.making import make_agent, make_voice_payment
from tests.payments.voice.calls import make_voice_call
from tests.payments.voice.conftest import Played
from tests.payments.voice.ordered import NOON, ask, order, prepared, tells
from tests.playing import advance
from workflows.base.contracts import DoEffect

pytestmark = pytest.mark.django_db
PREMIUM = "+31900123456"


def stored(payment: VoicePayment, number: str) -> None:
    """The number is on file since before such numbers were refused."""
    old = payment.point
    ContactPoint.objects.filter(pk=old.pk).update(superseded_at=NOON)
    point = ContactPoint.objects.create(
        customer=old.customer,
        kind="phone",
        value=number,
        value_index=index_of(kind="phone", value=number),
        masked="•••56",
        since=old.since,
        verified_at=old.verified_at,
    )
    VoicePayment.objects.filter(pk=payment.pk).update(point=point)


def tried(payment: VoicePayment) -> str:
    """Why nothing rings; empty where it does."""
    done = advance(payment.case, effects=(DoEffect("prepare_voice_call"),), at=NOON)
    if done.facts.get("number"):
        return ""
    noted = Event.objects.filter(case_id=payment.case_id, kind="payment.not_rung").last()
    assert noted is not None
    return str(noted.data["because"])


def used_up(merchant: Merchant, minutes_of_calls: int) -> None:
    """By one call that is over."""
    payment = make_voice_payment(agent=make_agent(merchant))
    began = NOON - timedelta(minutes=minutes_of_calls)
    make_voice_call(payment, placed_at=began, ended_at=NOON, lines_closed_at=NOON)


def limited(settings: Settings, most: int) -> None:
    settings.RISK_LIMITS = [f"line_minutes_of_a_merchant_a_day {most}"]


def test_a_stored_number_that_costs_extra_is_not_rung_and_the_case_says_why(
    payment: VoicePayment, played: Played
) -> None:
    stored(payment, PREMIUM)

    assert tried(payment) == "number_refused"
    assert ask(payment.case, "ring_customer").facts == {"taken": False}
    assert played.commands == []


def test_an_order_for_such_a_number_is_refused(payment: VoicePayment) -> None:
    stored(payment, PREMIUM)
    customer = payment.case.customer

    with pytest.raises(Conflict) as refused:
        order(payment.agent, customer, phone=PREMIUM, last_four=payment.last_four)
    assert refused.value.code == "risk_refused"


def test_an_agents_number_that_costs_extra_is_not_rung_first_nor_later(payment: VoicePayment, played: Played) -> None:
    MerchantAgent.objects.filter(pk=payment.agent_id).update(telephone=PREMIUM)

    with pytest.raises(Conflict) as refused:
        order(MerchantAgent.objects.get(pk=payment.agent_id), mode="same_call")
    assert refused.value.code == "telephone_refused"
    call = prepared(payment)
    tells(call, Answered(role=Role.CUSTOMER))
    assert ask(payment.case, "ring_agent").facts == {"taken": False}
    assert played.commands == []

    VoiceCall.objects.update(ended_at=NOON)
    VoicePayment.objects.filter(pk=payment.pk).update(mode="same_call")
    assert tried(payment) == "agent_number_refused"


def test_a_merchant_whose_minutes_are_used_up_cannot_order(settings: Settings) -> None:
    agent = make_agent()
    limited(settings, 60)
    used_up(agent.merchant, 56)

    with pytest.raises(Conflict) as refused:
        order(agent)
    assert "as long as we do within a day" in str(refused.value)
    assert order(make_agent())


def test_it_is_looked_at_again_before_anything_rings(settings: Settings, payment: VoicePayment, played: Played) -> None:
    limited(settings, 60)
    used_up(payment.merchant, 56)

    assert tried(payment) == "merchant_minutes_spent"
    assert played.commands == []
    [alarm] = Alarm.objects.filter(code="merchant_minutes")
    assert payment.merchant.trading_name in str(alarm.told)


def test_staff_is_warned_once_a_day_before_it_stops(settings: Settings, payment: VoicePayment) -> None:
    limited(settings, 60)
    used_up(payment.merchant, 40)

    assert tried(payment) == ""
    spending.warn(payment, now=NOON)
    assert Alarm.objects.filter(code="merchant_minutes").count() == 1


def test_far_below_the_limit_nobody_is_warned(payment: VoicePayment) -> None:
    assert tried(payment) == ""
    assert not Alarm.objects.exists()


def test_minutes_of_all_calls_together_are_limited_too(settings: Settings, payment: VoicePayment) -> None:
    settings.CALL_MINUTES_A_DAY = 4

    assert tried(payment) == "call_minutes_spent"
    assert Alarm.objects.filter(code="call_minutes").count() == 1


def test_ringing_counts_and_two_lines_count_twice_until_the_last_is_closed(payment: VoicePayment) -> None:
    later = NOON + timedelta(minutes=30)
    call = prepared(payment)
    assert minutes.needed(payment.merchant, now=NOON) == 5 + 5
    assert minutes.needed(payment.merchant, now=later) == 30 + 5

    VoiceCall.objects.filter(pk=call.pk).update(agent="up")
    assert minutes.needed(payment.merchant, now=later) == 60 + 5
    call.refresh_from_db()
    calling.end(call, now=NOON + timedelta(minutes=10), talk_on=True)
    assert minutes.needed(payment.merchant, now=later) == 60 + 5

    tells(call, Left(role=Role.CUSTOMER, why=Why.HUNG_UP, answered=True), at=NOON + timedelta(minutes=20))
    assert minutes.needed(payment.merchant, now=later) == 40 + 5
    assert minutes.needed(payment.merchant, now=NOON + timedelta(hours=25)) == 5


def test_a_talk_whose_end_nobody_told_counts_no_longer_than_it_can_last(payment: VoicePayment) -> None:
    call = prepared(payment)
    calling.end(call, now=NOON, talk_on=True)

    assert minutes.needed(payment.merchant, now=NOON + timedelta(hours=5)) == 60 + 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["merchant", "all"])
def test_of_calls_that_begin_at_once_no_more_ring_than_there_are_minutes_for(settings: Settings, limit: str) -> None:
    if limit == "merchant":
        limited(settings, 15)
    else:
        settings.CALL_MINUTES_A_DAY = 15
    agent = make_agent()
    payments = [order(agent if limit == "merchant" else make_agent(), key=str(uuid.uuid4())) for _ in range(6)]

    found = at_once([partial(tried, payment) for payment in payments])

    assert sorted(map(str, found)) == [
        "",
        "",
        "",
        *[f"{'merchant' if limit == 'merchant' else 'call'}_minutes_spent"] * 3,
    ]
    assert VoiceCall.objects.count() == 3
    assert minutes_of_all.used(now=NOON) == 3 * minutes_of_all.RESERVED


def test_each_reason_has_words_for_staff_and_customer() -> None:
    told = SENTENCES["payment.not_rung"]
    for because in ("number_refused", "agent_number_refused", "merchant_minutes_spent", "call_minutes_spent"):
        assert str(told.staff) % {"because": BECAUSE[because]} == f"The customer was not rung: {BECAUSE[because]}."
        assert str(told.customer) % {"because": BECAUSE[because]}
