"""What the start-up checks say of the way to Temporal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from backoffice.security import engine_tls
from tests.security.certificates import make
from tests.security.starting import STARTS, ask, safe_production

AUTHORITY = make("authority.example")
CLIENT = make("client.example", by=AUTHORITY)
OTHER = make("other.example", by=AUTHORITY)
ENDED = make("client.example", by=AUTHORITY, ends=-timedelta(days=2))
ON = {"TEMPORAL_TLS": True, "TEMPORAL_ADDRESS": "countersign.a1b2c.tmprl.cloud:7233"}
PAIR = {"TEMPORAL_TLS_CLIENT_CERT": CLIENT.cert, "TEMPORAL_TLS_CLIENT_KEY": CLIENT.key}


def said(settings: LazySettings, **values: object) -> list[str]:
    settings.PRODUCTION = True
    for name, value in values.items():
        setattr(settings, name, value)
    return list(engine_tls.problems())


@pytest.mark.parametrize(
    "values",
    [
        ON,
        ON | PAIR,
        ON | {"TEMPORAL_API_KEY": "key"},
        ON | PAIR | {"TEMPORAL_TLS_SERVER_CA": AUTHORITY.cert + OTHER.cert, "TEMPORAL_TLS_SERVER_NAME": "t.example"},
        ON | PAIR | {"TEMPORAL_TLS_CLIENT_CERT": CLIENT.cert + AUTHORITY.cert},
        {"TEMPORAL_ADDRESS": "127.0.0.1:7233"},
        {"TEMPORAL_ADDRESS": "[::1]:7233"},
    ],
)
def test_a_safe_way_is_taken(settings: LazySettings, values: dict[str, object]) -> None:
    assert said(settings, **values) == []


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"TEMPORAL_ADDRESS": "temporal.example:7233"}, "TEMPORAL_TLS must be on: Temporal is on another machine."),
        ({"TEMPORAL_ADDRESS": "10.0.0.7:7233"}, "TEMPORAL_TLS must be on: Temporal is on another machine."),
        ({"TEMPORAL_ADDRESS": "localhost.example:7233"}, "TEMPORAL_TLS must be on: Temporal is on another machine."),
        (
            {"TEMPORAL_ADDRESS": "127.0.0.1:7233", "TEMPORAL_API_KEY": "key"},
            "TEMPORAL_API_KEY is set, so TEMPORAL_TLS must be on.",
        ),
        (
            {"TEMPORAL_ADDRESS": "127.0.0.1:7233", "TEMPORAL_TLS_SERVER_NAME": "t.example"},
            "TEMPORAL_TLS_SERVER_NAME is set, so TEMPORAL_TLS must be on.",
        ),
        (
            ON | {"TEMPORAL_TLS_CLIENT_CERT": CLIENT.cert},
            "TEMPORAL_TLS_CLIENT_CERT is set, so TEMPORAL_TLS_CLIENT_KEY must be set too.",
        ),
        (
            ON | {"TEMPORAL_TLS_CLIENT_KEY": CLIENT.key},
            "TEMPORAL_TLS_CLIENT_KEY is set, so TEMPORAL_TLS_CLIENT_CERT must be set too.",
        ),
        (
            ON | PAIR | {"TEMPORAL_TLS_CLIENT_KEY": OTHER.key},
            "TEMPORAL_TLS_CLIENT_KEY is not the key of TEMPORAL_TLS_CLIENT_CERT.",
        ),
        (
            ON | PAIR | {"TEMPORAL_TLS_CLIENT_KEY": CLIENT.cert},
            "TEMPORAL_TLS_CLIENT_KEY must be a private key in PEM, without a password.",
        ),
        (
            ON | PAIR | {"TEMPORAL_TLS_CLIENT_CERT": "/etc/client.pem"},
            "TEMPORAL_TLS_CLIENT_CERT must be a certificate in PEM.",
        ),
        (
            ON | {"TEMPORAL_TLS_CLIENT_CERT": ENDED.cert, "TEMPORAL_TLS_CLIENT_KEY": ENDED.key},
            f"TEMPORAL_TLS_CLIENT_CERT ended on {ENDED.certificate.not_valid_after_utc.date()}.",
        ),
        (ON | {"TEMPORAL_TLS_SERVER_CA": "x"}, "TEMPORAL_TLS_SERVER_CA must be one certificate or more, in PEM."),
        (
            ON | PAIR | {"TEMPORAL_API_KEY": "key"},
            "TEMPORAL_API_KEY and TEMPORAL_TLS_CLIENT_CERT are both set: Temporal knows us by one of them.",
        ),
    ],
)
def test_an_unsafe_way_is_refused_by_name(settings: LazySettings, values: dict[str, object], reason: str) -> None:
    assert said(settings, **values) == [reason]


def test_the_product_does_not_start_without_tls_to_another_machine(tmp_path: Path) -> None:
    environment = safe_production(tmp_path)
    del environment["TEMPORAL_TLS"]

    asked = ask(environment)

    assert asked.returncode != 0
    assert asked.stderr.splitlines()[-1] == "- TEMPORAL_TLS must be on: Temporal is on another machine."


def test_certificate_and_key_may_come_from_files_whose_last_line_end_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text(CLIENT.cert + "\n\n")
    (tmp_path / "key.pem").write_text(CLIENT.key)
    files = {f"TEMPORAL_TLS_CLIENT_{n}_FILE": str(tmp_path / f"{n.lower()}.pem") for n in ("CERT", "KEY")}
    shown = f"{STARTS}; from django.conf import settings; print(len(settings.TEMPORAL_TLS_CLIENT_KEY))"

    asked = ask(safe_production(tmp_path) | files, "-c", shown)

    assert (asked.returncode, asked.stdout.strip()) == (0, str(len(CLIENT.key.strip()))), asked.stderr


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("TEMPORAL_API_KEY", None, "No such file or directory"),
        ("TEMPORAL_TLS_CLIENT_KEY", b"\xff\xfe\x00", "it is not text"),
        ("SECRET_KEY", None, "No such file or directory"),
        ("DATABASE_URL", b"", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None, why: str) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    environment = safe_production(tmp_path)
    environment.pop(name, None)

    asked = ask(environment | {f"{name}_FILE": str(path)}, "manage.py", "check", "--tag", "safety")

    assert asked.returncode != 0
    assert "Traceback" not in asked.stderr
    assert (f"{name}_FILE names a file that cannot be read: {why}." if why else name) in asked.stderr
