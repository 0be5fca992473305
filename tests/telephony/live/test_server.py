"""The streams: who gets one, what it says and when, and when it ends."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.http import HttpResponse

from backoffice.telephony.live import hub as hubs
from backoffice.telephony.live import server, store, watching
from backoffice.telephony.live.hub import Hub
from backoffice.telephony.live.server import App
from backoffice.telephony.live.snapshots import key_of_customer
from tests.telephony.live.conftest import Valkey
from tests.telephony.live.oncall import NOON, Clocks, on_call, snapshot

SESSION = "the-key-of-a-session"
PASSWORD = "a-password-as-it-is-stored"


class Somebody:
    """A customer, as far as the tickets need one."""

    def __init__(self) -> None:
        self.public_id = uuid.uuid4()
        self.key = key_of_customer(self.public_id)


def ticket(somebody: Somebody, session: str = SESSION, password: str = PASSWORD) -> str:
    response = HttpResponse()
    watching.hand_out(response, customer=somebody, session=session, password=password)  # type: ignore[arg-type]
    return response.cookies[watching.COOKIE].value


def cookies(somebody: Somebody, **others: str) -> dict[str, str]:
    return {watching.COOKIE: ticket(somebody), settings.SESSION_COOKIE_NAME: SESSION, **others}


class Browser:
    """One request, made directly to the application."""

    def __init__(self, app: App, sent: Mapping[str, str], *, reads: bool = True, **headers: str) -> None:
        self.status, self.headers, self.events, self.ended = 0, dict[bytes, bytes](), list[dict[str, Any]](), False
        self._news, self._gone, self._reads = asyncio.Event(), asyncio.Event(), reads
        told = {"cookie": "; ".join(f"{name}={value}" for name, value in sent.items()), **headers}
        self._scope = {
            "type": "http", "method": "GET", "path": server.STREAM, "client": ("192.0.2.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        }  # fmt: skip
        self.task = asyncio.create_task(app(self._scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        elif message.get("more_body"):
            if not self._reads:
                await asyncio.Event().wait()
            (line,) = (line for line in message["body"].decode().splitlines() if line.startswith("data: "))
            self.events.append(json.loads(line.removeprefix("data: ")))
        else:
            self.ended = True
        self._news.set()

    async def says(self, count: int) -> list[str]:
        """The states of the first events, once there are so many."""
        async with asyncio.timeout(5):
            while len(self.events) < count:
                self._news.clear()
                await self._news.wait()
        return [event["state"] for event in self.events]

    async def answered(self) -> int:
        async with asyncio.timeout(5):
            while not self.status:
                self._news.clear()
                await self._news.wait()
        return self.status

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.task, 5)


Scene = Callable[[App, Clocks], Coroutine[Any, Any, None]]


def play(scene: Scene) -> None:
    clocks = Clocks()

    async def played() -> None:
        app = App(Hub(clocks.latest()))
        app.hub.take(snapshot().sealed())
        await scene(app, clocks)

    asyncio.run(played())


@pytest.fixture
def maria() -> Somebody:
    return Somebody()


def test_a_stream_says_the_state_at_once_and_again_when_it_changes(maria: Somebody) -> None:
    async def scene(app: App, clocks: Clocks) -> None:
        page, other = Browser(app, cookies(maria)), Browser(app, cookies(Somebody()))
        assert await page.says(1) == ["nobody"]
        await other.says(1)

        app.hub.take(snapshot(on_call(talking=False), at=NOON + 1, key=maria.key).sealed())
        app.hub.take(snapshot(on_call(), at=NOON + 2, key=maria.key).sealed())
        assert (await page.says(2))[-1] == "talking"
        clocks.pass_(3)
        app.hub.take(snapshot(on_call(), at=NOON + 3, key=maria.key).sealed())
        app.hub.take(snapshot(at=NOON + 4).sealed())
        assert await page.says(3) == ["nobody", "talking", "nobody"]

        assert page.events[1]["calls"][0] == {
            "talking": True, "agent": "Hanna", "team": "the cards team", "case": "K7Q-4MX-4", "number": "+31 ••• ••12",
            "since": NOON,
        }  # fmt: skip
        assert len(other.events) == 1
        await page.leave()
        await other.leave()

    play(scene)


def test_when_nothing_new_comes_every_stream_says_that_we_cannot_check(maria: Somebody) -> None:
    async def scene(app: App, clocks: Clocks) -> None:
        pages = [Browser(app, cookies(one)) for one in (maria, Somebody())]
        for page in pages:
            await page.says(1)
        clocks.pass_(15.1)
        app.hub.look()
        assert [(await page.says(2))[-1] for page in pages] == ["cannot_check"] * 2
        app.hub.take(b"what is no snapshot")
        app.hub.take(snapshot(at=clocks.wall).sealed())
        assert [(await page.says(3))[-1] for page in pages] == ["nobody"] * 2
        for page in pages:
            await page.leave()

    play(scene)


def test_what_is_told_to_all_is_good_no_longer_than_what_is_told_to_one(maria: Somebody) -> None:
    """It is made once, and may be sent half a second later."""

    async def scene(app: App, clocks: Clocks) -> None:
        page = Browser(app, cookies(maria))
        await page.says(1)
        assert page.events[0]["good_for"] == 15 - hubs.LOOKS_EVERY
        await page.leave()

    play(scene)


def test_a_console_that_falls_silent_is_told_without_a_new_snapshot(maria: Somebody) -> None:
    async def scene(app: App, clocks: Clocks) -> None:
        app.hub.take(snapshot(on_call(heard=NOON - 10), at=NOON + 1, key=maria.key).sealed())
        page = Browser(app, cookies(maria))
        assert await page.says(1) == ["talking"]
        app.hub.look()
        clocks.pass_(6)
        app.hub.look()
        assert (await page.says(2))[-1] == "cannot_check"
        assert page.events[-1]["calls"] == []
        await page.leave()

    play(scene)


def test_a_stream_says_something_every_few_seconds(maria: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SAYS_EVERY", 0.01)

    async def scene(app: App, clocks: Clocks) -> None:
        page = Browser(app, cookies(maria))
        assert await page.says(5) == ["nobody"] * 5
        await page.leave()

    play(scene)


def expired(somebody: Somebody) -> str:
    said = [somebody.key, watching.mark_of(SESSION), watching.mark_of(PASSWORD), int(time.time()) - 1]
    return signing.dumps(said, salt="live.watching")


def forged(somebody: Somebody) -> str:
    """Maria's key, signed with nothing."""
    mine = ticket(Somebody()).split(":")
    return ":".join([ticket(somebody).split(":")[0], *mine[1:]])


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda maria: {},
        lambda maria: {watching.COOKIE: ticket(maria)},
        lambda maria: cookies(maria, sessionid="another"),
        lambda maria: cookies(maria, live=ticket(maria, session="another")),
        lambda maria: cookies(maria, live=expired(maria)),
        lambda maria: cookies(maria, live=forged(maria)),
        lambda maria: cookies(maria, live=maria.key),
        lambda maria: cookies(maria, live=signing.dumps([maria.key], salt="live.watching")),
        lambda maria: cookies(maria, live=signing.dumps([maria.key, "", "", 9e12], salt="something else")),
    ],
    ids=["nothing", "no session", "other session", "of another", "over", "forged", "unsigned", "half", "other use"],
)
def test_without_a_ticket_that_is_good_there_is_no_stream(
    maria: Somebody, spoiled: Callable[[Somebody], Mapping[str, str]]
) -> None:
    async def scene(app: App, clocks: Clocks) -> None:
        page = Browser(app, spoiled(maria))
        assert await page.answered() == 401
        await page.leave()
        assert page.events == []

    play(scene)


def test_a_page_of_another_site_gets_none(maria: Somebody) -> None:
    async def scene(app: App, clocks: Clocks) -> None:
        for origin, status in [("https://evil.example", 403), ("null", 403), (settings.PUBLIC_URL, 200)]:
            page = Browser(app, cookies(maria), origin=origin)
            assert await page.answered() == status
            await page.leave()

    play(scene)


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:9000"])
def test_only_our_pages_may_read_a_stream_of_another_address(maria: Somebody, settings: Any, address: str) -> None:
    settings.LIVE_URL = address

    async def scene(app: App, clocks: Clocks) -> None:
        page = Browser(app, cookies(maria))
        await page.answered()
        allowed = page.headers.get(b"access-control-allow-origin")
        assert allowed == (settings.PUBLIC_URL.encode() if address else None)
        await page.leave()

    play(scene)


@pytest.mark.parametrize(("limit", "status"), [("OF_CUSTOMER", 429), ("OF_NETWORK", 429), ("IN_ALL", 503)])
def test_there_are_limits_and_whoever_leaves_makes_room(
    maria: Somebody, monkeypatch: pytest.MonkeyPatch, limit: str, status: int
) -> None:
    monkeypatch.setattr(server, limit, 2)

    async def scene(app: App, clocks: Clocks) -> None:
        pages = [Browser(app, cookies(maria)) for _page in range(3)]
        assert [await page.answered() for page in pages] == [200, 200, status]
        await pages[0].leave()
        again = Browser(app, cookies(maria))
        assert await again.answered() == 200
        for page in (pages[1], again):
            await page.leave()

    play(scene)


def test_a_stream_ends_with_its_ticket(maria: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "GOOD_FOR", 1)

    async def scene(app: App, clocks: Clocks) -> None:
        page = Browser(app, cookies(maria))
        await asyncio.wait_for(page.task, 5)
        assert page.ended

    play(scene)


@pytest.mark.parametrize("ends", [SESSION, PASSWORD], ids=["session", "password"])
def test_streams_end_with_their_session_and_whoever_copied_its_cookies_gets_no_other(
    maria: Somebody, ends: str
) -> None:
    async def scene(app: App, clocks: Clocks) -> None:
        tabs = [Browser(app, cookies(maria)) for _tab in range(2)]
        renewed = ticket(maria, "her-telephone", "another-password")
        elsewhere = {watching.COOKIE: renewed, settings.SESSION_COOKIE_NAME: "her-telephone"}
        telephone = Browser(app, elsewhere)
        for page in (*tabs, telephone):
            await page.says(1)
        ended = [watching.mark_of(ends), watching.mark_of("somebody else")]
        app.hub.take(snapshot(at=NOON + 1, ended=ended).sealed())
        for page in tabs:
            await asyncio.wait_for(page.task, 2)
            assert page.ended
            assert [event["state"] for event in page.events] == ["nobody"]
        app.hub.take(snapshot(on_call(), at=NOON + 2, key=maria.key, ended=ended).sealed())
        assert await telephone.says(2) == ["nobody", "talking"]
        assert await Browser(app, cookies(maria)).answered() == 401
        await telephone.leave()
        assert app.hub._open == {}

    play(scene)


def test_whoever_does_not_read_is_dropped(maria: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "READS_WITHIN", 0.05)

    async def scene(app: App, clocks: Clocks) -> None:
        page = Browser(app, cookies(maria), reads=False)
        await asyncio.wait_for(page.task, 5)
        assert app.hub._open == {}

    play(scene)


def test_a_process_that_cannot_reach_the_cache_says_that_we_cannot_check(
    maria: Somebody, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "PAUSE", 0.02)
    monkeypatch.setattr("backoffice.telephony.live.snapshots.FRESH_FOR", 0.3)

    async def played() -> None:
        app = App(Hub())
        following = asyncio.create_task(app.hub.run())
        page = Browser(app, cookies(maria))
        assert await page.says(1) == ["cannot_check"]
        async with store.async_client() as client:
            await until_said(page, "nobody", lambda: publish(client))
        valkey.stop()
        await until_said(page, "cannot_check", lambda: asyncio.sleep(0))
        await page.leave()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    asyncio.run(played())


async def publish(client: Any) -> None:
    await client.publish(store.CHANNEL, snapshot(at=time.time()).sealed())


async def until_said(page: Browser, state: str, meanwhile: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(10):
        while page.events[-1]["state"] != state:
            await meanwhile()
            await asyncio.sleep(0.02)


def test_the_process_needs_no_database() -> None:
    program = (
        "from backoffice.telephony.live import asgi; app = asgi.build(); "
        "from django.apps import apps; from django.db import connections; "
        "assert not apps.ready and connections['default'].vendor == 'unknown'; print(type(app).__name__)"
    )
    ran = started(program, DATABASE_URL="django.db.backends.dummy:///none", CACHE_URL="unix:///nowhere")

    assert ran.stdout.strip() == "App", ran.stderr


def test_without_keys_or_cache_it_does_not_start() -> None:
    """In production no keys are made up; `SECRET_KEY` is Django's own to ask for."""
    ran = started("from backoffice.telephony.live import asgi; asgi.build()", COUNTERSIGN_ENV="production")

    assert "Set SEALING_KEYS, CACHE_URL for the streams." in ran.stderr


def started(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, "SECRET_KEY": "x" * 50, **environment}
    return subprocess.run([sys.executable, "-c", program], env=told, capture_output=True, text=True, check=False)
