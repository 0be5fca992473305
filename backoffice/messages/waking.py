"""Waking a sender: many urgent commits are served by one pass of it.

A mark in the shared cache says that a sender was told to run, or runs, and will look after this moment. Who finds the
mark tells nobody. It is taken away before each look, so a commit after the look wakes a sender anew; and it fades after
two seconds, so a sender that died holds nobody up. Without the cache each urgent commit wakes a sender; without the
broker beat's sweep sends what is due, seconds later.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backoffice.celery import app as celery_app

SEND_DUE = "messages.send_due"
WOKEN = "messages.woken"
FADES_AFTER = 2
"""Seconds."""
log = structlog.get_logger(__name__)


def wake_sender() -> None:
    """Tells Celery that an urgent message waits, unless a sender will look anyway."""
    if _in_cache(lambda: cache.add(WOKEN, 1, timeout=FADES_AFTER)) is False:
        return
    try:
        celery_app.send_task(SEND_DUE, ignore_result=True, expires=30)
    except OperationalError as away:
        log.warning("broker away, messages wait for the sweep", why=type(away).__name__)


def sender_looks() -> None:
    """Called before each look for due messages: who commits from now on may not be seen by it, and wakes again."""
    _in_cache(lambda: cache.delete(WOKEN))


def sender_will_look_again() -> None:
    """Called before a batch is sent: who commits meanwhile is found by the look that follows it."""
    _in_cache(lambda: cache.set(WOKEN, 1, timeout=FADES_AFTER))


def _in_cache(act: Callable[[], object]) -> object:
    """What the cache answers; None while it is away."""
    try:
        return act()
    except (RedisError, OSError) as away:
        log.warning("cache away, a sender is woken each time", why=type(away).__name__)
        return None
