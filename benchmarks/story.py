"""The driver's story: whole card reissues, each answer as soon as its work item is there. The same for every checkout.

What the driver does itself, to look for open items, is load; the rules that it calls in the customer's place are the
product's, and would run in a web process. Both are timed apart.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.db import connection

T = TypeVar("T")
PAUSE = 0.05
"""Seconds between two looks for open items: the driver's own queries are not to be what is measured."""
SHORT_PAUSE = 0.02
DEADLINE = 600.0


class Product(Protocol):
    """What a checkout offers to be driven; see `product.py`."""

    def make_stack(self, folder: Path) -> Any: ...
    def make_cards(self, count: int) -> list[Any]: ...
    def open_case(self, card: Any) -> uuid.UUID: ...
    def unfinished(self, cases: Sequence[uuid.UUID]) -> bool: ...
    def not_done(self, cases: Sequence[uuid.UUID]) -> int: ...
    def last_done(self, count: int) -> list[str]: ...
    def open_items(self, cases: Sequence[uuid.UUID]) -> list[Any]: ...
    def items_of_kind(self, cases: Sequence[uuid.UUID], kind: str) -> list[Any]: ...
    def answer(self, item: Any) -> None: ...
    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]: ...
    def report(self, letter: Any) -> None: ...
    def answer_gaps(self, cases: Sequence[uuid.UUID]) -> list[float]: ...
    def working_here(self, stack: Any) -> AbstractContextManager[None]: ...

    @property
    def LOAD(self) -> frozenset[str]: ...  # noqa: N802
    @property
    def OUTBOX(self) -> str: ...  # noqa: N802
    @property
    def FIRST_ITEM(self) -> str: ...  # noqa: N802
    @property
    def SECOND_ITEM(self) -> str: ...  # noqa: N802


_looking = threading.local()


def is_looking() -> bool:
    """Whether this thread runs a query of the driver itself, which is no part of a case."""
    return getattr(_looking, "now", False)


@contextmanager
def looking() -> Iterator[None]:
    _looking.now = True
    try:
        yield
    finally:
        _looking.now = False


class Driver:
    def __init__(self, product: Product) -> None:
        self.product = product
        self.rules = 0.0
        """CPU seconds of this thread within the product's rules."""

    def play(self, cards: Sequence[Any]) -> float:
        """Plays one case for each card to its end; gives the seconds from the first opening to the last closing."""
        began = time.perf_counter()
        cases = [self._rule(self.product.open_case, card) for card in cards]
        while self._look(self.product.unfinished, cases):
            if time.perf_counter() - began > DEADLINE:
                raise TimeoutError(f"cases did not end within {DEADLINE:.0f} s")
            for item in self._look(self.product.open_items, cases):
                self._rule(self.product.answer, item)
            for letter in self._look(self.product.letters, cases):
                self._rule(self.product.report, letter)
            time.sleep(PAUSE)
        seconds = time.perf_counter() - began
        failed = self._look(self.product.not_done, cases)
        if failed:
            raise RuntimeError(f"{failed} cases did not end as done")
        return seconds

    def answer_to_next(self, cards: Sequence[Any], *, at_once: int) -> list[float]:
        """Seconds from the commit of an answer to the commit of the next work item, for each case, `at_once` at a
        time, the next as soon as one is through."""
        cases = [self.product.open_case(card) for card in cards]
        first = self._when_all_ask(cases, self.product.FIRST_ITEM)
        through = {case: threading.Event() for case in cases}
        watcher = threading.Thread(target=self._watch, args=(through,))

        def one(item: Any) -> None:
            try:
                self.product.answer(item)
            finally:
                connection.close()
            if not through[item.case_id].wait(DEADLINE):
                raise TimeoutError("an answer led to no next item")

        watcher.start()
        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(one, first))
        watcher.join()
        return self.product.answer_gaps(cases)

    def _watch(self, through: dict[uuid.UUID, threading.Event]) -> None:
        """One look for all that wait, instead of one for each."""
        began = time.perf_counter()
        while time.perf_counter() - began < DEADLINE:
            waiting = [case for case, event in through.items() if not event.is_set()]
            if not waiting:
                return
            for item in self.product.items_of_kind(waiting, self.product.SECOND_ITEM):
                through[item.case_id].set()
            time.sleep(SHORT_PAUSE)

    def _when_all_ask(self, cases: Sequence[uuid.UUID], kind: str) -> list[Any]:
        began = time.perf_counter()
        while True:
            items = self.product.items_of_kind(cases, kind)
            if len(items) == len(cases):
                return items
            if time.perf_counter() - began > DEADLINE:
                raise TimeoutError(f"only {len(items)} of {len(cases)} cases asked for {kind}")
            time.sleep(SHORT_PAUSE)

    def _rule(self, rule: Callable[[Any], T], about: Any) -> T:
        began = time.thread_time()
        try:
            return rule(about)
        finally:
            self.rules += time.thread_time() - began

    def _look(self, query: Callable[[Sequence[uuid.UUID]], T], cases: Sequence[uuid.UUID]) -> T:
        with looking():
            return query(cases)
