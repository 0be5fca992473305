"""`python -m devstack.registry --epp-port N --control-port N --data DIR`, with REGISTRY_PASSWORD in the environment."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from devstack.registry.embedded import Embedded, Options


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 2 without the password."""
    told = _arguments()
    password = os.environ.get("REGISTRY_PASSWORD", "")
    if not password:
        sys.exit("Set REGISTRY_PASSWORD in the environment.")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s registry %(levelname)s %(message)s")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    running = Embedded(
        Options(data=told.data, password=password, epp_port=told.epp_port, control_port=told.control_port)
    )
    ended.wait()
    running.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devstack.registry", description="The registry simulator.")
    parser.add_argument("--epp-port", type=int, required=True)
    parser.add_argument("--control-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of its state; made if it is not there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
