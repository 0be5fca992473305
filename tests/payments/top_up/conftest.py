from __future__ import annotations

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.devstack.payment_simulator.provided import _webhook_secret as _webhook_secret
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import KEY, Payments


@pytest.fixture(autouse=True)
def _takes_payments(settings: Settings) -> None:
    """At an address where nobody is, unless a test asks for the simulator."""
    cache.clear()
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = "http://127.0.0.1:9", KEY


@pytest.fixture
def payments(simulator: Payments, settings: Settings) -> Payments:
    """The simulator, by which payments are taken."""
    settings.PAYMENTS_URL = simulator.url
    return simulator
