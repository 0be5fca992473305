from __future__ import annotations

import pytest
from django.core.cache import cache

from backoffice.customers.models import Customer
from tests.factories import make_customer


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def maria(db: None) -> Customer:
    """Her addresses are 400 days old and verified."""
    return make_customer()
