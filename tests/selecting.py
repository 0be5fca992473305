"""Which files a run need not read, and which tests stay together: a plugin.

A run of the marked tests alone (`-m stack`) would otherwise import every file of tests, which takes longer than
starting a stack. A file is left out only if no test in it can be wanted, by the marks that are written in the file.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

MARKS = ("browser", "stack")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """True for a file that is left out; None leaves it to others."""
    wanted = config.getoption("markexpr")
    if not wanted or collection_path.suffix != ".py" or not collection_path.is_file():
        return None
    return None if may_hold(wanted, collection_path.read_text()) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a stack stay on one worker, where tests run side by side (`--dist loadgroup`)."""
    for item in items:
        if item.get_closest_marker("stack"):
            item.add_marker(pytest.mark.xdist_group(group_of(item.path)))


def group_of(path: Path) -> str:
    """Which tests of a stack stay together: those of a folder, for a stack takes half a minute to start. Those of
    faults take as long as all others together, so each of their files is a group, and two workers share them."""
    return path.stem if path.parent.name == "faults" else path.parent.name


def may_hold(wanted: str, text: str) -> bool:
    """Whether a file with this text may hold a test that the expression wants. An expression with other marks, or one
    that is none, leaves no file out."""
    written = [mark for mark in MARKS if f"mark.{mark}" in text]
    some = itertools.chain.from_iterable(itertools.combinations(written, count) for count in range(len(written) + 1))
    try:
        return any(eval(wanted, {"__builtins__": {}}, {mark: mark in marks for mark in MARKS}) for marks in some)
    except (NameError, SyntaxError, TypeError):
        return True
