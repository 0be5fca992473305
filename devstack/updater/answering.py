"""What the networks answer: by biller, in one response or more, and with the faults that are on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import urllib3
from standardwebhooks.webhooks import Webhook

from backoffice.cards.autopay import files
from devstack.updater.faults import Faults
from devstack.updater.store import Store

log = logging.getLogger(__name__)
NAP = 0.2
"""How often to look what is due, in seconds."""
GIVE_UP_AFTER = 60
"""Attempts."""


class Answering:
    """Answers batches that are due, and delivers the responses until they are taken."""

    def __init__(self, store: Store, faults: Faults, *, url: str, secret: str) -> None:
        self._store, self._faults, self._url, self._secret = store, faults, url, secret
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=10), retries=False)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self.answer_due()
            await self.deliver_due()
            await asyncio.sleep(NAP)

    def answer_due(self) -> None:
        """Writes the responses to all batches whose time has come."""
        for batch, body in self._store.batches_due():
            self._answer(files.read_request(body))
            self._store.answered(batch)

    def _answer(self, request: files.Request) -> None:
        if self._faults.take("drop"):
            return
        lines = [files.AnsweredLine(one.id, code) for one in request.lines if (code := self._code(one))]
        if self._faults.take("unknown_line"):
            lines.append(files.AnsweredLine(uuid.uuid4(), "A"))
        due = self._store.now() + (self._faults.take("late") or {"seconds": 0.0})["seconds"]
        half, finds = (len(lines) + 1) // 2, self._finds(request)
        if self._faults.take("partly"):
            self._queue(request, lines[:half], finds, due=due)
            self._queue(request, lines[half:], due=due, state="held")
        elif self._faults.take("out_of_order"):
            first, second = self._written(request, lines[:half], finds), self._written(request, lines[half:])
            self._store.queue(request.batch.hex, second, due=due)
            self._store.queue(request.batch.hex, first, due=due + 0.01)
        elif lines or finds:
            body = self._queue(request, lines, finds, due=due)
            if self._faults.take("twice"):
                self._store.queue(request.batch.hex, body, due=due + 0.01)
        if lines and self._faults.take("again"):
            self._queue(request, lines, due=due + 0.02)

    def _code(self, line: files.AskedLine) -> str:
        """How this biller was set to answer; else the new number, and no match for who is not known to the network."""
        codes = self._store.remember("codes", {})
        return str(codes.get(line.biller, "A" if line.biller else "P"))

    def _finds(self, request: files.Request) -> list[files.Find]:
        """Billers that have an old card of the batch on file, and that no line asks about. Each is told once."""
        cards, asked = {one.old_card for one in request.lines}, {one.biller for one in request.lines}
        known = self._store.remember("finds", [])
        told = [one for one in known if one["card"] in cards and one["biller"] not in asked]
        self._store.memorise("finds", [one for one in known if one not in told])
        return [files.Find(one["card"], one["biller"], one["name"], one["answer"]) for one in told]

    def _queue(
        self,
        request: files.Request,
        lines: Sequence[files.AnsweredLine],
        finds: Sequence[files.Find] = (),
        *,
        due: float,
        state: str = "waiting",
    ) -> str:
        body = self._written(request, lines, finds)
        self._store.queue(request.batch.hex, body, due=due, state=state)
        return body

    def _written(
        self, request: files.Request, lines: Sequence[files.AnsweredLine], finds: Sequence[files.Find] = ()
    ) -> str:
        number = self._store.next_number(request.batch.hex)
        made_at = datetime.fromtimestamp(self._store.now(), UTC)
        body = files.write_response(files.Response(request.batch, number, made_at, lines, finds))
        return body.replace("T0", "T1", 1) if self._faults.take("damage") else body

    async def deliver_due(self) -> None:
        for row in self._store.responses_due():
            try:
                status = await asyncio.to_thread(self._post, row["number"], row["body"])
            except urllib3.exceptions.HTTPError as error:
                log.info("response %s not taken (%s)", row["number"], type(error).__name__)
                status = 0
            if 200 <= status < 300 or status == 400:
                self._store.sent(row["number"], "taken" if status < 300 else "refused")
            elif row["attempts"] + 1 >= GIVE_UP_AFTER:
                self._store.sent(row["number"], "given_up")
            else:
                self._store.put_off(row["number"], self._store.now() + min(60.0, 0.5 * 2.0 ** min(row["attempts"], 7)))

    def _post(self, number: int, body: str) -> int:
        return post_signed(self._http, self._url, body, name=f"response_{number}", secret=self._secret)


def post_signed(http: urllib3.PoolManager, url: str, body: str, *, name: str, secret: str) -> int:
    """Posts a message as Standard Webhooks sign them; gives the status."""
    now = datetime.now(UTC)
    headers = {
        "Content-Type": "text/plain; charset=us-ascii",
        "webhook-id": name,
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": Webhook(secret).sign(name, now, body),
    }
    with contextlib.closing(http.request("POST", url, body=body.encode(), headers=headers, redirect=False)) as answer:
        return int(answer.status)
