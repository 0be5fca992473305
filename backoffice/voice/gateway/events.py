"""Tells the back office what happens: each event as a signed webhook, in its order, until it is taken."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec
import urllib3

from backoffice.voice.contract import Event, Failure, What
from backoffice.voice.signing import signed

log = logging.getLogger(__name__)
THREADS = 32
TIMES_OUT = urllib3.Timeout(connect=2, read=5)
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0
KEPT_FOR = 600.0
"""Seconds after which an event that nobody takes is given up: the back office looks by itself long before."""


class NeverTaken(Exception):
    """The back office has it, and cannot read it: to send it again would only hold up those that follow."""


class Poster:
    """Posts signed events to the back office at `url`, in threads of its own: while it is away, these wait, and nothing
    else of the gateway does."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._pool = urllib3.PoolManager(maxsize=THREADS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="events")

    async def __call__(self, body: bytes) -> bool:
        """Whether it was taken. Raises `NeverTaken`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, body)

    def close(self) -> None:
        """Posts nothing any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _post(self, body: bytes) -> bool:
        headers = signed(body, secret=self._secret, id=f"evt_{uuid.uuid4().hex}")
        try:
            response = self._pool.request(
                "POST", self._url, body=body, headers=headers, timeout=TIMES_OUT, retries=False, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            log.warning("the back office did not take an event: %s", type(error).__name__)
            return False
        if response.status in (400, 413):
            raise NeverTaken(response.status)
        if response.status >= 300:
            log.warning("the back office did not take an event: %s", response.status)
        return response.status < 300


class Outbox:
    """One for each conversation, so that a slow answer about one holds up no other."""

    def __init__(self, post: Poster, *, instance: str, conversation: str, failures: Counter[Failure]) -> None:
        self.number = 0
        self._failures = failures
        self._post = post
        self._instance = instance
        self._conversation = conversation
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._sending: asyncio.Task[None] | None = None

    def tell(self, what: What) -> None:
        """Sends it as soon as those before it are taken."""
        self.number += 1
        event = Event(
            instance=self._instance,
            conversation=self._conversation,
            number=self.number,
            at=datetime.now(UTC),
            what=what,
        )
        loop = asyncio.get_running_loop()
        self._waiting.append((loop.time(), msgspec.json.encode(event)))
        if self._sending is None or self._sending.done():
            self._sending = loop.create_task(self._send_all())

    @property
    def is_empty(self) -> bool:
        """Whether all was taken or given up."""
        return not self._waiting

    async def close(self) -> None:
        """Gives up what is left."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _send_all(self) -> None:
        wait = FIRST_WAIT
        while self._waiting:
            since, body = self._waiting[0]
            try:
                is_taken = await self._post(body)
            except NeverTaken as never:
                log.error("the back office cannot read an event: %s", never)
                self._failures[Failure.EVENT] += 1
                is_taken = True
            if is_taken:
                self._waiting.popleft()
                wait = FIRST_WAIT
            elif asyncio.get_running_loop().time() - since > KEPT_FOR:
                log.error("the back office takes no events: one was given up")
                self._waiting.popleft()
                self._failures[Failure.EVENT] += 1
            else:
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
