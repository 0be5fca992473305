"""A customer who has only a password signs in, adds a passkey, and confirms a step with it, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from backoffice.cases.models import ItemState
from backoffice.trust.models import Grant
from tests.factories import PASSWORD
from tests.playing import ask
from tests.portal.conftest import make_person, open_blocked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def plug_in_a_passkey(page: Page) -> None:
    """A platform authenticator of Chromium's own, which says yes by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_from_a_password_to_a_step_confirmed_by_passkey(live_server: Any, phone: Page) -> None:
    cache.clear()
    maria = make_person(authenticator=False)
    plug_in_a_passkey(phone)

    phone.goto(live_server.url + "/")
    phone.locator("[name=login]").fill(maria.customer.user.username)  # type: ignore[union-attr]
    phone.locator("[name=password]").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in").click()
    phone.goto(live_server.url + reverse("mfa_add_webauthn"))
    phone.locator("[name=password]").fill(PASSWORD)
    phone.locator("main form[method=post] button").first.click()
    phone.locator("#mfa_webauthn_add").click()
    phone.wait_for_url(lambda address: not address.endswith(reverse("mfa_add_webauthn")))
    item = ask(open_blocked(maria.card), "prove_identity")
    phone.get_by_role("link", name="Meridian Bank").click()
    phone.get_by_role("link", name="Start : Confirm").click()
    phone.get_by_role("button", name="Use my passkey").click()

    expect(phone.get_by_role("heading", name="We have your answer")).to_be_visible()
    item.refresh_from_db()
    assert (item.state, item.outcome) == (ItemState.ANSWERED, "proven")
    assert Grant.objects.get().method == "webauthn"
