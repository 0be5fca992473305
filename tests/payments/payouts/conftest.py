"""Payments that the provider has taken, for a merchant that can be paid."""

from __future__ import annotations

import pytest

from backoffice.payments.voice.models import VoicePayment
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import Payments
from tests.payments.making import make_agent, make_shop
from tests.payments.payouts.paid import Shop, pay
from tests.payments.voice.conftest import bank as bank


@pytest.fixture
def shop(bank: Payments) -> Shop:
    """Our fee is 0.10 EUR and 1 %, and it is paid at once."""
    merchant = make_shop(payout_account=bank.account(), fee_fixed=10, fee_points=100, payout_delay=0)
    return Shop(bank, merchant, make_agent(merchant))


@pytest.fixture
def delivered(shop: Shop) -> VoicePayment:
    """25.00 EUR, of which the provider keeps 0.63, and we 0.35: 24.02 are to be paid out."""
    return pay(shop)
