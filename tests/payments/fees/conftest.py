from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from backoffice.payments.bills import opening
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import KEY, Payments


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has reached a limit yet, and nobody waits long for an answer."""
    monkeypatch.setattr(opening, "PADDED_TO", timedelta(milliseconds=1))
    cache.clear()


@pytest.fixture
def payments(simulator: Payments, settings: Settings) -> Payments:
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = simulator.url, KEY
    return simulator


@pytest.fixture
def alone(tmp_path: Path, settings: Settings) -> Iterator[Payments]:
    """A provider that has no payments of other tests, for what looks at all of them."""
    bank = Payments(tmp_path)
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = bank.url, KEY
    yield bank
    bank.stop()
