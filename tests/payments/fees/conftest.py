from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from backoffice.payments.bills import opening
from tests.devstack.payment_simulator.simulator import KEY, Payments


@pytest.fixture
def payments(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Payments]:
    """A provider that has no payments of other tests; nobody has reached a limit yet."""
    bank = Payments(tmp_path)
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = bank.url, KEY
    monkeypatch.setattr(opening, "PADDED_TO", timedelta(milliseconds=1))
    cache.clear()
    yield bank
    bank.stop()
