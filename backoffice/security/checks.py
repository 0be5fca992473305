"""What must be true before the product serves anybody. These checks refuse the start and name the variable.

They are Django system checks with the tag `safety` (`manage.py check --tag safety`), and run whenever Django is set
up (see `apps.py`), so that gunicorn, Celery, the Temporal worker and every command refuse alike.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from backoffice import embedded
from backoffice.security import engine_tls, registry_tls

TAG = "safety"
"""Not `security`, which is the tag of Django's own checks."""
ENVIRONMENTS = ("embedded", "test", "production")
LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}
ADDRESSES = (
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "CACHE_URL",
    "TEMPORAL_ADDRESS",
    "EMAIL_URL",
    "SMS_URL",
    "LETTER_URL",
    "ISSUER_URL",
    "REGISTRY_ADDRESS",
    "PUBLIC_URL",
)
"""In production there are no default addresses."""


class Unsafe(ImproperlyConfigured):
    """The product must not start like this. The text names each variable, and what it must be."""


def refuse_if_unsafe() -> None:
    """Raises Unsafe with all reasons at once."""
    problems = run_checks(tags=[TAG])
    if problems:
        reasons = "\n".join(f"- {problem.msg}" for problem in problems)
        raise Unsafe(f"Countersign refuses to start with COUNTERSIGN_ENV={settings.ENVIRONMENT}:\n{reasons}")


@register(TAG)
def check_environment(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A misspelt `production` must not run with weaker rules."""
    if settings.ENVIRONMENT in ENVIRONMENTS:
        return []
    return [_refusal(1, f"COUNTERSIGN_ENV must be one of {', '.join(ENVIRONMENTS)}.")]


@register(TAG)
def check_demonstration(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Demonstration mode signs anybody in, so it never runs in production, or where another machine can reach it. What
    shortens a customer's time to answer is for demonstrations only."""
    problems: list[CheckMessage] = []
    if settings.DEMO_CLAIM_NOTICE and (settings.PRODUCTION or not settings.DEMO_MODE):
        words = "DEMO_CLAIM_NOTICE must not be set: customers have ten days before a credit is taken back."
        problems.append(_refusal(5, words))
    if settings.DEMO_CLAIM_NOTICE < 0:
        problems.append(_refusal(6, "DEMO_CLAIM_NOTICE must be a number of seconds, or 0 for the usual ten days."))
    if not settings.DEMO_MODE:
        return problems
    if settings.PRODUCTION:
        return [*problems, _refusal(2, "COUNTERSIGN_DEMO must be off: demonstration mode signs anybody in.")]
    strangers = [host for host in settings.ALLOWED_HOSTS if host not in LOOPBACK]
    if strangers:
        problems.append(
            _refusal(3, f"COUNTERSIGN_DEMO is on, so ALLOWED_HOSTS may name this machine only, not {strangers[0]}.")
        )
    if urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK:
        problems.append(_refusal(4, "COUNTERSIGN_DEMO is on, so PUBLIC_URL must be an address on this machine."))
    return problems


@register(TAG)
def check_production(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """In production every needed setting is given, and nothing of the embedded stack is used."""
    if not settings.PRODUCTION:
        return []
    return [*_switches(), *_missing_addresses(), *_wrong_addresses(), *_keys()]


def _switches() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield _refusal(10, "DEBUG must be off: its pages show settings and data to anybody.")
    hosts = settings.ALLOWED_HOSTS
    if not hosts or any(host == "*" or not host.strip() for host in hosts):
        yield _refusal(11, "ALLOWED_HOSTS must name the hosts that we serve, without `*`.")


def _missing_addresses() -> Iterator[CheckMessage]:
    for name in ADDRESSES:
        if not (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
            yield _refusal(20, f"{name} is not set.")


def _wrong_addresses() -> Iterator[CheckMessage]:
    if urlsplit(settings.PUBLIC_URL).scheme != "https":
        yield _refusal(21, "PUBLIC_URL must begin with https://.")
    if settings.DATABASES["default"].get("ENGINE") != "backoffice.postgresql":
        yield _refusal(22, "DATABASE_URL must be a PostgreSQL.")
    if urlsplit(settings.CELERY_BROKER_URL).scheme in ("memory", "filesystem", "sqla", "sqlalchemy"):
        yield _refusal(23, "CELERY_BROKER_URL must be a Redis, Valkey or RabbitMQ: this one loses work.")
    if settings.CACHES["default"]["BACKEND"].endswith(("LocMemCache", "DummyCache")):
        yield _refusal(24, "CACHE_URL must be a Redis or Valkey: limits are counted over all processes.")
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield _refusal(25, "EMAIL_URL must be an SMTP server: with this one no mail leaves.")


def _keys() -> Iterator[CheckMessage]:
    own = embedded.keys_already_made(settings.DATA_DIR)
    for name, (is_right, wanted) in _KEYS.items():
        value = _key(name)
        if not value:
            yield _refusal(30, f"{name} is not set: {wanted}.")
        elif value in own.values():
            yield _refusal(31, f"{name} is the embedded stack's: make one of your own, {wanted}.")
        elif not is_right(value):
            yield _refusal(32, f"{name} is too weak or malformed: {wanted}.")


def _key(name: str) -> str:
    if name == "SEALING_KEYS":
        return ",".join(settings.SEALING_KEYS)
    try:
        return str(getattr(settings, name))
    except ImproperlyConfigured:  # Django's own refusal of an empty SECRET_KEY, which would hide our other reasons
        return ""


def _long(length: int) -> Callable[[str], bool]:
    return lambda value: len(value) >= length and len(set(value)) >= 8


def _is_key(value: str) -> bool:
    """Base64 of 32 bytes, in either alphabet."""
    try:
        return len(base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _are_keys(value: str) -> bool:
    return all(_is_key(part) for part in value.split(","))


def _are_named_keys(value: str) -> bool:
    pairs = [part.partition(":") for part in value.split(",")]
    return all(name and _is_key(key) for name, _colon, key in pairs)


def _is_webhook_secret(value: str) -> bool:
    """https://github.com/standard-webhooks/standard-webhooks: at least 24 bytes in base64 behind the prefix."""
    try:
        return value.startswith("whsec_") and len(base64.b64decode(value.removeprefix("whsec_"), validate=True)) >= 24
    except (binascii.Error, ValueError):
        return False


def _is_epp_password(value: str) -> bool:
    """RFC 5730, section 4.1, `pwType`."""
    return 6 <= len(value) <= 16 and len(set(value)) >= 5


_KEYS: dict[str, tuple[Callable[[str], bool], str]] = {
    "SECRET_KEY": (_long(50), "at least 50 random characters"),
    "SEALING_KEYS": (_are_keys, "32 random bytes in base64, more behind a comma"),
    "INDEX_KEY": (_long(32), "at least 32 random characters"),
    "CODEC_KEYS": (_are_named_keys, "a name, a colon and 32 random bytes in base64, more behind a comma"),
    "CHECKPOINT_KEY": (_is_key, "32 random bytes in base64"),
    "SIGNALS_SECRET": (_is_webhook_secret, "whsec_ and at least 24 random bytes in base64"),
    "ISSUER_KEY": (_long(20), "the key that the issuer gave"),
    "ISSUER_WEBHOOK_SECRET": (_long(20), "the secret that the issuer gave"),
    "REGISTRY_PASSWORD": (_is_epp_password, "the 6 to 16 characters of the password at the registry"),
}


@register(TAG)
def check_accounting(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Whoever guesses the secret of the accounting system could report as paid what nobody paid; and that of telephone
    companies, pause what customers have open."""
    told = ((70, "ACCOUNTING_SECRET"), (71, "NUMBERS_SECRET"))
    wrong = [one for one in told if (secret := getattr(settings, one[1])) and not _is_webhook_secret(secret)]
    sentence = "%s must be whsec_ and at least 24 random bytes in base64, or empty."
    return [_refusal(number, sentence % name) for number, name in wrong]


@register(TAG)
def check_telephony(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Where a provider makes our calls, its token also signs what it reports. Without one, calls are made by hand."""
    if not (settings.PRODUCTION and settings.TELEPHONY_URL):
        return []
    own = embedded.keys_already_made(settings.DATA_DIR)
    token = settings.TELEPHONY_TOKEN
    wrong = {
        "TELEPHONY_URL must begin with https://.": urlsplit(settings.TELEPHONY_URL).scheme != "https",
        "TELEPHONY_ACCOUNT is not set: the account at the provider (AC…).": not settings.TELEPHONY_ACCOUNT,
        "TELEPHONY_NUMBER must be a number of ours at the provider, such as +31205550100.": not re.fullmatch(
            r"\+[1-9]\d{6,14}", settings.TELEPHONY_NUMBER
        ),
        "TELEPHONY_TOKEN must be the token that the provider gave.": not _long(20)(token) or token in own.values(),
    }
    return [_refusal(80, sentence) for sentence, is_wrong in wrong.items() if is_wrong]


@register(TAG)
def check_payments(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Whoever has the provider's key could pay out our money; whoever guesses the secret of its webhooks, report
    payments that nobody made. Without an address no payments by card are taken."""
    if not (settings.PRODUCTION and settings.PAYMENTS_URL):
        return []
    own = embedded.keys_already_made(settings.DATA_DIR).values()
    key, secret = settings.PAYMENTS_KEY, settings.PAYMENTS_WEBHOOK_SECRET
    wrong = {
        "PAYMENTS_URL must begin with https://.": urlsplit(settings.PAYMENTS_URL).scheme != "https",
        "PAYMENTS_KEY must be the key that the payment provider gave.": not _long(20)(key) or key in own,
        "PAYMENTS_WEBHOOK_SECRET must be the secret that the payment provider gave.": (
            not _long(20)(secret) or secret in own
        ),
    }
    return [_refusal(81, sentence) for sentence, is_wrong in wrong.items() if is_wrong]


@register(TAG)
def check_voice_gateway(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Whoever signs as we do rings our customers; whoever signs as the gateway does says that one was reached."""
    if not (settings.PRODUCTION and settings.VOICE_CONTROL_URL):
        return []
    ours, theirs = settings.VOICE_CONTROL_SECRET, settings.VOICE_EVENTS_SECRET
    wrong = {
        "VOICE_CONTROL_URL must begin with https://.": urlsplit(settings.VOICE_CONTROL_URL).scheme != "https",
        "VOICE_CONTROL_SECRET must be whsec_ and at least 24 random bytes in base64.": not _is_webhook_secret(ours),
        "VOICE_EVENTS_SECRET must be whsec_ and at least 24 random bytes in base64.": not _is_webhook_secret(theirs),
        "VOICE_EVENTS_SECRET must be another one than VOICE_CONTROL_SECRET.": bool(ours) and ours == theirs,
    }
    return [_refusal(82, sentence) for sentence, is_wrong in wrong.items() if is_wrong]


@register(TAG)
def check_voice_key(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Without it nobody can check that an agent heard nothing of what a customer keyed in."""
    if not (settings.PRODUCTION and settings.VOICE_CONTROL_URL):
        return []
    try:
        key = load_pem_public_key(Path(settings.VOICE_PUBLIC_KEY_PATH).read_bytes())
    except (OSError, ValueError):
        key = None
    if isinstance(key, Ed25519PublicKey):
        return []
    return [_refusal(83, "VOICE_PUBLIC_KEY_PATH must name a PEM file with the Ed25519 public key of the gateway.")]


@register(TAG)
def check_engine(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """What goes to Temporal, and by what it knows us, is not for others on the way."""
    return [_refusal(40, reason) for reason in engine_tls.problems()]


@register(TAG)
def check_registry(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Whoever stands between us and the registry of domain names could give domains away."""
    return [_refusal(50, reason) for reason in registry_tls.problems()] if settings.PRODUCTION else []


def _refusal(number: int, sentence: str) -> Error:
    return Error(sentence, id=f"countersign.E{number:03}")
