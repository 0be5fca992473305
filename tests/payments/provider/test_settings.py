"""Who takes payments is a matter of settings, and unsafe ones are refused."""

from __future__ import annotations

import pytest
import stripe
from pytest_django import Settings

from backoffice.payments.provider import ports
from backoffice.payments.provider.stripe_payments import API_VERSION
from backoffice.security.checks import check_payments

SAFE = {
    "PRODUCTION": True,
    "PAYMENTS_URL": "https://api.stripe.com",
    "PAYMENTS_KEY": "sk_live_0123456789abcdef",
    "PAYMENTS_WEBHOOK_SECRET": "whsec_0123456789abcdef",
}


def told(settings: Settings, **changed: object) -> list[str]:
    for name, value in {**SAFE, **changed}.items():
        setattr(settings, name, value)
    return [one.msg for one in check_payments(None)]


def test_without_an_address_no_payments_are_taken(settings: Settings) -> None:
    assert told(settings, PAYMENTS_URL="", PAYMENTS_KEY="", PAYMENTS_WEBHOOK_SECRET="") == []
    assert ports.provider() is None


def test_with_an_address_there_is_one_provider_for_the_process(settings: Settings) -> None:
    assert told(settings) == []
    assert ports.provider() is not None
    assert ports.provider() is ports.provider()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYMENTS_URL", "http://api.stripe.com"),
        ("PAYMENTS_KEY", ""),
        ("PAYMENTS_KEY", "a" * 32),
        ("PAYMENTS_WEBHOOK_SECRET", ""),
        ("PAYMENTS_WEBHOOK_SECRET", "short"),
    ],
)
def test_in_production_an_unsafe_setting_of_the_provider_is_refused_by_name(
    settings: Settings, name: str, value: str
) -> None:
    assert [said.split()[0] for said in told(settings, **{name: value})] == [name]


def test_the_version_of_the_api_is_the_one_that_the_library_was_made_for() -> None:
    assert stripe.api_version == API_VERSION, "read the changes of the API before you pin a newer one"
