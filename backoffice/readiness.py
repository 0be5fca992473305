"""A part without a port says itself that it works: the supervisor names a file, the part makes it."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "COUNTERSIGN_READY_FILE"


def announce() -> None:
    """Says that this process takes work from now on; does nothing where nobody supervises it."""
    path = os.environ.get(VARIABLE)
    if path:
        Path(path).touch()
