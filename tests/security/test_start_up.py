"""Unsafe settings: the product refuses to start, and names each."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from backoffice.security.checks import check_demonstration
from tests.security.starting import ask, safe_production


def test_safe_production_settings_are_taken(tmp_path: Path) -> None:
    asked = ask(safe_production(tmp_path))

    assert asked.returncode == 0, asked.stderr


UNSAFE: tuple[dict[str, tuple[str, str]], ...] = (
    {
        "DEBUG": ("1", "DEBUG must be off"),
        "COUNTERSIGN_DEMO": ("1", "COUNTERSIGN_DEMO must be off"),
        "DEMO_CLAIM_NOTICE": ("20", "DEMO_CLAIM_NOTICE must not be set"),
        "ALLOWED_HOSTS": ("", "ALLOWED_HOSTS must name"),
        "PUBLIC_URL": ("http://cases.meridian.example", "PUBLIC_URL must begin with https"),
        "DATABASE_URL": ("sqlite:///data.db", "DATABASE_URL must be a PostgreSQL"),
        "CELERY_BROKER_URL": ("memory://", "CELERY_BROKER_URL must be"),
        "EMAIL_URL": ("consolemail://", "EMAIL_URL must be"),
        "SECRET_KEY": ("short", "SECRET_KEY is too weak"),
        "SEALING_KEYS": ("c2hvcnQ=", "SEALING_KEYS is too weak"),
        "INDEX_KEY": ("0123456789", "INDEX_KEY is too weak"),
        "CODEC_KEYS": ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "CODEC_KEYS is too weak"),
        "CHECKPOINT_KEY": ("not base64", "CHECKPOINT_KEY is too weak"),
        "SIGNALS_SECRET": ("secret", "SIGNALS_SECRET is too weak"),
    },
    {
        "ALLOWED_HOSTS": ("*", "ALLOWED_HOSTS must name"),
        "SECRET_KEY": ("a" * 60, "SECRET_KEY is too weak"),
    },
    {"SIGNATURES_EU_LISTS": ("pl.xml", "SIGNATURES_EU_SIGNERS must name a PEM file for each file")},
    {"BRANCH_ADDRESS": ("Damrak 1, Amsterdam", "BRANCH_ADDRESS is not set")},
    {"BRANCH_ADDRESS": ("Damrak 1, 1012, Amsterdam, NL", "BRANCH_ADDRESS is not set")},
    {"COUNTERSIGN_ENV": ("prod", "COUNTERSIGN_ENV must be one of")},
)
"""By the name of a setting, what is wrong and what is said; each line of one environment. Files and addresses
are looked at once the rest is right."""


@pytest.mark.parametrize("unsafe", UNSAFE, ids=["settings", "more", "signers", "place", "code", "environment"])
def test_unsafe_production_settings_are_refused_by_name_and_nothing_else_is(
    tmp_path: Path, unsafe: dict[str, tuple[str, str]]
) -> None:
    asked = ask(safe_production(tmp_path) | {name: value for name, (value, _said) in unsafe.items()})

    assert asked.returncode != 0
    lines = [line.removeprefix("- ") for line in asked.stderr.splitlines() if line.startswith("- ")]
    assert [said for _value, said in unsafe.values() if not any(line.startswith(said) for line in lines)] == []
    assert [line for line in lines if not line.startswith(tuple(said for _value, said in unsafe.values()))] == []


def test_whatever_is_missing_in_production_is_said_by_name_and_all_at_once(tmp_path: Path) -> None:
    required = safe_production(tmp_path)
    bare = {name: required.pop(name) for name in ("PATH", "DJANGO_SETTINGS_MODULE", "COUNTERSIGN_ENV")}
    del required["COUNTERSIGN_DATA"], required["ALLOWED_HOSTS"], required["TEMPORAL_TLS"]

    asked = ask(bare | {"ALLOWED_HOSTS": "cases.meridian.example"})

    assert asked.returncode != 0
    assert [name for name in required if f"- {name} is not set" not in asked.stderr] == []


def test_one_missing_address_is_enough_to_refuse(tmp_path: Path) -> None:
    environment = safe_production(tmp_path)
    del environment["ISSUER_URL"]

    assert ask(environment).stderr.splitlines()[-1] == "- ISSUER_URL is not set."


def test_a_key_of_the_embedded_stack_is_refused_in_production(tmp_path: Path) -> None:
    environment = safe_production(tmp_path)
    (tmp_path / "keys.json").write_text(json.dumps({"INDEX_KEY": environment["INDEX_KEY"]}))

    assert "INDEX_KEY is the embedded stack's" in ask(environment).stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    environment = safe_production(tmp_path)
    (tmp_path / "url").write_text(environment.pop("DATABASE_URL"))

    asked = ask(environment | {"DATABASE_URL_FILE": str(tmp_path / "url")})

    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALLOWED_HOSTS", "127.0.0.1,cases.meridian.example"), ("PUBLIC_URL", "http://192.168.1.5:8000")],
)
def test_demonstration_mode_is_refused_where_another_machine_could_reach_it(
    tmp_path: Path, name: str, value: str
) -> None:
    embedded = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "backoffice.settings"}
    environment = embedded | {"COUNTERSIGN_DATA": str(tmp_path), "COUNTERSIGN_DEMO": "1", name: value}

    asked = ask(environment)

    assert asked.returncode != 0
    assert name in asked.stderr


@pytest.mark.parametrize(
    ("demo", "notice", "said"),
    [
        ("0", "20", "DEMO_CLAIM_NOTICE must not be set"),
        ("1", "-20", "DEMO_CLAIM_NOTICE must be a number of seconds"),
        ("1", "20", ""),
        ("0", "0", ""),
    ],
)
def test_only_a_demonstration_shortens_the_time_before_a_credit_is_taken_back(
    settings: LazySettings, demo: str, notice: str, said: str
) -> None:
    settings.DEMO_MODE, settings.DEMO_CLAIM_NOTICE = demo == "1", int(notice)
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["127.0.0.1"], "http://127.0.0.1:8000"

    found = [one.msg for one in check_demonstration(None)]

    assert len(found) == bool(said)
    assert all(said in one for one in found)


def test_the_embedded_stack_is_not_for_production(tmp_path: Path) -> None:
    asked = ask(safe_production(tmp_path), "manage.py", "up")

    assert asked.returncode != 0
    assert "Unknown command: 'up'" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_the_embedded_stack_refuses_production_although_it_is_installed(settings: LazySettings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="not for production"):
        call_command("up")
