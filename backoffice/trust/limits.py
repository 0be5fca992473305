"""How often something may be tried. Tries are counted in fixed windows in the shared cache, over all processes.

While the cache does not answer, every try is refused: a limit that cannot be checked is not a limit. The refusal says
so, and not that there were too many tries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from backoffice.refusals import Refused
from backoffice.sealed import keyed_hash

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `times` in each window of length `per`; `name` keeps its counters apart from those of other limits."""

    name: str
    times: int
    per: timedelta


class CannotCount(Refused):
    """Tries cannot be counted just now."""

    status = 503

    def __init__(self) -> None:
        super().__init__("cannot_count", _("We cannot check this just now. Try again in a few minutes."))


def allowed(limit: Limit, key: str, *, now: datetime) -> bool:
    """Counts one try of `key`, and returns whether it is within the limit. Of the key, say a network, only a keyed hash
    is stored. Raises `CannotCount` while the cache is away."""
    counter = _counter(limit, key, now)
    try:
        cache.add(counter, 0, timeout=_seconds(limit) * 2)
        return bool(cache.incr(counter) <= limit.times)
    except (RedisError, OSError, ValueError) as error:
        raise _cannot_count(limit, error) from None


def is_used_up(limit: Limit, key: str, *, now: datetime) -> bool:
    """Whether no further try of `key` is within the limit. It counts none: for what is counted only where it fails, and
    is refused also where it would not, so that nobody learns more by going on. Raises `CannotCount`."""
    try:
        return int(cache.get(_counter(limit, key, now), 0)) >= limit.times
    except (RedisError, OSError, ValueError) as error:
        raise _cannot_count(limit, error) from None


def _counter(limit: Limit, key: str, now: datetime) -> str:
    window = int(now.timestamp()) // _seconds(limit)
    return f"limit:{limit.name}:{window}:{keyed_hash('limit', key)[:32]}"


def _seconds(limit: Limit) -> int:
    return int(limit.per.total_seconds())


def _cannot_count(limit: Limit, error: Exception) -> CannotCount:
    log.warning("limit cannot be counted", limit=limit.name, error=type(error).__name__)
    return CannotCount()
