"""The page of the demonstration in a real browser: tours, people, and that every tour leads somewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module, reload
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import clear_url_caches
from playwright.sync_api import Page, expect

from demo.tours import TOURS
from tests.demo.loading import load
from tests.journeys.conftest import ALL_FOUR, in_looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")


@pytest.fixture(autouse=True)
def _demo_mode() -> Iterator[None]:
    with override_settings(DEMO_MODE=True, INBOX_URL="http://127.0.0.1:2526", TEMPORAL_UI_URL="http://127.0.0.1:8233"):
        _reload_urls()
        yield
    _reload_urls()


def _reload_urls() -> None:
    reload(import_module(settings.ROOT_URLCONF))
    clear_url_caches()


def test_the_page_fits_and_is_accessible(live_server: Any, page: Page, accessible: Any, fits: Any) -> None:
    load()

    page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/demo/")

    expect(page.get_by_role("heading", name="Five tours of three steps")).to_be_visible()
    for width, scheme in in_looks(page, *ALL_FOUR):
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"demonstration-{width}-{scheme}.png", full_page=True)
        fits(page)
        accessible(page)


def test_each_tour_begins_and_each_of_its_steps_leads_to_a_page(live_server: Any, new_page: Any) -> None:
    load()
    base = live_server.url.replace("localhost", "127.0.0.1")
    for tour in TOURS:
        page = new_page()
        page.goto(f"{base}/demo/")
        panel = page.get_by_role("article", name=str(tour.title))
        expect(panel.get_by_role("listitem")).to_have_count(3)
        if tour.who:
            panel.get_by_role("button").click()
            assert "/demo/" not in page.url
        for step in tour.steps:
            if step.at.startswith("/") and (not step.at.startswith("/desk/") or tour.who in ("hanna", "sam")):
                answer = page.goto(f"{base}{step.at}")
                assert answer is not None
                assert answer.status == 200, step.at
                assert page.url == f"{base}{step.at}"
