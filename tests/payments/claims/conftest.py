"""The provider's simulator, for what must be asked of it."""

from __future__ import annotations

from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.payments.voice.conftest import bank as bank
from tests.payments.voice.conftest import card as card
