"""The process that holds the streams of open pages (`asgi` says how it is run).

It answers `GET /live/stream` with server-sent events (WHATWG HTML, 9.2) and `GET /live/healthz`. It has neither
database nor session: a page shows its ticket (`watching`), and one reader follows the snapshots. Each event is the
whole state, so a browser that comes back needs nothing of what it missed, and `Last-Event-ID` changes nothing.

A stream says something at least every five seconds, and at once when the state of its customer changes or can no longer
be believed. It ends with its ticket, and at once when its session ends. Who does not read within ten seconds, or stands
above a limit, is dropped, and its page asks the web process instead.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from backoffice.networks import network_from
from backoffice.telephony.live import watching
from backoffice.telephony.live.hub import Hub
from backoffice.telephony.live.watching import Watcher

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STREAM, HEALTH = "/live/stream", "/live/healthz"
SAYS_EVERY = 5.0
"""Seconds. A page that hears nothing for longer than a state is good for says by itself that we cannot check."""
READS_WITHIN = 10.0
"""Seconds in which a browser must take what it is sent."""
RETRY = 2000
"""Milliseconds after which a browser connects again."""
OF_CUSTOMER, OF_NETWORK, IN_ALL = 6, 500, 12_000
"""How many streams there may be at once. Many customers may share the address of a mobile network."""

log = structlog.get_logger(__name__)


class App:
    """The ASGI application."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._customers: Counter[str] = Counter()
        self._networks: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        following = asyncio.create_task(self.hub.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] == HEALTH:
            await _refuse(send, 200)
        elif scope["path"] != STREAM:
            await _refuse(send, 404)
        elif scope["method"] != "GET":
            await _refuse(send, 405)
        elif not _is_our_page(headers):
            await _refuse(send, 403)
        elif (watcher := self._watcher(headers)) is None:
            await _refuse(send, 401)
        else:
            await self._admit(watcher, _network(scope, headers), receive, send)

    def _watcher(self, headers: MutableMapping[str, str]) -> Watcher | None:
        found = watching.watcher(watching.cookies_of(headers.get("cookie", "")))
        return None if found is None or self.hub.latest.has_ended(*found.marks) else found

    async def _admit(self, watcher: Watcher, network: str, receive: Receive, send: Send) -> None:
        if self._networks.total() >= IN_ALL:
            await _refuse(send, 503)
            return
        if self._customers[watcher.key] >= OF_CUSTOMER or self._networks[network] >= OF_NETWORK:
            await _refuse(send, 429)
            return
        self._customers[watcher.key] += 1
        self._networks[network] += 1
        try:
            await self._stream(watcher, receive, send)
        finally:
            for counted, name in ((self._customers, watcher.key), (self._networks, network)):
                counted[name] -= 1
                if not counted[name]:
                    del counted[name]

    async def _stream(self, watcher: Watcher, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*_STREAM_HEADERS, *_cors()]})
        with self.hub.watching(watcher.key, *watcher.marks) as woken:
            gone = asyncio.ensure_future(_gone(receive, woken))
            try:
                async with asyncio.timeout(watcher.left):
                    await self._tell(watcher, woken, gone, send)
            except TimeoutError:
                pass
            finally:
                gone.cancel()
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})

    async def _tell(self, watcher: Watcher, woken: asyncio.Event, gone: asyncio.Future[None], send: Send) -> None:
        """Tells the state until the browser is gone, or the session ended. Raises `TimeoutError` when the browser does
        not read."""
        retry = f"retry: {RETRY}\n".encode()
        while not gone.done() and not self.hub.latest.has_ended(*watcher.marks):
            woken.clear()
            event = b"%sdata: %s\n\n" % (retry, self.hub.message(watcher.key))
            retry = b""
            async with asyncio.timeout(READS_WITHIN):
                await send({"type": "http.response.body", "body": event, "more_body": True})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAYS_EVERY):
                    await woken.wait()


async def _gone(receive: Receive, woken: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    woken.set()


_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def _cors() -> Iterable[tuple[bytes, bytes]]:
    """Only where the streams have another address than the pages, and only for our pages."""
    if not settings.LIVE_URL:
        return []
    return [
        (b"access-control-allow-origin", _origin(settings.PUBLIC_URL).encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _is_our_page(headers: MutableMapping[str, str]) -> bool:
    """Whether a page of ours asks, if the browser says who does. A page of the same origin says no origin."""
    return headers.get("origin", _origin(settings.PUBLIC_URL)) == _origin(settings.PUBLIC_URL)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _network(scope: Scope, headers: MutableMapping[str, str]) -> str:
    client = scope.get("client")
    return network_from(forwarded=headers.get("x-forwarded-for", ""), remote=client[0] if client else "")


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"cache-control", b"no-store"), (b"content-length", b"0"), *_cors()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
