"""Revocation lists that a trusted authority signs itself, where no certificate stands above it.

The library finds the signer of a list by its own issuer. An authority from a trusted list of the European Union has an
issuer that is not on the list, so its lists are read here for a certificate straight under it (RFC 5280, 6.3.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from .verdict import Revocation

_KNOWN = frozenset({x509.IssuingDistributionPoint.oid})


def said_by_anchor(
    certificate: x509.Certificate, anchor: x509.Certificate, lists: Iterable[bytes], *, moment: datetime
) -> Revocation:
    """What the anchor's lists (DER) say of the certificate at a moment (aware UTC). One that revokes it outweighs all
    others; one that has run out by then says nothing."""
    found = Revocation.UNKNOWN
    for der in lists:
        said = _usable(der, anchor, moment=moment)
        if said is None or not _is_whole(said, certificate):
            continue
        entry = said.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and entry.revocation_date_utc <= moment:
            return Revocation.REVOKED
        found = Revocation.GOOD
    return found


def _usable(der: bytes, anchor: x509.Certificate, *, moment: datetime) -> x509.CertificateRevocationList | None:
    try:
        said = x509.load_der_x509_crl(der)
        if said.issuer != anchor.subject or not said.is_signature_valid(anchor.public_key()):  # type: ignore[arg-type]
            return None
        hashed = said.signature_hash_algorithm
        if hashed is not None and hashed.name in {"md5", "sha1"}:
            return None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    is_current = said.next_update_utc is not None and said.next_update_utc >= moment
    return said if is_current and _may_sign(anchor) else None


def _is_whole(said: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Whether it would name this certificate, were it revoked: no delta, no list for others, no part but its own."""
    for extension in said.extensions:
        if extension.critical and extension.oid not in _KNOWN:
            return False
        part = extension.value
        if isinstance(part, x509.IssuingDistributionPoint) and (
            part.only_contains_ca_certs
            or part.only_contains_attribute_certs
            or part.indirect_crl
            or part.only_some_reasons
            or not _is_its_part(part, certificate)
        ):
            return False
    return True


def _is_its_part(part: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    if part.full_name is None and part.relative_name is None:
        return True
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return False
    named = {name for point in points for name in point.full_name or ()}
    return not named.isdisjoint(part.full_name or ())


def _may_sign(anchor: x509.Certificate) -> bool:
    try:
        return anchor.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True
