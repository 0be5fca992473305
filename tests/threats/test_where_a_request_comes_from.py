"""Limits count the real sender of a request: its own word about its address counts only as far as our proxy saw it."""

from __future__ import annotations

import pytest
from axes.helpers import get_client_ip_address
from django.conf import settings as configured
from django.test import Client, RequestFactory
from pytest_django import Settings
from rest_framework.throttling import ScopedRateThrottle

from backoffice.staff.remote import address_of


@pytest.mark.parametrize("claimed", ["", "9.9.9.9", "9.9.9.9, 8.8.8.8", "nonsense"])
def test_without_a_proxy_nobody_chooses_their_own_address(claimed: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=claimed)

    assert address_of(request) == "192.0.2.7"
    assert get_client_ip_address(request) == "192.0.2.7"


def test_behind_our_proxy_its_own_entry_counts(settings: Settings) -> None:
    settings.BEHIND_PROXY = True
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="9.9.9.9, 192.0.2.7")

    assert address_of(request) == "192.0.2.7"
    assert get_client_ip_address(request) == "192.0.2.7"


def test_signals_of_machines_are_counted_by_the_real_address_too() -> None:
    throttle = ScopedRateThrottle()
    asked = [
        RequestFactory().post("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=claimed)
        for claimed in ("9.9.9.1", "9.9.9.2")
    ]

    assert {throttle.get_ident(request) for request in asked} == {"192.0.2.7"}  # type: ignore[arg-type]
    assert configured.ALLAUTH_TRUSTED_PROXY_COUNT == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/check/", "/portal/", "/desk/", "/field/", "/account/login/", "/account/2fa/", "/api/v1/cases"],
)
def test_no_answer_is_kept_on_its_way(client: Client, path: str) -> None:
    assert "no-store" in client.get(path).headers["Cache-Control"]
