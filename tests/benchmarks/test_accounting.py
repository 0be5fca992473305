from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

import psutil
import pytest

from benchmarks.accounting import Key, Ledger, Snapshot, Tree, Used, snapshot

ROOT: Key = (10, 1.0)
CHILD: Key = (11, 2.0)
GRANDCHILD: Key = (12, 3.0)

BURNS = """
import os, sys
def burn():
    while sum(os.times()[:2]) < 0.15: pass
for _ in range(2):
    child = os.fork()
    if child == 0:
        burn()
        os._exit(0)
    os.waitpid(child, 0)
print(os.times().children_user + os.times().children_system, flush=True)
sys.stdin.read()
"""


def tree_of(snapshots: Sequence[Snapshot], *, alone: bool = False) -> Tree:
    """A tree that sees these, one after the other; each twice, as when nothing happens during a look."""
    following: Iterator[Snapshot] = iter([seen for seen in snapshots for _ in range(1 if alone else 2)])
    return Tree(alone=alone, read=lambda pid: next(following))


def test_a_child_that_ended_between_two_looks_is_counted_once_through_its_parent() -> None:
    tree = tree_of(
        [
            {ROOT: Used(1.0), CHILD: Used(4.0, parent=ROOT)},
            {ROOT: Used(1.5, ended_children=4.5)},
        ]
    )

    assert [tree.total(10), tree.total(10)] == [5.0, 6.0]


def test_a_child_that_began_and_ended_between_two_looks_is_counted() -> None:
    tree = tree_of([{ROOT: Used(1.0)}, {ROOT: Used(1.0, ended_children=2.0)}])

    assert [tree.total(10), tree.total(10)] == [1.0, 3.0]


def test_a_part_that_was_started_again_keeps_what_it_had_used() -> None:
    again: Key = (20, 9.0)
    tree = tree_of([{ROOT: Used(1.0, 2.0), CHILD: Used(4.0, parent=ROOT)}, {again: Used(0.5)}])

    assert [tree.total(10), tree.total(20)] == [7.0, 7.5]


def test_a_part_that_does_not_run_keeps_what_it_had_used() -> None:
    tree = tree_of([{ROOT: Used(1.0)}])

    assert [tree.total(10), tree.total(None)] == [1.0, 1.0]


def test_a_number_that_was_given_to_a_new_process_is_a_new_process() -> None:
    tree = tree_of([{ROOT: Used(5.0)}, {(10, 7.0): Used(1.0)}])

    assert [tree.total(10), tree.total(10)] == [5.0, 6.0]


def test_an_end_in_the_middle_of_a_look_makes_it_look_again() -> None:
    before: Snapshot = {ROOT: Used(1.0), CHILD: Used(4.0, parent=ROOT)}
    torn: Snapshot = {ROOT: Used(1.0)}
    after: Snapshot = {ROOT: Used(1.0, ended_children=4.0)}
    seen = iter([before, torn, after, after])

    assert Tree(read=lambda pid: next(seen)).total(10) == 5.0


def test_the_driver_is_counted_without_the_stack_that_it_started() -> None:
    tree = tree_of(
        [{ROOT: Used(1.0, 9.0), CHILD: Used(4.0, 3.0, parent=ROOT), GRANDCHILD: Used(2.0, parent=CHILD)}], alone=True
    )

    assert tree.total(10) == 1.0


def test_what_real_children_used_before_they_ended_is_found_in_their_parent() -> None:
    process = subprocess.Popen([sys.executable, "-c", BURNS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        used_by_children = float(process.stdout.readline())

        assert used_by_children >= 0.3
        assert Tree().total(process.pid) >= used_by_children
    finally:
        process.communicate("")


def test_a_process_that_has_ended_is_an_empty_tree() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert snapshot(process.pid) == {}


def test_a_child_that_ends_while_it_is_looked_at_does_not_stop_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    real = psutil.Process.children

    def children_and_then_none(self: psutil.Process, recursive: bool = False) -> list[psutil.Process]:
        found = real(self, recursive)
        process.communicate(b"")
        return found

    monkeypatch.setattr(psutil.Process, "children", children_and_then_none)

    assert {pid for pid, _ in snapshot(os.getpid())} >= {os.getpid()}


def test_a_ledger_follows_a_part_to_its_new_process() -> None:
    places: dict[str, int | None] = {"worker": os.getpid()}
    ledger = Ledger(lambda: places, alone=frozenset())
    before = ledger.look()["worker"]
    places["worker"] = None

    assert ledger.look()["worker"] == before
