"""A real Chromium against the real pages. An error in its console, such as a breach of the policy, fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from backoffice.cases.models import WorkItem
from tests.journeys.at_desk import case_to_approve

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
NewPage = Callable[..., Page]
Scheme = Literal["light", "dark"]
BOTH_WIDTHS: list[tuple[int, Scheme]] = [(1280, "light"), (360, "light")]
ALL_FOUR: list[tuple[int, Scheme]] = [(1280, "light"), (1280, "dark"), (360, "dark"), (360, "light")]


def _is_wrong(said: ConsoleMessage) -> bool:
    """The server of the tests has no stream of the calls that go on: pages ask again and again instead."""
    return said.type == "error" and not said.location.get("url", "").endswith("/live/stream")


SETTLED = """Promise.allSettled(
    document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)
).then(() => null)"""
"""Once every colour and place has become what it is to be."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; without it the journeys are skipped, or fail where a browser is required."""
    if not CHROMIUM.exists():
        message = f"There is no Chromium at {CHROMIUM}: set CHROMIUM to its path to run the journeys."
        if os.environ.get("COUNTERSIGN_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop in this thread; the tests are not async.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens windows, each with its own cookies: `new_page(width=360, scheme="dark", javascript=False)`."""
    wrong: list[str] = []
    contexts = []

    def open_page(*, width: int = 1280, height: int = 900, scheme: Scheme = "light", **options: Any) -> Page:
        options["java_script_enabled"] = options.pop("javascript", True)
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == [], f"the browser's console: {wrong}"


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A window of a desk, 1280 wide."""
    return new_page()


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A telephone, 360 wide, pressed with a thumb."""
    return new_page(width=360, height=740, has_touch=True, is_mobile=True)


def settle(page: Page) -> None:
    """Waits until the page is whole and stands still.

    A press that leads to another page returns as soon as that page begins: for a moment it has no element at all.
    """
    page.wait_for_load_state()
    page.evaluate(SETTLED)


def in_looks(page: Page, *looks: tuple[int, Scheme]) -> Iterator[tuple[int, Scheme]]:
    """Shows one page in each width and scheme, as in a window that somebody makes narrower. It keeps the last."""
    height = (page.viewport_size or {"height": 900})["height"]
    for width, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        yield width, scheme


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails with axe's report where a page breaks a rule of WCAG 2.2 A or AA, or of good practice.

    Preloading puts styles into the page, against the policy. Each rule is asked of every element, but axe describes
    only those that break it: to describe all others takes it as long again.
    """
    options = {"preload": False, "resultTypes": ["violations"]}

    def check(page: Page) -> None:
        settle(page)
        axe = Axe(axe_script="0") if page.evaluate("Boolean(window.axe)") else Axe()
        found = axe.run(page, options=options)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture
def fits() -> Callable[[Page], None]:
    """Fails where a page must be scrolled sideways."""

    def check(page: Page) -> None:
        settle(page)
        wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window, f"the page is {wide} wide in a window of {window}"

    return check


@pytest.fixture
def approval(transactional_db: None) -> WorkItem:
    return case_to_approve()
