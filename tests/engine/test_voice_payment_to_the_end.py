"""A payment in the same call, and as far as the payout of the merchant: whoever plays it dies after each act that a
payment by call-out does not have, or does otherwise (`test_voice_payment.py`), and before each call is recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pytest

from backoffice.cases.models import CaseState
from backoffice.payments.ledger import verifying
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.voice import fulfilling, ordering
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.refusals import Conflict
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import Payments
from tests.engine.answering_telephone import AnsweringTelephone
from tests.engine.test_voice_payment import Acts, Playing, assert_moved, die, ordered
from tests.engine.test_voice_payment import acts as acts
from tests.engine.test_voice_payment import bank as bank
from tests.engine.test_voice_payment import playing as playing
from tests.engine.test_voice_payment import telephone as telephone
from tests.factories import now
from tests.payments.voice.ordered import as_agent
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
MOMENTS: list[int | str] = [
    *("ring_customer", "capture_payment", "hang_up_voice", "note_provider_fee", "pay_out", 13),
]
"""Before these calls are recorded, and once the payout has its answer."""
TERMS = {"fee_fixed": 10, "fee_points": 100, "payout_delay": 0}


def goes_on(payments: Sequence[VoicePayment]) -> bool:
    """The agents have it taken now, and deliver what is paid; whether all is over."""
    open_ones = VoicePayment.objects.filter(pk__in=[one.pk for one in payments]).exclude(case__state=CaseState.CLOSED)
    for one in open_ones.select_related("agent"):
        by = as_agent(one.agent)
        with contextlib.suppress(Conflict):  # not both are on the line, or it is paid already
            ordering.take_now(payment=one, by=by, now=now())
        if one.money == MoneyState.CAPTURED and not one.fulfilment:
            fulfilling.report(payment=one, fulfilled=True, by=by, now=now())
    return not open_ones.exists()


def test_in_the_same_call_and_at_the_payout_the_money_moves_once_whenever_somebody_dies(
    playing: Playing, acts: Acts, bank: Payments, telephone: AnsweringTelephone
) -> None:
    payments = ordered(bank, 1 + len(MOMENTS), mode="same_call", payout_account=bank.account(), **TERMS)
    for payment, moment in zip(payments[1:], MOMENTS, strict=True):
        acts.after[str(payment.pk), moment] = die
    with playing():
        assert until(lambda: goes_on(payments))

    assert acts.after == {}, "each death has struck"
    assert list(dict.fromkeys(acts.done[str(payments[0].pk)]))[-2:] == ["pay_out", "step 8"]
    for payment in payments:
        assert_moved(bank, telephone, payment, captured=1, fee=1, our_fee=1, settled=1)
        assert payment.case.outcome == "done"
        assert Payout.objects.get(payment=payment).state == PayoutState.PAID
        assert [one.amount for one in bank.adapter().payouts(group=str(payment.case_id))] == [24_02]
    assert verifying.verify().wrong == []
