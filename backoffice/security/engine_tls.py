"""Whether the way to Temporal is safe: TLS to every other machine, and a certificate or a key that can be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}


def problems() -> Iterator[str]:
    """A sentence for each problem; it names the variable, and never its value."""
    if not settings.TEMPORAL_TLS:
        yield from _in_plain_text()
        return
    if settings.TEMPORAL_API_KEY and settings.TEMPORAL_TLS_CLIENT_CERT:
        yield "TEMPORAL_API_KEY and TEMPORAL_TLS_CLIENT_CERT are both set: Temporal knows us by one of them."
    if settings.TEMPORAL_TLS_SERVER_CA and not certificates(settings.TEMPORAL_TLS_SERVER_CA):
        yield "TEMPORAL_TLS_SERVER_CA must be one certificate or more, in PEM."
    yield from _client()


def _in_plain_text() -> Iterator[str]:
    host = settings.TEMPORAL_ADDRESS.rpartition(":")[0]
    if settings.PRODUCTION and settings.TEMPORAL_ADDRESS and host not in LOOPBACK:
        yield "TEMPORAL_TLS must be on: Temporal is on another machine."
    names = ("TEMPORAL_API_KEY", "TEMPORAL_TLS_CLIENT_CERT", "TEMPORAL_TLS_CLIENT_KEY", "TEMPORAL_TLS_SERVER_CA")
    for name in (*names, "TEMPORAL_TLS_SERVER_NAME"):
        if getattr(settings, name):
            yield f"{name} is set, so TEMPORAL_TLS must be on."


def _client() -> Iterator[str]:
    cert, key = settings.TEMPORAL_TLS_CLIENT_CERT, settings.TEMPORAL_TLS_CLIENT_KEY
    if bool(cert) != bool(key):
        given, missing = ("CERT", "KEY") if cert else ("KEY", "CERT")
        yield f"TEMPORAL_TLS_CLIENT_{given} is set, so TEMPORAL_TLS_CLIENT_{missing} must be set too."
        return
    if not cert:
        return
    chain, public = certificates(cert), public_half(key)
    if not chain:
        yield "TEMPORAL_TLS_CLIENT_CERT must be a certificate in PEM."
    elif chain[0].not_valid_after_utc < datetime.now(UTC):
        yield f"TEMPORAL_TLS_CLIENT_CERT ended on {chain[0].not_valid_after_utc.date()}."
    if not public:
        yield "TEMPORAL_TLS_CLIENT_KEY must be a private key in PEM, without a password."
    elif chain and written(chain[0]) != public:
        yield "TEMPORAL_TLS_CLIENT_KEY is not the key of TEMPORAL_TLS_CLIENT_CERT."


def certificates(pem: str) -> list[x509.Certificate]:
    """Those in the text; none when it is not PEM."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def public_half(pem: str) -> bytes:
    """The public key of a private one, as `written` gives it; empty when it cannot be used."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return b""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def written(certificate: x509.Certificate) -> bytes:
    """The public key in a certificate."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
