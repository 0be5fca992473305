"""Where the snapshot lies, and on which channel it is published: in the shared cache's server (Redis, Valkey)."""

from __future__ import annotations

from typing import Any

import redis
import redis.asyncio
from django.conf import settings

KEY = "live.calls"
CHANNEL = "live.calls"
KEPT_FOR = 60
"""Seconds."""
PATIENCE = 1.0
"""Seconds for an answer of the server."""
_OPTIONS: dict[str, Any] = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}


def is_given() -> bool:
    """Whether this installation has such a server; without one every state reads "cannot check"."""
    return bool(settings.LIVE_STORE)


def url() -> str:
    return str(settings.LIVE_STORE)


def client() -> redis.Redis:
    """For threads. A call raises `redis.RedisError` or `OSError` when the server does not answer in time."""
    return redis.Redis.from_url(url(), **_OPTIONS)


def async_client() -> redis.asyncio.Redis:
    """The same for an event loop."""
    return redis.asyncio.Redis.from_url(url(), **_OPTIONS)
