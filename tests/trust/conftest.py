from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from backoffice.actors import Actor
from tests.factories import actor, make_staff
from tests.trust.pasting import World, make_world


@pytest.fixture
def agent(db: None) -> Actor:
    return actor(make_staff())


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def world(db: None) -> World:
    return make_world()
