"""Ten thousand open pages, as raw sockets: `python -m benchmarks.live_watchers PORT FILE`.

FILE holds a cookie header a line, and each line becomes a stream. Prints "open" and their number once all are; when
its standard input ends, it prints as JSON what every stream heard that was not "nobody": line, time, state.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

AT_ONCE = 200
"""How many connect together; a proxy would spread them likewise."""


class Page(asyncio.Protocol):
    def __init__(self, line: int, cookie: str, heard: list[tuple[int, float, str]]) -> None:
        self._line, self._cookie, self._heard = line, cookie, heard
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rest, self._last = b"", "nobody"

    def connection_made(self, transport: Any) -> None:
        transport.write(f"GET /live/stream HTTP/1.1\r\nHost: live\r\nCookie: {self._cookie}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            if (at := event.find(b"data: ")) < 0:
                continue
            if not self.opened.done():
                self.opened.set_result(None)
            state = json.loads(event[at + 6 :])["state"]
            if state != self._last:
                self._heard.append((self._line, now, state))
            self._last = state

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("refused"))


def _same(page: Page) -> Page:
    return page


async def watch(port: int, cookies: list[str]) -> list[tuple[int, float, str]]:
    loop, heard = asyncio.get_running_loop(), list[tuple[int, float, str]]()
    for first in range(0, len(cookies), AT_ONCE):
        pages = [Page(line, cookies[line], heard) for line in range(first, min(first + AT_ONCE, len(cookies)))]
        await asyncio.gather(*(loop.create_connection(partial(_same, page), "127.0.0.1", port) for page in pages))
        await asyncio.gather(*(page.opened for page in pages))
    print(f"open {len(cookies)}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return heard


def main() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    print(json.dumps(asyncio.run(watch(port, file.read_text().splitlines()))))


if __name__ == "__main__":
    main()
