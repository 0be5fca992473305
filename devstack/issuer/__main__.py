"""`python -m devstack.issuer --port N --data DIR [--webhook-url URL]`, with its secrets in the environment."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

import uvicorn

from devstack.issuer.app import Options, build
from devstack.issuer.cards import Post

DAY = 86400.0


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit 2 if a secret is missing."""
    told = _arguments()
    secrets = {name: os.environ.get(name, "") for name in ("ISSUER_KEY", "ISSUER_WEBHOOK_SECRET")}
    for name, value in secrets.items():
        if not value:
            sys.exit(f"Set {name} in the environment.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s issuer %(levelname)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    app = build(
        Options(
            data=told.data,
            webhook_url=told.webhook_url,
            key=secrets["ISSUER_KEY"],
            webhook_secret=secrets["ISSUER_WEBHOOK_SECRET"],
            post=Post(ship_after=told.ship_after, deliver_after=told.deliver_after),
        )
    )
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
    parser = argparse.ArgumentParser(prog="python -m devstack.issuer", description="The issuer simulator.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of its state; made if it is not there")
    parser.add_argument("--webhook-url", default="", help="where events are sent; none are sent without it")
    parser.add_argument("--ship-after", type=float, default=DAY, metavar="S", help="seconds until a letter leaves")
    parser.add_argument("--deliver-after", type=float, default=2 * DAY, metavar="S", help="seconds that it travels")
    return parser.parse_args()


if __name__ == "__main__":
    main()
