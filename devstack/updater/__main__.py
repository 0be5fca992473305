"""`python -m devstack.updater --port N --data DIR --public-url URL`, with its secret in the environment."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

import uvicorn

from devstack.updater.app import Options, build

TWO_DAYS = 2 * 86400.0


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 2 if the secret is missing."""
    parser = argparse.ArgumentParser(prog="python -m devstack.updater", description="The account updater's simulator.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of its state; made if it is not there")
    parser.add_argument("--public-url", required=True, help="the product's address, to which answers are sent")
    parser.add_argument("--answer-after", type=float, default=TWO_DAYS, metavar="S", help="seconds until it answers")
    told = parser.parse_args()
    secret = os.environ.get("UPDATER_SECRET", "")
    if not secret:
        sys.exit("Set UPDATER_SECRET in the environment.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s updater %(levelname)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    app = build(Options(told.data, told.public_url, secret, told.answer_after))
    uvicorn.run(app, host="127.0.0.1", port=told.port, access_log=False, log_level="warning", server_header=False)


if __name__ == "__main__":
    main()
