"""How often something may be tried: counted in fixed windows in the shared cache, over all processes.

If the cache is away, the answer is no: a limit that cannot be checked is not a limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from backoffice.sealed import keyed_hash

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `times` in each window of length `per`; `name` keeps its counters apart from those of other limits."""

    name: str
    times: int
    per: timedelta


def allowed(limit: Limit, key: str, *, now: datetime) -> bool:
    """Counts one try of `key` (say, an IP address: only its keyed hash is kept); whether it is within the limit."""
    seconds = int(limit.per.total_seconds())
    window = int(now.timestamp()) // seconds
    counter = f"limit:{limit.name}:{window}:{keyed_hash('limit', key)[:32]}"
    try:
        cache.add(counter, 0, timeout=seconds * 2)
        return cache.incr(counter) <= limit.times
    except (RedisError, OSError, ValueError) as error:
        log.warning("limit cannot be counted", limit=limit.name, error=type(error).__name__)
        return False
