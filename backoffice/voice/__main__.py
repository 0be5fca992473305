"""`python -m backoffice.voice`: the voice gateway, without Django and without the settings of the back office."""

from __future__ import annotations

import logging
import os
import sys

from backoffice.voice.gateway.options import BadOptions, from_environment
from backoffice.voice.gateway.serving import serve


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 2 with all that is wrong with its variables."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        options = from_environment(os.environ)
    except BadOptions as bad:
        for problem in bad.problems:
            sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    serve(options)


if __name__ == "__main__":
    main()
