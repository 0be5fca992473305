from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from .app import make_app
from .store import Store


def main() -> None:
    """Serves the inbox on loopback until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m devstack.inbox", description=__doc__)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int)
    parser.add_argument("--data", type=Path, required=True)
    asked = parser.parse_args()
    app = make_app(Store(asked.data), smtp_port=asked.smtp_port)
    uvicorn.run(
        app, host="127.0.0.1", port=asked.http_port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=2, server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
