"""The one reader of a process: a thread that keeps the last snapshot, begun when a state is first asked for.

It is told of each new snapshot, and looks for itself when it begins and after each loss of the connection. A process
that was forked begins a reader of its own.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

from backoffice.telephony.live import store
from backoffice.telephony.live.snapshots import Latest, Unreadable, key_of_customer
from backoffice.telephony.live.states import CANNOT_CHECK, Live

if TYPE_CHECKING:
    from backoffice.customers.models import Customer

PAUSE = 0.5
"""Seconds between two attempts to connect."""
SILENT_FOR = 5.0
"""Seconds without anything new, after which the reader connects anew."""

log = structlog.get_logger(__name__)


def state_of(customer: Customer) -> Live:
    """What a page may say to this customer now. Costs no query, and fails closed: `CANNOT_CHECK`."""
    return live_under(key_of_customer(customer.public_id))


def live_under(key: str) -> Live:
    """The same under a key of `snapshots`."""
    return reader().latest.of(key) if store.is_given() else CANNOT_CHECK


def has_ended(*marks: str) -> bool:
    """Whether the session with these marks (`watching`) ended. Costs no query."""
    return store.is_given() and reader().latest.has_ended(*marks)


class Reader:
    """Reads until the process ends, or until `stop`."""

    def __init__(self) -> None:
        self.latest = Latest()
        self.pid, self.url = os.getpid(), store.url()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live calls", daemon=True)

    def begin(self) -> None:
        """Reads once at once, so that the first page of a process has a state too."""
        try:
            with store.client() as client:
                self._take(client.get(store.KEY))
        except (RedisError, OSError) as away:
            log.warning("the state of calls cannot be read", why=type(away).__name__)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=2 * store.PATIENCE)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except (RedisError, OSError) as away:
                log.warning("the state of calls cannot be read", why=type(away).__name__)
            self._stopped.wait(PAUSE)

    def _follow(self) -> None:
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as told:
            told.subscribe(store.CHANNEL)
            self._take(client.get(store.KEY))
            heard = time.monotonic()
            while not self._stopped.is_set() and time.monotonic() - heard < SILENT_FOR:
                message = told.get_message(timeout=store.PATIENCE / 2)
                if message is not None:
                    heard = time.monotonic()
                    self._take(message["data"])

    def _take(self, sealed: object) -> None:
        if isinstance(sealed, bytes):
            try:
                self.latest.take(sealed)
            except Unreadable:
                log.error("what lies in the cache as the state of calls is not ours")


_lock = threading.Lock()
_reader: Reader | None = None


def reader() -> Reader:
    """This process's reader."""
    global _reader
    found = _reader
    if found is not None and found.pid == os.getpid() and found.url == store.url():
        return found
    with _lock:
        if _reader is None or _reader.pid != os.getpid() or _reader.url != store.url():
            _reader = Reader()
            _reader.begin()
        return _reader


def forget() -> None:
    """Ends this process's reader; the next question begins another one."""
    global _reader
    with _lock:
        if _reader is not None and _reader.pid == os.getpid():
            _reader.stop()
        _reader = None
