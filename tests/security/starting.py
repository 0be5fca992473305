"""Settings with which production may start, and processes that try to start with given settings."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

from tests.security import certificates

ROOT = Path(__file__).resolve().parents[2]
STARTS = "import django; django.setup()"


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
        "TEMPORAL_TLS": "1",
        "EMAIL_URL": "smtp+tls://app:secret@mail.example:587",
        "SMS_URL": "https://sms.example/send",
        "LETTER_URL": "https://letters.example/print",
        "ISSUER_URL": "https://api.issuer.example",
        "REGISTRY_ADDRESS": "epp.registry.example:700",
        "REGISTRY_PASSWORD": os.urandom(6).hex(),
        **_registrar(folder),
    }


def _registrar(folder: Path) -> dict[str, str]:
    """The files by which a registry knows us."""
    pair = certificates.make("registrar.example", by=certificates.make("The registry's authority"))
    for name, content in (("registrar.pem", pair.cert), ("registrar.key", pair.key)):
        (folder / name).write_text(content)
    return {
        "REGISTRY_CERT_PATH": str(folder / "registrar.pem"),
        "REGISTRY_KEY_PATH": str(folder / "registrar.key"),
    }


def ask(environment: dict[str, str], *command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs Python with only this environment in the folder; without a command it only sets Django up."""
    return subprocess.run(
        [sys.executable, *(command or ("-c", STARTS))],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )


PARTS = ("web", "celery", "beat", "temporal worker")


def command_of(part: str, folder: Path) -> tuple[str, ...]:
    """How a part is served (docs/operations.md). Whatever it would write lies in `folder`: where the refusal that is
    tested fails to come, the part really starts, perhaps as root."""
    return {
        "web": ("-m", "gunicorn", "backoffice.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"),
        "celery": ("-m", "celery", "-A", "backoffice.celery", "worker", "--pool", "solo"),
        "beat": ("-m", "celery", "-A", "backoffice.celery", "beat", "--pidfile=", "--schedule", f"{folder}/schedule"),
        "temporal worker": ("manage.py", "temporal_worker"),
    }[part]
