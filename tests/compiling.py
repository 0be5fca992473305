"""Each file of tests is compiled once for all workers of a whole run: a plugin.

pytest writes the asserts of each file anew, which takes thirteen seconds of CPU for all, and keeps what it made beside
the file. In a fresh checkout workers that begin at the same moment would each do all of that. So each reads its share
first, and finds the others' shares done when it collects.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from _pytest.pathlib import import_path

from tests.selecting import may_hold


def pytest_sessionstart(session: pytest.Session) -> None:
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    files = share(_wanted(session.config), int(worker["workerid"].removeprefix("gw")), worker["workercount"])
    for path in files:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # collecting it says what is wrong with it
            import_path(path, root=session.config.rootpath, consider_namespace_packages=False)


def share(files: list[Path], number: int, of: int) -> list[Path]:
    """What the worker with this number reads first, counted from 0."""
    return files[number::of]


def _wanted(config: pytest.Config) -> list[Path]:
    files = [path for place in config.args for path in sorted(Path(place).rglob("test_*.py"))]
    return [path for path in files if may_hold(config.getoption("markexpr"), path.read_text())]
