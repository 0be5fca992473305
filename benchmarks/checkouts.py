"""The older checkout to measure against: a folder, or a revision that is checked out for the time of the run."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


class NoCheckout(Exception):
    """Neither a checkout of the product nor a revision of this repository; the text says so."""


@contextmanager
def checkout(wanted: str) -> Iterator[Path]:
    """The folder of `wanted`, a path or a revision. Raises NoCheckout."""
    folder = Path(wanted)
    if folder.is_dir():
        if not (folder / "benchmarks").is_dir():
            raise NoCheckout(f"{wanted} has no folder `benchmarks` to be driven by")
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="countersign-bench-old-") as place:
        tree = Path(place) / "checkout"
        made = _git("worktree", "add", "--detach", str(tree), wanted)
        if made.returncode:
            raise NoCheckout(f"{wanted} is neither a folder nor a revision: {made.stderr.strip()}")
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(HERE), *arguments], capture_output=True, text=True, check=False)
