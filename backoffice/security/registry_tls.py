"""Whether the way to the registry is safe: both sides know each other by certificates that can be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from backoffice.security import engine_tls


def problems() -> Iterator[str]:
    """A sentence for each problem; it names the variable, and never a file's content."""
    host, _colon, port = settings.REGISTRY_ADDRESS.rpartition(":")
    if settings.REGISTRY_ADDRESS and not (host and port.isdigit() and 0 < int(port) < 65_536):
        yield "REGISTRY_ADDRESS must be a host, a colon and a port."
    if not 3 <= len(settings.REGISTRY_REGISTRAR) <= 16:
        yield "REGISTRY_REGISTRAR must be the 3 to 16 characters of our id at the registry."
    if not 0 < settings.REGISTRY_DEADLINE <= 60:
        yield "REGISTRY_DEADLINE must be more than 0 and at most 60 seconds."
    authority, cert, key = (_read(name) for name in ("AUTHORITY", "CERT", "KEY"))
    if settings.REGISTRY_AUTHORITY_PATH and not engine_tls.certificates(authority):
        yield "REGISTRY_AUTHORITY_PATH must name a file with one certificate or more, in PEM."
    for name in ("REGISTRY_CERT_PATH", "REGISTRY_KEY_PATH"):
        if not getattr(settings, name):
            yield f"{name} is not set: the file in PEM by which the registry knows us."
    if not settings.REGISTRY_CERT_PATH or not settings.REGISTRY_KEY_PATH:
        return
    chain, public = engine_tls.certificates(cert), engine_tls.public_half(key)
    if not chain:
        yield "REGISTRY_CERT_PATH must name a file with a certificate in PEM."
    elif chain[0].not_valid_after_utc < datetime.now(UTC):
        yield f"The certificate of REGISTRY_CERT_PATH ended on {chain[0].not_valid_after_utc.date()}."
    if not public:
        yield "REGISTRY_KEY_PATH must name a file with a private key in PEM, without a password."
    elif chain and engine_tls.written(chain[0]) != public:
        yield "REGISTRY_KEY_PATH is not the key of REGISTRY_CERT_PATH."


def _read(name: str) -> str:
    """The file's text; empty when it cannot be read."""
    try:
        return Path(getattr(settings, f"REGISTRY_{name}_PATH")).read_text()
    except (OSError, UnicodeDecodeError):
        return ""
