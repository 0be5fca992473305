from __future__ import annotations

from tests.devstack.payments.provided import _webhook_secret as _webhook_secret
from tests.devstack.payments.provided import key as key
from tests.devstack.payments.provided import own_simulator as own_simulator
from tests.devstack.payments.provided import provider as provider
from tests.devstack.payments.provided import receiver as receiver
from tests.devstack.payments.provided import served_payments as served_payments
from tests.devstack.payments.provided import simulator as simulator
