"""A process without a port says itself that it works: whoever started it names a file, and it makes that file."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "COUNTERSIGN_READY_FILE"


def announce() -> None:
    """Says that this process takes work from now on; does nothing where no file is named."""
    path = os.environ.get(VARIABLE)
    if path:
        Path(path).touch()
