"""Who makes the calls is a matter of settings, and unsafe ones are refused."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from backoffice.security.checks import check_telephony
from backoffice.telephony import ports

SAFE = {
    "PRODUCTION": True,
    "TELEPHONY_URL": "https://api.twilio.com",
    "TELEPHONY_ACCOUNT": "AC" + "1" * 32,
    "TELEPHONY_TOKEN": "0123456789abcdef0123456789abcdef",
    "TELEPHONY_NUMBER": "+31205550100",
}


def told(settings: Settings, **changed: object) -> list[str]:
    for name, value in {**SAFE, **changed}.items():
        setattr(settings, name, value)
    return [one.msg for one in check_telephony(None)]


def test_without_a_provider_calls_are_made_by_hand(settings: Settings) -> None:
    assert told(settings, TELEPHONY_URL="", TELEPHONY_TOKEN="") == []
    assert (ports.provider(), ports.name()) == (None, "by_hand")


def test_with_a_provider_it_makes_them(settings: Settings) -> None:
    assert told(settings) == []
    assert ports.name() == "twilio"
    assert ports.provider() is ports.provider()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEPHONY_URL", "http://api.twilio.com"),
        ("TELEPHONY_ACCOUNT", ""),
        ("TELEPHONY_TOKEN", ""),
        ("TELEPHONY_TOKEN", "a" * 32),
        ("TELEPHONY_NUMBER", "020 555 0100"),
    ],
)
def test_in_production_an_unsafe_setting_of_the_provider_is_refused_by_name(
    settings: Settings, name: str, value: str
) -> None:
    assert [said.split()[0] for said in told(settings, **{name: value})] == [name]
