"""A gateway that is killed is found out within ten seconds, and one that is only slow is not taken for dead."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backoffice.payments.voice import watching
from backoffice.payments.voice.models import VoiceCall, VoicePayment
from backoffice.telephony.models import Call, CallOutcome
from backoffice.voice.contract import Captured, Outcome, Role, Telephone, TelephoneState
from tests.devstack.payment_simulator.simulator import Payments
from tests.payments.making import make_agent
from tests.payments.voice.conftest import Played, saved_card
from tests.payments.voice.ordered import NOON, ask, heard_by_process, order, prepared, read_to, tells

pytestmark = pytest.mark.django_db


def passes(*, until: float) -> None:
    """The looks of so many seconds from noon on."""
    for turn in range(int(until / watching.EVERY) + 1):
        watching.look_at_all(now=NOON + timedelta(seconds=turn * watching.EVERY))


@pytest.mark.parametrize("refuses", ["unknown", "broken"])
def test_a_call_of_which_the_gateway_knows_nothing_is_lost_within_ten_seconds(
    payment: VoicePayment, played: Played, refuses: str
) -> None:
    call = prepared(payment)
    ask(payment.case, "ring_customer")
    read_to(call)
    played.refuses = refuses
    passes(until=2)
    assert heard_by_process(payment) == ["answered", "agreed"]

    passes(until=8)

    assert heard_by_process(payment) == ["answered", "agreed", "lost"]
    call.refresh_from_db()
    assert call.ended_at is not None
    assert Call.objects.get(pk=call.call_id).outcome == CallOutcome.BROKEN_OFF


def test_a_gateway_that_was_started_anew_has_lost_it(payment: VoicePayment, played: Played) -> None:
    ask(prepared(payment).payment.case, "ring_customer")
    played.instance = "gateway-2"
    passes(until=0)

    assert heard_by_process(payment) == ["lost"]


def test_a_customer_who_left_without_an_event_is_found_out(payment: VoicePayment, played: Played) -> None:
    ask(prepared(payment).payment.case, "ring_customer")
    played.telephones = (Telephone(role=Role.CUSTOMER, state=TelephoneState.OVER, answered=True),)
    passes(until=2)
    assert heard_by_process(payment) == []

    passes(until=6)
    assert heard_by_process(payment) == ["lost"]


def test_a_call_that_goes_on_is_believed_in_and_an_answer_that_is_late_once_does_no_harm(
    payment: VoicePayment, played: Played
) -> None:
    call = prepared(payment)
    ask(payment.case, "ring_customer")
    played.refuses = "unknown"
    passes(until=2)
    played.refuses = ""
    passes(until=20)

    assert heard_by_process(payment) == []
    call.refresh_from_db()
    assert (call.ended_at, call.missed_at) == (None, None)
    assert Call.objects.get(pk=call.call_id).is_heard(NOON + timedelta(seconds=30))


def test_what_is_keyed_in_on_a_line_that_was_given_up_pays_nothing(payment: VoicePayment, played: Played) -> None:
    """The gateway could not be reached, and goes on: meanwhile the process has the customer asked in another call."""
    call = prepared(payment)
    ask(payment.case, "ring_customer")
    read_to(call)
    played.refuses = "broken"
    passes(until=8)

    assert tells(call, Captured(key="keys", outcome=Outcome.DONE, token="cvctok_late"))

    payment.refresh_from_db()
    assert (payment.token, heard_by_process(payment)[-1]) == ("", "lost")


def test_a_gateway_that_hangs_is_waited_for_once_and_not_for_each_call(
    payment: VoicePayment, played: Played, bank: Payments
) -> None:
    """So the last of many calls is found out as soon as the first."""
    others = [order(make_agent(), saved_card(bank).customer) for _payment in range(2)]
    calls = [prepared(one) for one in (payment, *others)]
    for call in calls:
        ask(call.payment.case, "ring_customer")
    played.answers.clear()
    try:
        for seconds in (0, 4):
            watching.look_at_all(now=NOON + timedelta(seconds=seconds))
    finally:
        played.answers.set()

    assert played.looks == 2, "one in each pass"
    assert [heard_by_process(one) for one in (payment, *others)] == [["lost"]] * 3


def test_of_more_calls_than_one_pass_looks_at_each_has_its_turn_the_longest_unheard_first(
    payment: VoicePayment, played: Played, bank: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "WITHIN", timedelta(0))
    others = [order(make_agent(), saved_card(bank).customer) for _payment in range(2)]
    calls = [prepared(one, at=NOON + timedelta(seconds=number)) for number, one in enumerate((payment, *others))]
    for call in calls:
        ask(call.payment.case, "ring_customer")
        type(call).objects.filter(pk=call.pk).update(heard_at=call.placed_at)

    looked_at: list[int] = []
    for turn in range(6):
        now = NOON + timedelta(seconds=10 + turn * watching.EVERY)
        watching.look_at_all(now=now)
        looked_at += [number for number, call in enumerate(calls) if _heard_at(call) == now]

    assert looked_at == [0, 1, 2, 0, 1, 2]
    assert [heard_by_process(one) for one in (payment, *others)] == [[]] * 3


def _heard_at(call: VoiceCall) -> datetime:
    call.refresh_from_db()
    return call.heard_at
