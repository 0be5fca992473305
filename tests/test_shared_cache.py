from __future__ import annotations

from typing import Any

from backoffice.shared_cache import SharedCache


def pool_of(cache: Any) -> object:
    return cache._cache._get_connection_pool(write=True)


def test_caches_of_two_threads_share_their_connections() -> None:
    """Django makes one such object for each thread."""
    here, there = (SharedCache("redis://127.0.0.1:1/7", {}) for _thread in range(2))

    assert pool_of(here) is pool_of(there)


def test_caches_on_two_servers_share_none() -> None:
    here, there = SharedCache("redis://127.0.0.1:1/8", {}), SharedCache("redis://127.0.0.1:1/9", {})

    assert pool_of(here) is not pool_of(there)
