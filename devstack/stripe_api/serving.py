"""How a simulator is served: on loopback only, with its secrets from the environment."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware


@dataclass(frozen=True, slots=True, repr=False)
class Options:
    """`data` is a folder; `webhook_url` may be empty: then no event is sent."""

    data: Path
    webhook_url: str
    key: str
    webhook_secret: str


HOSTS = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])


def arguments(part: str, what: str) -> argparse.ArgumentParser:
    """A parser with what every simulator is told."""
    parser = argparse.ArgumentParser(prog=f"python -m devstack.{part}", description=what)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of its state; made if it is not there")
    parser.add_argument("--webhook-url", default="", help="where events are sent; none are sent without it")
    return parser


def secrets_of(*names: str) -> tuple[str, ...]:
    """The secrets by the names of their variables; exits with 1 and the name if one is missing."""
    for name in names:
        if not os.environ.get(name):
            sys.exit(f"Set {name} in the environment.")
    return tuple(os.environ[name] for name in names)


def serve(app: Starlette, *, port: int, name: str) -> None:
    """Until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name} %(levelname)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
