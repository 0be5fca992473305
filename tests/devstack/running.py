"""What runs for a data folder, asked of the system itself and not of our own notes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

from devstack import postgres


def running_for(data_dir: Path) -> list[str]:
    """Every process, zombies apart, that names the folder in its command, environment or working directory."""
    marks = {str(data_dir), str(postgres.cluster(data_dir).data.parent)}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            texts = [*process.cmdline(), *process.environ().values(), process.cwd()]
            ours = process.pid not in (os.getpid(), os.getppid())
            if ours and any(mark in text for mark in marks for text in texts):
                found.append(f"{process.pid} {' '.join(process.cmdline())[:120]}")
    return found


def outside_environment() -> dict[str, str]:
    """Our environment without what the tests' own database put there."""
    ours = ("DATABASE_URL", "COUNTERSIGN_TEST_DATABASE", "COUNTERSIGN_DATA", "COUNTERSIGN_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours}
