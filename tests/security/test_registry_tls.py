"""The way to the registry: what the product refuses to start with, by name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from backoffice.security import registry_tls
from tests.security import certificates


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> Path:
    """Settings with which production may start."""
    authority = certificates.make("authority")
    pair = certificates.make("registrar.example", by=authority)
    for name, content in (("ca.pem", authority.cert), ("cert.pem", pair.cert), ("key.pem", pair.key)):
        (tmp_path / name).write_text(content)
    settings.REGISTRY_ADDRESS, settings.REGISTRY_REGISTRAR = "epp.registry.example:700", "registrar-7"
    settings.REGISTRY_AUTHORITY_PATH = str(tmp_path / "ca.pem")
    settings.REGISTRY_CERT_PATH, settings.REGISTRY_KEY_PATH = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    settings.REGISTRY_DEADLINE = 10.0
    return tmp_path


def test_files_that_fit_are_taken(files: Path) -> None:
    assert list(registry_tls.problems()) == []


def test_a_registry_that_the_machine_trusts_needs_no_authority(files: Path, settings: Settings) -> None:
    settings.REGISTRY_AUTHORITY_PATH = ""

    assert list(registry_tls.problems()) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REGISTRY_ADDRESS", "epp.registry.example", "REGISTRY_ADDRESS must be a host, a colon and a port."),
        ("REGISTRY_ADDRESS", "epp.registry.example:0", "REGISTRY_ADDRESS must be a host, a colon and a port."),
        ("REGISTRY_REGISTRAR", "ab", "REGISTRY_REGISTRAR must be the 3 to 16 characters"),
        ("REGISTRY_DEADLINE", 0.0, "REGISTRY_DEADLINE must be more than 0"),
        ("REGISTRY_AUTHORITY_PATH", "/nowhere/ca.pem", "REGISTRY_AUTHORITY_PATH must name a file"),
        ("REGISTRY_CERT_PATH", "", "REGISTRY_CERT_PATH is not set"),
        ("REGISTRY_KEY_PATH", "", "REGISTRY_KEY_PATH is not set"),
        ("REGISTRY_CERT_PATH", "/nowhere/cert.pem", "REGISTRY_CERT_PATH must name a file"),
        ("REGISTRY_KEY_PATH", "/nowhere/key.pem", "REGISTRY_KEY_PATH must name a file"),
    ],
)
def test_what_is_missing_or_wrong_is_said_by_name(
    files: Path, settings: Settings, name: str, value: object, said: str
) -> None:
    setattr(settings, name, value)

    assert [one[: len(said)] for one in registry_tls.problems()] == [said]


def test_a_certificate_that_has_ended_or_is_of_another_key_is_refused(files: Path) -> None:
    ended = certificates.make("registrar.example", by=certificates.make("authority"), ends=-timedelta(days=1))
    (files / "cert.pem").write_text(ended.cert)

    ends, key = registry_tls.problems()

    assert ends.startswith("The certificate of REGISTRY_CERT_PATH ended on ")
    assert key == "REGISTRY_KEY_PATH is not the key of REGISTRY_CERT_PATH."
