"""CPU time by part, each part a tree of processes, in which processes come and go between two looks.

A process that ended was waited for by its parent, and Linux adds its CPU time to what the parent's ended children have
used (PostgreSQL's server and its backends, the masters of Celery and gunicorn and their children). A tree's total is
therefore, over the processes that live, what each has used itself and what its ended children had used: nothing is
lost and nothing is counted twice. A process whose parent is gone as well (a part that was started again) keeps what it
had used at the last look. Times are in seconds; the kernel gives them in hundredths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil

Key = tuple[int, float]
"""A process's number and the time of its start: a number alone is given to another process later."""
_TRIES = 5


@dataclass(frozen=True)
class Used:
    """What a process has used, what its ended children had used, and who its parent is."""

    own: float
    ended_children: float = 0.0
    parent: Key | None = None

    @property
    def total(self) -> float:
        return self.own + self.ended_children


Snapshot = Mapping[Key, Used]


class Tree:
    """One part. `alone` counts the first process only, without its children."""

    def __init__(self, *, alone: bool = False, read: Callable[[int], Snapshot] | None = None) -> None:
        self._alone = alone
        self._read = read or snapshot
        self._known: dict[Key, Used] = {}
        self._gone = 0.0

    def total(self, pid: int | None) -> float:
        """CPU seconds so far, under the part's first process `pid` (None while it does not run)."""
        now = dict(self._look(pid)) if pid else {}
        for key, used in self._known.items():
            if key not in now and used.parent not in now:
                self._gone += used.own if self._alone else used.total
        self._known = now
        return self._gone + sum(used.own if self._alone else used.total for used in now.values())

    def _look(self, pid: int) -> Snapshot:
        """Two looks in a row that agree on who lives and who has ended, so that no end falls into the middle of one."""
        if self._alone:
            return {key: used for key, used in self._read(pid).items() if key[0] == pid}
        before = self._read(pid)
        for _ in range(_TRIES):
            after = self._read(pid)
            if _ends(before) == _ends(after):
                return after
            before = after
        return before


def _ends(seen: Snapshot) -> dict[Key, float]:
    return {key: used.ended_children for key, used in seen.items()}


def snapshot(pid: int) -> Snapshot:
    """The living processes of a tree, the parents first; empty when its first process is gone."""
    try:
        first = psutil.Process(pid)
        family = [first, *first.children(recursive=True)]
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return {}
    keys = {process.pid: (process.pid, process.create_time()) for process in family}
    seen = {}
    for process in family:
        try:
            times, parent = process.cpu_times(), process.ppid()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        seen[keys[process.pid]] = Used(
            own=times.user + times.system,
            ended_children=times.children_user + times.children_system,
            parent=keys.get(parent),
        )
    return seen


class Ledger:
    """What each part of a contender has used. `processes` gives the first process of each part, as it is now."""

    def __init__(self, processes: Callable[[], Mapping[str, int | None]], *, alone: frozenset[str]) -> None:
        self._processes, self._alone = processes, alone
        self._trees: dict[str, Tree] = {}

    def look(self) -> dict[str, float]:
        """CPU seconds so far, by part."""
        return {
            part: self._trees.setdefault(part, Tree(alone=part in self._alone)).total(pid)
            for part, pid in self._processes().items()
        }
