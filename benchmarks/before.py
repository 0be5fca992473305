"""What `product.py` offers, for a checkout older than it: by way of that checkout's own `benchmarks/ours.py`."""

from __future__ import annotations

import importlib
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any


class Before:
    """Names of the older checkout are looked up when they are used: here, others may have taken their place."""

    LOAD = frozenset({"inbox", "issuer"})
    OUTBOX = "cases_command"
    FIRST_ITEM, SECOND_ITEM = "prove_identity", "email_survey"

    def __init__(self, load: Any) -> None:
        """`load` gives the checkout's `ours.py` as a module, once Django is set up."""
        self._load = load
        self._loaded: ModuleType | None = None

    @property
    def _ours(self) -> Any:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def make_stack(self, folder: Path) -> Any:
        stack = importlib.import_module("backoffice.stack.stack")
        return stack.Stack(folder, environment={**os.environ, "LOG_LEVEL": "WARNING"})

    def make_cards(self, count: int) -> list[Any]:
        return list(self._ours.make_cards(count))

    def open_case(self, card: Any) -> uuid.UUID:
        opened: uuid.UUID = self._ours.open_cases([card])[0].id
        return opened

    def unfinished(self, cases: Sequence[uuid.UUID]) -> bool:
        return bool(self._ours.Case.objects.filter(id__in=cases).exclude(state="closed").exists())

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        return int(self._ours.Case.objects.filter(id__in=cases).exclude(outcome="done").count())

    def last_done(self, count: int) -> list[str]:
        done = self._ours.Case.objects.filter(outcome="done").order_by("-closed_at")
        return [str(case) for case in done.values_list("id", flat=True)[:count]]

    def open_items(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        items = self._ours.WorkItem.objects.filter(case_id__in=cases, state="open")
        return list(items.select_related("case__customer"))

    def items_of_kind(self, cases: Sequence[uuid.UUID], kind: str) -> list[Any]:
        items = self._ours.WorkItem.objects.filter(case_id__in=cases, kind=kind)
        return list(items.select_related("case__customer"))

    def answer(self, item: Any) -> None:
        self._ours.answer(item)

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        new = self._ours.CardReissue.objects.filter(case_id__in=cases).values("new_card")
        return list(self._ours.Card.objects.filter(shipping__in=["pending", "shipped"], id__in=new))

    def report(self, letter: Any) -> None:
        ours = self._ours
        after = {"pending": ours.Shipping.SHIPPED, "shipped": ours.Shipping.DELIVERED}[letter.shipping]
        ours.issuer_reported(ours._event(letter, after), by=ours.DETECTOR)

    def answer_gaps(self, cases: Sequence[uuid.UUID]) -> list[float]:
        with self._ours.connection.cursor() as cursor:
            cursor.execute(
                """SELECT extract(epoch FROM pg_xact_commit_timestamp(n.xmin) - pg_xact_commit_timestamp(a.xmin))
                   FROM cases_workitem a JOIN cases_workitem n ON n.case_id = a.case_id AND n.kind = %s
                   WHERE a.kind = %s AND a.case_id = ANY(%s)""",
                [self.SECOND_ITEM, self.FIRST_ITEM, list(cases)],
            )
            return [float(row[0]) for row in cursor.fetchall()]

    @contextmanager
    def working_here(self, stack: Any) -> Iterator[None]:
        """The worker and the relay run in this process, and nowhere else; mail waits meanwhile."""
        import asyncio
        import threading

        client = importlib.import_module("backoffice.engine.client")
        relay_all = importlib.import_module("backoffice.engine.relay").relay_all
        make_worker = importlib.import_module("backoffice.engine.worker").make_worker
        done = threading.Event()

        async def work() -> None:
            async with make_worker(await client.connect()):
                await asyncio.to_thread(done.wait)

        def relay() -> None:
            while not done.wait(0.05):
                relay_all()

        for part in ("worker", "celery"):
            stack.take_away(part)
        threads = [threading.Thread(target=lambda: asyncio.run(work())), threading.Thread(target=relay)]
        try:
            for thread in threads:
                thread.start()
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join()
            for part in ("worker", "celery"):
                stack.bring_back(part)
