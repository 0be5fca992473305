from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.calls.calling import OnTheLine, take_call


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def line(db: None) -> OnTheLine:
    return take_call()
