"""Whose certificates count: our own list, never that of the library, the operating system or the file.

Two sources, together: a folder of PEM files (`SIGNATURES_TRUST`), in which each certificate is trusted and each `.crl`
and `.ocsp` file (DER) is an answer about revocation that we hold; and trusted lists of the European Union by file
(`SIGNATURES_EU_LISTS`), each signed by one of the certificates of its own PEM file (`SIGNATURES_EU_SIGNERS`, in the
same order). Nothing is ever fetched: whoever runs this keeps all of them up to date.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.conf import settings

_LARGEST_ANSWER = 16 * 1024 * 1024
"""In bytes; the largest revocation lists of real authorities have a few."""


class TrustListProblem(Exception):
    """The list cannot be read, or may no longer be used; the text says what to do, and holds nothing personal."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate (DER) that needs no other above it. `since` is when its supervisor granted what it is for: it signs
    certificates of people, or of time stamps, or both."""

    certificate: bytes
    since: datetime | None = None
    for_people: bool = True
    for_time_stamps: bool = True


@dataclass(frozen=True, slots=True)
class TrustList:
    """`others` are certificates (DER) that may stand between; `crls` and `ocsps` are answers about revocation (DER)."""

    anchors: tuple[Anchor, ...] = ()
    others: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = field(default=())

    def __add__(self, other: TrustList) -> TrustList:
        return TrustList(
            self.anchors + other.anchors,
            self.others + other.others,
            self.crls + other.crls,
            self.ocsps + other.ocsps,
        )


def current(*, at: datetime) -> TrustList:
    """The list that the settings name, as it is now. Empty where they name none: then nobody is trusted. Raises
    TrustListProblem."""
    from .eu_list import read_eu_list

    found = from_folder(Path(settings.SIGNATURES_TRUST)) if settings.SIGNATURES_TRUST else TrustList()
    for path, signers in eu_lists():
        found += read_eu_list(_read(path), signers=certificates(signers), at=at)
    return found


def eu_lists() -> list[tuple[Path, Path]]:
    """Each file with a list, and the one with the certificates that may sign it. Raises TrustListProblem where one has
    no other."""
    lists, signers = settings.SIGNATURES_EU_LISTS, settings.SIGNATURES_EU_SIGNERS
    if len(lists) != len(signers):
        raise TrustListProblem(
            "SIGNATURES_EU_SIGNERS must name a PEM file for each file of SIGNATURES_EU_LISTS, in the same order: the "
            "certificates that may sign it, from the list of the lists."
        )
    return [(Path(path), Path(held)) for path, held in zip(lists, signers, strict=True)]


def from_folder(folder: Path) -> TrustList:
    """Self-signed certificates of the folder's PEM files are trusted, and the others may stand between them and a
    signer. Raises TrustListProblem."""
    if not folder.is_dir():
        raise TrustListProblem(f"There is no folder {folder.name} of trusted certificates: see SIGNATURES_TRUST.")
    anchors, others = [], []
    for path in sorted(folder.glob("*.pem")):
        for certificate in certificates(path):
            der = certificate.public_bytes(Encoding.DER)
            if certificate.issuer == certificate.subject:
                anchors.append(Anchor(der))
            else:
                others.append(der)
    return TrustList(
        tuple(anchors),
        tuple(others),
        tuple(_answer(path, x509.load_der_x509_crl) for path in sorted(folder.glob("*.crl"))),
        tuple(_answer(path, ocsp.load_der_ocsp_response) for path in sorted(folder.glob("*.ocsp"))),
    )


def certificates(path: Path) -> list[x509.Certificate]:
    """Those of a PEM file. Raises TrustListProblem."""
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError:
        raise TrustListProblem(f"{path.name} holds no certificates in PEM: mend or remove it.") from None


def _answer(path: Path, load: Callable[[bytes], object]) -> bytes:
    content = _read(path)
    try:
        load(content)
    except ValueError:
        raise TrustListProblem(f"{path.name} holds no answer about revocation in DER: mend or remove it.") from None
    return content


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as unreadable:
        raise TrustListProblem(f"{path.name} cannot be read: {unreadable.strerror}.") from None
    if len(content) > _LARGEST_ANSWER:
        raise TrustListProblem(f"{path.name} is larger than any list that we know: {len(content)} bytes.")
    return content
