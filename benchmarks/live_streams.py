"""The process of the streams as it is run in production, but that all pages come from one machine here: `python -m
benchmarks.live_streams PORT`."""

from __future__ import annotations

import os
import sys

import uvicorn


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    from backoffice.telephony.live import asgi, server

    server.OF_NETWORK = server.IN_ALL
    uvicorn.run(
        asgi.build, factory=True, port=int(sys.argv[1]), access_log=False, proxy_headers=False, backlog=4096,
        log_level="warning",
    )  # fmt: skip


if __name__ == "__main__":
    main()
