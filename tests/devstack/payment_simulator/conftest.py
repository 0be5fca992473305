from __future__ import annotations

from tests.devstack.payment_simulator.provided import _webhook_secret as _webhook_secret
from tests.devstack.payment_simulator.provided import key as key
from tests.devstack.payment_simulator.provided import own_simulator as own_simulator
from tests.devstack.payment_simulator.provided import provider as provider
from tests.devstack.payment_simulator.provided import receiver as receiver
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
