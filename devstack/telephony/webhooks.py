"""Status callbacks, signed as Twilio signs them, in the order of their call, with the faults that are on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

import urllib3
from twilio.request_validator import RequestValidator

from devstack.telephony.faults import Faults

log = logging.getLogger(__name__)
Json = dict[str, Any]
TRIES, APART = 20, 0.5
"""A receiver that does not answer gets a webhook so often, so many seconds apart."""


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str
    told: dict[str, str]
    signed: bool = True


class Webhooks:
    """One queue for each call, so that its webhooks keep their order; a late one lets the others pass."""

    def __init__(self, faults: Faults, *, token: str) -> None:
        self._faults, self._validator = faults, RequestValidator(token)
        self._http = urllib3.PoolManager(maxsize=8, timeout=urllib3.Timeout(connect=2, read=5), retries=False)
        self._waiting: dict[str, asyncio.Queue[Webhook]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: Webhook | None = None
        self.counts = {"delivered": 0, "refused": 0, "dropped": 0, "given_up": 0}

    def emit(self, call: Json, event: str) -> None:
        """Queues what the caller asked to be told."""
        url = call["amd_callback"] if event == "amd" else call["callback"]
        if not url or (event != "amd" and event not in call["events"]):
            return
        webhook = Webhook(url, _told(call, event))
        call["sequence"] += event != "amd"
        if self._faults.take("drop"):
            self.counts["dropped"] += 1
        elif self._faults.take("out_of_order"):
            self._held = webhook
        else:
            self._queue(call["sid"], webhook)

    def _queue(self, sid: str, webhook: Webhook) -> None:
        if self._faults.take("forged"):
            forged = {**webhook.told, "CallStatus": "completed"}
            self._put(sid, Webhook(webhook.url, forged, signed=False))
        if late := self._faults.take("late"):
            self._start(self._later(late["seconds"], webhook))
        else:
            self._put(sid, webhook)
        if self._faults.take("twice"):
            self._put(sid, webhook)
        if self._held is not None:
            held, self._held = self._held, None
            self._put(sid, held)

    def _put(self, sid: str, webhook: Webhook) -> None:
        if sid not in self._waiting:
            self._waiting[sid] = asyncio.Queue()
            self._start(self._deliver_all(sid))
        self._waiting[sid].put_nowait(webhook)

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """What was not delivered is lost, as the provider's may be."""
        for task in list(self._tasks):
            task.cancel()
        for task in list(self._tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _later(self, seconds: float, webhook: Webhook) -> None:
        await asyncio.sleep(seconds)
        await self._deliver(webhook)

    async def _deliver_all(self, sid: str) -> None:
        waiting = self._waiting[sid]
        while not waiting.empty():
            await self._deliver(waiting.get_nowait())
        del self._waiting[sid]

    async def _deliver(self, webhook: Webhook) -> None:
        for _try in range(TRIES):
            try:
                status = await asyncio.to_thread(self._post, webhook)
            except urllib3.exceptions.HTTPError as error:
                log.info("webhook not taken (%s)", type(error).__name__)
            else:
                self.counts["delivered" if status < 300 else "refused"] += 1
                if status < 500:
                    return
            await asyncio.sleep(APART)
        self.counts["given_up"] += 1

    def _post(self, webhook: Webhook) -> int:
        signature = self._validator.compute_signature(webhook.url, webhook.told) if webhook.signed else "Zm9yZ2Vk"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        body = urlencode(webhook.told)
        return int(self._http.request("POST", webhook.url, body=body, headers=headers, redirect=False).status)


def _told(call: Json, event: str) -> dict[str, str]:
    """The parameters of https://www.twilio.com/docs/voice/api/call-resource#statuscallback, or of the verdict of the
    answering machine detection."""
    told = {"CallSid": call["sid"], "AccountSid": call["account_sid"]}
    if event == "amd":
        return {**told, "AnsweredBy": call["answered_by"], "MachineDetectionDuration": "2300"}
    told |= {
        "From": call["from"],
        "To": call["to"],
        "CallStatus": "initiated" if event == "initiated" else call["status"],
        "ApiVersion": "2010-04-01",
        "Direction": "outbound-api",
        "Timestamp": formatdate(call["changed"]),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call["sequence"]),
    }
    if call["ended"] and call["started"]:
        told["CallDuration"] = str(int(call["ended"] - call["started"]))
    if call["answered_by"] and event == "completed":
        told["AnsweredBy"] = call["answered_by"]
    return told
