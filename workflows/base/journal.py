"""The journal of a story, so that the story can run again from its beginning when its case continues as new. Each time
that a story waits for something, the result becomes an entry. A case that continues as new runs its story from the top.
Until the entries are used up, the story gets them, in their order, and nothing is done or waited for. A story may have
branches that run at once: each entry belongs to one branch, and only that branch gets it.
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
    """The result of an await, before it becomes an entry."""

    what: str = ""
    code: str = ""
    facts: Wire = field(default_factory=dict)
    late: tuple[str, ...] = ()


@dataclass(eq=False)
class Branch:
    """One branch of a story. `now` is its time: that of its last entry. `ended_by` are the signals that end its waits.
    `abandoned` tells it to stop, because another branch has stopped."""

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
        """Whether one of these branches will take the next entry. They must be all branches that run. If none takes it,
        the journal was written for a different story."""
        return self.used_up or self._given[self._used].branch in branches or self._asking != set(branches)

    async def enter(self, of: str, live: Callable[[], Awaitable[Gave]]) -> Entry:
        """The entry for this point of the story. When no entries are left, the result of `live`, which becomes an
        entry."""
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
        """Waits for the branch's turn: an entry is given once all entries before it were taken."""

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
