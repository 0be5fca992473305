"""Which streams are open, and which of them a new snapshot concerns.

A snapshot names only the customers with whom a call of ours is on, so each costs the time of these, however many
streams are open. All streams are woken together only when every state begins or ceases to be believed. Those of a
session that ended are woken once, and end.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace

import structlog
from redis.exceptions import RedisError

from backoffice.telephony.live import store
from backoffice.telephony.live.snapshots import Latest, Unreadable
from backoffice.telephony.live.states import LiveState

LOOKS_EVERY = 0.5
"""Seconds between two looks whether what was told can still be believed."""
SILENT_FOR = 5.0
PAUSE = 0.5
"""Seconds before the cache is tried again."""

_NOBODY = "-"
"""A key of no customer."""

log = structlog.get_logger(__name__)


class Hub:
    """The streams of this process, by the key of their customer and by the marks of their session."""

    def __init__(self, latest: Latest | None = None) -> None:
        self.latest = latest or Latest()
        self._open: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._on: dict[str, object] = {}
        """What was last told of the customers with a call."""
        self._named: Set[str] = frozenset()
        """Those in the last snapshot."""
        self._ended: Set[str] = frozenset()
        """The sessions of the last snapshot that ended."""
        self._believed = False
        self._of_nobody = b""
        """Made anew with each snapshot and each look."""

    @contextmanager
    def watching(self, key: str, *marks: str) -> Iterator[asyncio.Event]:
        """An event that is set when this customer's state may have changed, or this session ended."""
        woken = asyncio.Event()
        for name in (key, *marks):
            self._open[name].add(woken)
        try:
            yield woken
        finally:
            for name in (key, *marks):
                self._open[name].discard(woken)
                if not self._open[name]:
                    del self._open[name]

    def message(self, key: str) -> bytes:
        """The customer's state as a line of JSON. For all with whom no call is on it is the same, and made once."""
        if key in self._named or key in self._on:
            return self._line(key)
        if not self._of_nobody:
            self._of_nobody = self._line(_NOBODY, sent_within=LOOKS_EVERY)
        return self._of_nobody

    def _line(self, key: str, *, sent_within: float = 0.0) -> bytes:
        """As old as it may be when it is sent."""
        live = self.latest.of(key)
        older = replace(live, age=live.age + sent_within, good_for=max(0.0, live.good_for - sent_within))
        return json.dumps(older.as_message(), separators=(",", ":")).encode()

    def take(self, sealed: object) -> None:
        """A snapshot as it was published; what is none is passed over, and what was told grows old."""
        if not isinstance(sealed, bytes):
            return
        try:
            snapshot = self.latest.take(sealed)
        except Unreadable:
            log.error("what lies in the cache as the state of calls is not ours")
            return
        if snapshot is not None:
            self._named = snapshot.calls.keys()
            newly, self._ended = snapshot.ended - self._ended, snapshot.ended
            self._wake(newly)
            self.look()

    def look(self) -> None:
        """Wakes whoever is to be told something else than before."""
        self._of_nobody = b""
        believed = self.latest.age() is not None
        if believed != self._believed:
            self._believed = believed
            self._wake(list(self._open))
        told, self._on = self._on, {key: self._said(key) for key in self._on.keys() | self._named if key in self._open}
        self._wake([key for key, said in self._on.items() if told.get(key) != said])
        for key in [key for key, said in self._on.items() if said == LiveState.NOBODY]:
            del self._on[key]

    def _said(self, key: str) -> object:
        live = self.latest.of(key)
        calls = [(call.talking, call.agent, call.case, call.since) for call in live.calls]
        return (live.state, calls) if calls else live.state

    def _wake(self, keys: Iterable[str]) -> None:
        for key in keys:
            for woken in self._open.get(key, ()):
                woken.set()

    async def run(self) -> None:
        """Follows the snapshots until it is cancelled."""
        async with asyncio.TaskGroup() as beside:
            beside.create_task(self._look_on())
            beside.create_task(self._follow())

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            self.look()

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_once()
            except (RedisError, OSError, TimeoutError) as away:
                log.warning("the state of calls cannot be read", why=type(away).__name__)
            await asyncio.sleep(PAUSE)

    async def _follow_once(self) -> None:
        async with store.async_client() as client, client.pubsub(ignore_subscribe_messages=True) as told:
            await told.subscribe(store.CHANNEL)
            self.take(await client.get(store.KEY))
            while True:
                async with asyncio.timeout(SILENT_FOR):
                    message = None
                    while message is None:
                        message = await told.get_message(timeout=store.PATIENCE / 2)
                self.take(message["data"])
