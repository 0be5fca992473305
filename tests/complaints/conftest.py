from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache

from backoffice.complaints import strangers
from backoffice.customers.models import Customer
from tests.factories import make_customer


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public page answers as quickly as it can."""
    monkeypatch.setattr(strangers, "PADDED_TO", timedelta(milliseconds=1))


@pytest.fixture
def maria(db: None) -> Customer:
    """Her addresses are 400 days old and verified."""
    return make_customer()
