"""A whole embedded stack for a group of tests, in a folder that is gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import postgres
from devstack.forget import forget
from devstack.stack import Stack
from tests import migrated
from tests.devstack.running import outside_environment


@contextmanager
def running_stack(name: str, *, also: Iterable[str] = (), **settings: str) -> Iterator[Stack]:
    """Starts every part, those on demand only if they are in `also`, with these settings, on a database that is
    migrated already where we have one. `name` is in the folder's name; the folder is open to the user that PostgreSQL
    runs as."""
    folder = Path(tempfile.mkdtemp(prefix=f"countersign-{name}-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "data").mkdir()
    try:
        migrated.fill(postgres.cluster(folder / "data"))
        with Stack(folder / "data", environment=outside_environment() | settings, also=also) as running:
            yield running
    finally:
        forget(folder / "data")
        shutil.rmtree(folder)
