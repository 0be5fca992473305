from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django import Settings

from backoffice.payments.bills import opening
from tests.devstack.payment_simulator.provided import _webhook_secret as _webhook_secret
from tests.devstack.payment_simulator.provided import own_simulator as own_simulator
from tests.devstack.payment_simulator.provided import receiver as receiver
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import KEY, Payments


@pytest.fixture(autouse=True)
def _provider(settings: Settings, simulator: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments are taken by the simulator; nobody has reached a limit yet, and nobody waits long for an answer."""
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = simulator.url, KEY
    monkeypatch.setattr(opening, "PADDED_TO", timedelta(milliseconds=1))
    cache.clear()
