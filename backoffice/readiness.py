"""How an OS process without a port says that it works: its starter names a file, and the process creates that file."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "COUNTERSIGN_READY_FILE"


def announce() -> None:
    """Says that this process takes work from now on; does nothing when no file is named."""
    path = os.environ.get(VARIABLE)
    if path:
        Path(path).touch()
