"""`python -m devstack.telephony --port N --data DIR`, with its account and token in the environment."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

import uvicorn

from devstack.telephony.app import Options, build


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 1 if its account or its token is missing."""
    told = _arguments()
    secrets = {name: os.environ.get(name, "") for name in ("TELEPHONY_ACCOUNT", "TELEPHONY_TOKEN")}
    for name, value in secrets.items():
        if not value:
            sys.exit(f"Set {name} in the environment.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s telephony %(levelname)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    app = build(Options(told.data, secrets["TELEPHONY_ACCOUNT"], secrets["TELEPHONY_TOKEN"]))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=told.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m devstack.telephony", description="The telephone simulator.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of its state; made if it is not there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
