"""What a story has lived through, so that it can be told again from its beginning when its case continues as new.

Each time that a story waits for something, what came of it is one entry. A case that continues as new runs its story
from the top; the entries are given, in their order, instead of doing and waiting, until they are used up. A story may
have branches that act at once: each entry belongs to one, and is given to no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio import workflow

from workflows.base.contracts import Entry, Wire
from workflows.base.saying import Saying
from workflows.base.spec import Signal


@dataclass(frozen=True)
class Gave:
    """An entry before it is entered."""

    what: str = ""
    code: str = ""
    facts: Wire = field(default_factory=dict)
    late: tuple[str, ...] = ()


@dataclass(eq=False)
class Branch:
    """One line of a story. `now` is its time: that of its last entry. `ended_by` are the signals that end whatever it
    waits for. `abandoned` tells it to stop, for a branch beside it has."""

    name: str
    now: datetime
    saying: Saying = field(default_factory=Saying)
    ended_by: tuple[Signal[Any], ...] = ()
    splits: int = 0
    abandoned: bool = False

    def divide(self, count: int) -> list[Branch]:
        self.splits += 1
        names = (f"{self.name}.{self.splits}/{number}" for number in range(count))
        return [Branch(name, self.now, ended_by=self.ended_by) for name in names]


here: ContextVar[Branch] = ContextVar("branch")
"""The branch that runs now."""


class Journal:
    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self._given = tuple(entries)
        self._used = 0
        self._asking: set[str] = set()
        self.new: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self._given, *self.new)

    @property
    def used_up(self) -> bool:
        return self._used == len(self._given)

    def fits(self, branches: Collection[str]) -> bool:
        """Whether one of these branches, which are all that run, will take the next entry. If none does, the story is
        another one than that which the journal was written of."""
        return self.used_up or self._given[self._used].branch in branches or self._asking != set(branches)

    async def enter(self, of: str, live: Callable[[], Awaitable[Gave]]) -> Entry:
        """What was entered at this point of the story; while nothing is left, what `live` gives, which is entered."""
        branch = here.get()
        entry = await self._given_to(branch, of)
        if entry is None:
            gave = await live()
            entry = Entry(
                workflow.now(), of, branch=branch.name,
                what=gave.what, code=gave.code, facts=gave.facts, late=gave.late,
            )  # fmt: skip
            self.new.append(entry)
        branch.now = entry.at
        return entry

    async def _given_to(self, branch: Branch, of: str) -> Entry | None:
        """Waits for its turn: an entry is given when all before it were taken up."""

        def turn() -> bool:
            return self.used_up or self._given[self._used].branch == branch.name

        if not turn():
            self._asking.add(branch.name)
            await workflow.wait_condition(turn)
            self._asking.discard(branch.name)
        if self.used_up:
            return None
        entry = self._given[self._used]
        if entry.of != of:
            raise RuntimeError(f"the journal has “{entry.of}” where the story comes to “{of}”")
        self._used += 1
        return entry
