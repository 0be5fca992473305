"""Events, signed as https://docs.stripe.com/webhooks#verify-manually says, and repeated until they are acknowledged.

The queue is in the store. Events that were not acknowledged before kill -9 are sent after it, so an event may come
twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator

import urllib3

from devstack.stripe_api.faults import Faults
from devstack.stripe_api.store import Delivery, Json, Store

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
AT_ONCE = 4
GIVE_UP_AFTER = 60
"""Attempts: with a minute between the later ones, about an hour."""
LONGEST_WAIT = 60.0
HELD_FOR_NEXT = 5.0
"""How many seconds an event that must be sent after the next one waits for that next one."""


def sign(body: str, *, secret: str, at: int) -> str:
    """The `Stripe-Signature` header of `body`, signed at `at` seconds since the epoch."""
    mac = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def wait_after(attempts: int) -> float:
    """Seconds between this failed attempt, counted from 1, and the next."""
    return min(LONGEST_WAIT, 0.5 * 2.0 ** min(attempts - 1, 10))


class Webhooks:
    """Queues events, in the transaction of their cause, and delivers them in the background."""

    def __init__(self, store: Store, faults: Faults, *, url: str, secret: str) -> None:
        self._store, self._faults, self._url, self._secret = store, faults, url, secret
        self._http = urllib3.PoolManager(maxsize=AT_ONCE, timeout=urllib3.Timeout(connect=2, read=5), retries=False)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._awake = asyncio.Event()

    def emit(self, kind: str, thing: Json, before: Json | None) -> None:
        """Queues the event, with the faults that are on."""
        event = "evt_" + secrets.token_hex(12)
        data: Json = {"object": thing}
        if before is not None:
            data["previous_attributes"] = before
        content = {
            "id": event,
            "object": "event",
            "api_version": API_VERSION,
            "created": int(self._store.now()),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        if self._url:
            self._queue(event, json.dumps(content))

    def _queue(self, event: str, body: str) -> None:
        now = time.time()
        held = self._store.remember("held", None)
        if self._faults.take("drop"):
            self._store.queue(event, body, due=now, state="dropped")
            return
        if late := self._faults.take("late"):
            number = self._store.queue(event, body, due=now + late["seconds"])
        elif held is None and self._faults.take("out_of_order"):
            self._store.memorise("held", self._store.queue(event, body, due=now + HELD_FOR_NEXT))
            return
        else:
            number = self._store.queue(event, body, due=now)
        if held is not None:
            self._store.send_after(held, number, due=now)
            self._store.memorise("held", None)
        if self._faults.take("twice"):
            self._store.queue(event, body, due=now)

    def wake(self) -> None:
        """Makes the sender look now, because something may be due. Call it after the transaction."""
        self._awake.set()

    @contextlib.asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Delivers in the background as long as this is open."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.run())
            yield
            task.cancel()

    async def run(self) -> None:
        """Delivers until it is cancelled. A delivery that is under way then is sent again at the next start."""
        try:
            while True:
                await self._round()
        finally:
            for task in self._under_way.values():
                task.cancel()

    async def _round(self) -> None:
        self._awake.clear()
        room = AT_ONCE - len(self._under_way)
        if room > 0:
            for delivery in self._store.deliveries_due(limit=room, skip=set(self._under_way)):
                task = asyncio.create_task(self._deliver(delivery))
                self._under_way[delivery["number"]] = task
        wait = self._store.next_delivery(skip=set(self._under_way))
        full = len(self._under_way) == AT_ONCE
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), None if full or wait is None else max(0.02, wait))

    async def _deliver(self, delivery: Delivery) -> None:
        number = delivery["number"]
        try:
            status = await asyncio.to_thread(self._post, delivery["body"])
            if 200 <= status < 300:
                self._store.delivered(number)
            else:
                self._put_off(delivery, f"HTTP {status}")
        except urllib3.exceptions.HTTPError as error:
            self._put_off(delivery, type(error).__name__)
        finally:
            del self._under_way[number]
            self._awake.set()

    def _put_off(self, delivery: Delivery, why: str) -> None:
        attempts = delivery["attempts"] + 1
        again = attempts < GIVE_UP_AFTER
        self._store.not_delivered(delivery["number"], due=time.time() + wait_after(attempts) if again else None)
        log.info("webhook %s not taken (%s), attempt %d", delivery["event"], why, attempts)

    def _post(self, body: str) -> int:
        signature = sign(body, secret=self._secret, at=int(time.time()))
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
        answer = self._http.request("POST", self._url, body=body.encode(), headers=headers, redirect=False)
        return int(answer.status)
