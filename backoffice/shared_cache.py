"""Django's cache in Redis or Valkey with the connections of a process, not of each thread.

Django gives each thread a cache of its own, and each of those its own connections: a worker of many threads opened one
for nearly every message that it woke the sender for.
"""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

_pools: dict[tuple[str, ...], dict[int, Any]] = {}


class _Client(RedisCacheClient):
    _pools: dict[int, Any]

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._pools = _pools.setdefault(tuple(servers), {})


class SharedCache(RedisCache):
    """The connections are safe to share: a pool gives each to one thread at a time, and knows when it was forked."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
