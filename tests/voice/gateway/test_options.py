"""How a gateway is set up, and what it says of each variable that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from backoffice.voice.gateway.options import BadOptions, from_environment
from backoffice.voice.sip.sdp import Secrecy
from tests.voice.gateway.exchange import SECRET

RIGHT = {
    "VOICE_CONTROL_URL": "http://127.0.0.1:5070",
    "VOICE_CONTROL_SECRET": SECRET,
    "VOICE_EVENTS_URL": "http://127.0.0.1:8000/api/v1/webhooks/voice",
    "VOICE_EVENTS_SECRET": SECRET,
    "VOICE_SIGNING_KEY_PATH": "/keys/voice.pem",
    "VOICE_PROMPTS_PATH": "/var/prompts",
    "VOICE_PAYMENTS_URL": "https://api.example.com",
    "VOICE_PAYMENTS_KEY": "rk_test",
}


def test_the_least_is_a_gateway_on_loopback() -> None:
    options = from_environment(RIGHT)

    assert options.listening.host == "127.0.0.1"
    assert (options.listening.udp, options.listening.tcp, options.listening.tls) == (0, None, None)
    assert options.control == ("127.0.0.1", 5070)
    assert options.media_ports == (40_000, 40_999)
    assert options.secrecy is Secrecy.OPTIONAL
    assert [str(one) for one in options.peers] == ["127.0.0.0/8"]
    assert options.account is None


def test_secrets_are_read_from_files_and_are_in_no_repr(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("trunk-password\n")
    told = {**RIGHT, "VOICE_TRUNK_USER": "gateway", "VOICE_TRUNK_PASSWORD_FILE": str(tmp_path / "password")}

    options = from_environment(told)

    assert options.account is not None
    assert options.account.password == "trunk-password"
    assert "trunk-password" not in repr(options)
    assert SECRET not in repr(options)
    assert "rk_test" not in repr(options)


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(BadOptions) as caught:
        from_environment({})

    assert [problem.split()[0] for problem in caught.value.problems] == [
        "VOICE_CONTROL_URL",
        "VOICE_CONTROL_SECRET",
        "VOICE_EVENTS_URL",
        "VOICE_EVENTS_SECRET",
        "VOICE_SIGNING_KEY_PATH",
        "VOICE_PROMPTS_PATH",
        "VOICE_PAYMENTS_URL",
        "VOICE_PAYMENTS_KEY",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOICE_SIP_HOST", "sip.example"),
        ("VOICE_SIP_UDP_PORT", "many"),
        ("VOICE_SIP_TCP_PORT", "70000"),
        ("VOICE_SIP_TLS_PORT", "5061"),
        ("VOICE_SIP_CERT_PATH", "/nowhere"),
        ("VOICE_PUBLIC_ADDRESS", "gateway.example"),
        ("VOICE_PEERS", "everybody"),
        ("VOICE_PEERS", "10.0.0.1/8"),
        ("VOICE_MEDIA_PORTS", "40000"),
        ("VOICE_MEDIA_PORTS", "40999-40000"),
        ("VOICE_MEDIA_PORTS", "80-90"),
        ("VOICE_SECRECY", "sometimes"),
        ("VOICE_SECRECY", "required"),
        ("VOICE_TRUNK", "tel:+31205550100"),
        ("VOICE_TRUNK_PASSWORD_FILE", "/nowhere"),
        ("VOICE_DIAL_PLAN", "[]"),
        ("VOICE_DIAL_PLAN", '{"+3120": "mailto:a@b"}'),
        ("VOICE_DIAL_PLAN", "no json"),
        ("VOICE_CONTROL_URL", "http://127.0.0.1"),
        ("VOICE_CONTROL_URL", "http://192.0.2.1:5070"),
        ("VOICE_CONTROL_SECRET", "short"),
        ("VOICE_EVENTS_URL", "http://backoffice.example/events"),
        ("VOICE_PAYMENTS_URL", "http://api.example.com"),
        ("VOICE_LANGUAGES", "en,tlh"),
        ("VOICE_CALLER", "Meridian Bank"),
        ("VOICE_CALLER", "+31205550100@evil.example"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadOptions) as caught:
        from_environment({**RIGHT, name: value})

    assert any(name in problem for problem in caught.value.problems)


def test_a_value_that_cannot_be_used_is_not_said() -> None:
    """It may be a secret that stands in the wrong place."""
    with pytest.raises(BadOptions) as caught:
        from_environment({**RIGHT, "VOICE_CONTROL_SECRET": "open sesame", "VOICE_PEERS": "xyzzy"})

    assert "sesame" not in str(caught.value)
    assert "xyzzy" not in str(caught.value)
