"""Sending a file in a real browser: with script and without, on a telephone and on a desk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cases.models import WorkItem
from tests.catalogue import installed
from tests.documents import hostile
from tests.documents.signed_form import PROCESS, open_for
from tests.journeys.conftest import NewPage
from tests.journeys.test_portal_pages import signed_in
from tests.playing import ask
from tests.portal.conftest import Person, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")


@pytest.fixture
def holder(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[Person]:
    settings.MEDIA_ROOT, settings.CLAMD_URL = tmp_path, ""
    cache.clear()
    with installed(PROCESS):
        yield make_person()


@pytest.fixture
def item(holder: Person) -> WorkItem:
    case = open_for(holder.customer)
    return ask(case, "send", stage="sent")


def look(page: Page, name: str, *checks: Callable[[Page], None]) -> None:
    for check in checks:
        check(page)
    if PICTURES and page.viewport_size:
        page.screenshot(path=f"{PICTURES}/{name}-{page.viewport_size['width']}.png", full_page=True)


def choose(page: Page, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "Signed form.jpg"
    file.write_bytes(content)
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Send the file").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_is_added_and_sent_with_the_form(
    javascript: bool,
    new_page: NewPage,
    holder: Person,
    item: WorkItem,
    live_server: Any,
    tmp_path: Path,
    accessible: Callable[[Page], None],
    fits: Callable[[Page], None],
) -> None:
    checks = [fits, accessible] if javascript else [fits]
    page = signed_in(new_page(width=360 if javascript else 1280, javascript=javascript), holder, live_server.url)
    page.goto(live_server.url + reverse("portal:item", args=[item.id]))
    look(page, "item-before", *checks)
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("group", name="The signed form").get_by_role("button", name="Add a file").click()
    look(page, "add", *checks)

    if javascript:
        choose(page, tmp_path, b"<html></html>")
        expect(page.get_by_role("alert")).to_contain_text("neither a PDF nor a JPEG or PNG picture")
        look(page, "refused", *checks)
    choose(page, tmp_path, hostile.picture("JPEG"))
    expect(page.get_by_text("Added: Signed form.jpg (JPEG, 1 page).")).to_be_visible()
    look(page, "added", *checks)

    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("link", name="Signed form.jpg")).to_be_visible()
    look(page, "item-after", *checks)
    expect(page.get_by_role("radio", name="Yes")).to_be_checked()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).to_have_url(live_server.url + reverse("portal:done", args=[item.id]))
