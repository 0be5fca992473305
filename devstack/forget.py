"""Removes everything that the embedded stack keeps for a data folder, wherever it is: `forget.py FOLDER`, run as a
module."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from . import leftovers, postgres, servers


def forget(data_dir: Path) -> None:
    """All its data is lost. Raises AlreadyUp while a stack serves the folder."""
    if not data_dir.exists():
        return
    with leftovers.only_one(data_dir / "run"):
        leftovers.end(data_dir / "run", say=lambda line: None)
        for folder in (postgres.cluster(data_dir).data.parent, servers.valkey_socket(data_dir).parent, data_dir):
            if folder.exists():
                shutil.rmtree(folder)


if __name__ == "__main__":
    try:
        forget(Path(sys.argv[1]).resolve())
    except leftovers.AlreadyUp as up:
        sys.exit(str(up))
