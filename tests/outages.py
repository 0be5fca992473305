"""What is away in a test that does not kill it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

NOBODY = "redis://127.0.0.1:1/0"


@contextmanager
def cache_away() -> Iterator[None]:
    with override_settings(
        CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": NOBODY}}
    ):
        yield
