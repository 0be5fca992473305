"""A customer looks at the portal while "the telephone rings": who is it? In a real browser, by a real stream."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.conf import settings as configured
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from backoffice.telephony.live import asgi
from backoffice.telephony.live.publishing import Publisher
from backoffice.telephony.models import Call, CallState
from tests.journeys.conftest import ALL_FOUR, in_looks
from tests.portal.conftest import Person, make_person
from tests.telephony.live.conftest import Valkey, server, valkey  # noqa: F401
from tests.telephony.live.oncall import make_call, number_of
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")
WITHIN = 2_000
"""Milliseconds from the commit to the page."""


@contextmanager
def publisher() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Publisher().run, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Streams:
    """The process of the streams, in a thread."""

    def __init__(self, settings: Any, web: str) -> None:
        config = uvicorn.Config(asgi.build, factory=True, port=0, log_config=None, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        settings.PUBLIC_URL = web
        settings.LIVE_URL = "http://127.0.0.1:1"
        self._thread.start()
        assert until(lambda: self._server.started, seconds=10)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        settings.LIVE_URL = f"http://localhost:{port}"  # The same site as the pages, for the ticket.
        settings.CONTENT_SECURITY_POLICY = copy.deepcopy(configured.CONTENT_SECURITY_POLICY)
        settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"].append(settings.LIVE_URL)

    def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=20)


@pytest.fixture
def streams(valkey: Valkey, live_server: Any, settings: Any) -> Iterator[Streams]:  # noqa: F811
    cache.clear()
    running = Streams(settings, live_server.url)
    with publisher():
        yield running
    running.stop()


def signed_in(page: Page, person: Person, web: str) -> None:
    cookie = person.client.cookies[configured.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": web}])


def move(call: Call, state: CallState) -> None:
    now = timezone.now()
    call.state, call.times[state.value], call.seen_at = state, now.isoformat(), now
    call.dialled_at = call.dialled_at or now
    if state == CallState.ANSWERED:
        call.answered_at = now
    if state == CallState.ENDED:
        call.ended_at, call.outcome = now, "spoken"
    call.save()


def says(page: Page, words: str, *, within: int = WITHIN) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible(timeout=within)


def test_while_the_telephone_rings_the_page_says_who_it_is(
    streams: Streams, live_server: Any, new_page: Any, accessible: Any, fits: Any
) -> None:
    maria = make_person()
    page = new_page(width=360, height=740)
    signed_in(page, maria, live_server.url)

    def examine(name: str) -> None:
        for width, scheme in in_looks(page, *ALL_FOUR):
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"live-{name}-{width}-{scheme}.png", full_page=True)
            fits(page)
        accessible(page)

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/now" in request.url else None)
    page.goto(live_server.url + reverse("portal:calls_now"))
    says(page, "Nobody of us is calling you.")
    examine("nobody")
    page.get_by_role("link", name="Somebody has called me now").click()
    says(page, "This is not us: hang up.")
    assert page.title().startswith("This is not us: hang up.")
    examine("not-us")

    call = make_call(maria.customer, CallState.ANNOUNCED)
    move(call, CallState.DIALLING)
    says(page, "We are calling you now.")
    examine("calling")
    move(call, CallState.ANSWERED)
    says(page, "Hanna of our customer service is talking to you now")
    examine("talking")

    page.goto(live_server.url + reverse("portal:contacts"))
    says(page, "Hanna of our customer service is talking to you now")
    examine("elsewhere")
    move(call, CallState.ENDED)
    says(page, "Nobody of us is calling you.")
    assert len(asked) == 1, "only after the press; all else came by the stream"

    move(make_call(maria.customer, CallState.ANNOUNCED), CallState.ANSWERED)
    says(page, "Hanna of our customer service is talking to you now")
    maria.client.post(reverse("account_logout"))  # In another tab.
    says(page, "You are signed out: this page cannot say who is calling you.", within=5_000)
    assert "Hanna" not in page.locator("body").inner_text()
    examine("signed-out")


def test_without_script_a_reload_says_it(streams: Streams, live_server: Any, new_page: Any, fits: Any) -> None:
    maria = make_person()
    page = new_page(width=360, javascript=False)
    signed_in(page, maria, live_server.url)
    page.goto(live_server.url + reverse("portal:calls_now"))
    expect(page.get_by_text("This was true at")).to_be_visible()
    page.get_by_role("link", name="Somebody has called me now").click()
    says(page, "This is not us: hang up.")
    make_call(maria.customer, CallState.RINGING)
    assert until(lambda: bool(page.get_by_role("link", name="Look again").click()) or _rings(page), seconds=5)
    fits(page)

    page.context.clear_cookies()
    page.goto(live_server.url + reverse("calling"))
    page.get_by_label("The number on which you are called").fill(number_of(maria.customer))
    page.get_by_role("button", name="Look now").click()
    says(page, "We are calling your number now.")
    fits(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "live-public-360.png", full_page=True)


def _rings(page: Page) -> bool:
    return page.get_by_role("heading", name="We are calling you now.").is_visible()


def test_when_nothing_answers_any_more_the_page_says_so_by_itself(
    streams: Streams, live_server: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the streams die, and the page asks the web; then the web dies, too."""
    for module in ("states", "snapshots"):
        monkeypatch.setattr(f"backoffice.telephony.live.{module}.FRESH_FOR", 5.0)
    maria = make_person()
    context = browser.new_context()
    page = context.new_page()
    signed_in(page, maria, live_server.url)
    make_call(maria.customer, CallState.ANSWERED)  # It is believed for five seconds only.
    page.goto(live_server.url + reverse("portal:calls_now"))
    says(page, "Hanna of our customer service is talking to you now")

    streams.stop()
    with page.expect_response("**/live/now", timeout=15_000) as asked:
        pass
    assert asked.value.json()["state"] in ("talking", "cannot_check")

    page.route("**/*", lambda route: route.abort())
    says(page, "We cannot check now: do not talk.", within=10_000)
    assert page.title().startswith("We cannot check now: do not talk.")
    assert "Hanna" not in (page.locator("[data-live-shown]").text_content() or "")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "live-cannot.png", full_page=True)
    context.close()
