from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKS = "import django.conf; from backoffice import safety; django.conf.settings.DEBUG; safety.refuse_if_unsafe()"


def random_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def safe_production(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "COUNTERSIGN_ENV": "production",
        "COUNTERSIGN_DATA": str(folder),
        "SECRET_KEY": os.urandom(32).hex(),
        "SEALING_KEYS": random_key(),
        "INDEX_KEY": os.urandom(16).hex(),
        "CODEC_KEYS": f"k2:{random_key()},k1:{random_key()}",
        "CHECKPOINT_KEY": random_key(),
        "SIGNALS_SECRET": f"whsec_{random_key()}",
        "ISSUER_KEY": "sk_live_" + os.urandom(12).hex(),
        "ISSUER_WEBHOOK_SECRET": "whsec_" + os.urandom(16).hex(),
        "ALLOWED_HOSTS": "cases.meridian.example",
        "PUBLIC_URL": "https://cases.meridian.example",
        "DATABASE_URL": "postgres://app:secret@db.example/countersign",
        "CELERY_BROKER_URL": "rediss://broker.example/0",
        "CACHE_URL": "rediss://broker.example/1",
        "TEMPORAL_ADDRESS": "temporal.example:7233",
        "EMAIL_URL": "smtp+tls://app:secret@mail.example:587",
        "SMS_URL": "https://sms.example/send",
        "LETTER_URL": "https://letters.example/print",
        "ISSUER_URL": "https://api.issuer.example",
    }


def ask(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(command or ("-c", ASKS))],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_safe_production_settings_are_taken(tmp_path: Path) -> None:
    asked = ask(safe_production(tmp_path))

    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COUNTERSIGN_ENV", "prod", "COUNTERSIGN_ENV must be one of"),
        ("DEBUG", "1", "DEBUG must be off"),
        ("COUNTERSIGN_DEMO", "1", "COUNTERSIGN_DEMO must be off"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS must name"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name"),
        ("PUBLIC_URL", "http://cases.meridian.example", "PUBLIC_URL must begin with https"),
        ("DATABASE_URL", "sqlite:///data.db", "DATABASE_URL must be a PostgreSQL"),
        ("CELERY_BROKER_URL", "memory://", "CELERY_BROKER_URL must be"),
        ("EMAIL_URL", "consolemail://", "EMAIL_URL must be"),
        ("SECRET_KEY", "short", "SECRET_KEY is too weak"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is too weak"),
        ("SEALING_KEYS", "c2hvcnQ=", "SEALING_KEYS is too weak"),
        ("INDEX_KEY", "0123456789", "INDEX_KEY is too weak"),
        ("CODEC_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "CODEC_KEYS is too weak"),
        ("CHECKPOINT_KEY", "not base64", "CHECKPOINT_KEY is too weak"),
        ("SIGNALS_SECRET", "secret", "SIGNALS_SECRET is too weak"),
    ],
)
def test_an_unsafe_production_setting_is_refused_by_name(tmp_path: Path, name: str, value: str, said: str) -> None:
    asked = ask(safe_production(tmp_path) | {name: value})

    assert asked.returncode != 0
    assert f"- {said}" in asked.stderr


def test_whatever_is_missing_in_production_is_said_by_name_and_all_at_once(tmp_path: Path) -> None:
    required = safe_production(tmp_path)
    bare = {name: required.pop(name) for name in ("PATH", "DJANGO_SETTINGS_MODULE", "COUNTERSIGN_ENV")}
    del required["COUNTERSIGN_DATA"], required["ALLOWED_HOSTS"]

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
    "command",
    [
        ("-m", "gunicorn", "backoffice.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"),
        ("-m", "celery", "-A", "backoffice.celery", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "backoffice.celery", "beat", "--pidfile=", "--schedule", "/dev/null"),
        ("manage.py", "temporal_worker"),
    ],
    ids=["web", "celery", "beat", "temporal worker"],
)
def test_every_part_refuses_by_itself(tmp_path: Path, command: tuple[str, ...]) -> None:
    asked = ask(safe_production(tmp_path) | {"DEBUG": "1"}, *command)

    assert asked.returncode != 0
    assert "DEBUG must be off" in asked.stderr


def test_the_embedded_stack_is_not_for_production(tmp_path: Path) -> None:
    asked = ask(safe_production(tmp_path), "manage.py", "up")

    assert asked.returncode != 0
    assert "not for production" in asked.stderr
    assert "Traceback" not in asked.stderr
