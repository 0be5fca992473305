"""The public check page in a real browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.references import new_reference
from backoffice.trust.models import Contact
from tests.journeys.conftest import BOTH_WIDTHS, in_looks
from tests.playing import advance
from tests.portal.conftest import make_person, open_blocked
from workflows.base.contracts import SendNotice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")


def told_contact() -> Contact:
    """A mail that has left."""
    case = open_blocked(make_person().card)
    advance(case, notices=(SendNotice("card_blocked"),))
    return Contact.objects.get(case_id=case.id, channel="mail")


def examine(page: Page, name: str, width: int, accessible: Any, fits: Any) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    fits(page)
    accessible(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_each_of_the_three_answers(
    live_server: Any, new_page: Any, accessible: Any, fits: Any, javascript: bool
) -> None:
    cache.clear()
    contact = told_contact()
    page = new_page(width=360, javascript=javascript)
    page.goto(live_server.url + reverse("check"))
    for name, typed, says in [
        ("check-ours", contact.reference.replace("-", "–"), "Yes, this code is ours"),
        ("check-not-ours", new_reference(13), "No, none of our messages"),
        ("check-misread", "K7Q-4MX-3", "We cannot tell: this is no whole code"),
        ("check-cannot-tell", contact.case_reference, "We cannot tell from the case alone"),
    ]:
        page.get_by_label("The check code").fill(typed)
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("heading", name=says)).to_be_visible()
        for width, _scheme in in_looks(page, *(BOTH_WIDTHS if javascript else [])):
            examine(page, name, width, accessible, fits)

    expect(page.get_by_label("The last three digits")).to_be_visible()
