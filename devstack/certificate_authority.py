"""The demonstration's certificate authority: a root, an issuing authority under it, their revocation lists, an OCSP
responder and a time stamping authority, as a trust service provider has them. Only the development stack trusts it.

All of it lies in one folder: `authority/` holds keys (readable by their owner only) and certificates, `trust/` is what
the product's setting `SIGNATURES_TRUST` names: the root, the issuing authority and the newest revocation lists.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEAR = timedelta(days=365)
LIST_IS_GOOD_FOR = timedelta(days=31)
"""How long a revocation list may be used. Each start of the stack makes new ones."""
ANSWER_IS_GOOD_FOR = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_COMPANY = "Demonstration Trust Services"
_REVOKED = "revoked.json"


@dataclass(frozen=True)
class Keyed:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Key


@dataclass(frozen=True)
class Usage:
    """What a certificate is for: the bits of its key usage, and its extended key usages."""

    signs: bool = True
    """Both digitalSignature and contentCommitment (ETSI EN 319 412-2, 4.3.2, type C)."""
    authority: bool = False
    extended: tuple[x509.ObjectIdentifier, ...] = ()
    no_revocation_check: bool = False
    rsa: bool = False
    """An RSA key of 2048 bits instead of P-256: the time stamping tool knows no other."""


class Authority:
    """The authority of one folder, made there on its first use. Times are aware UTC."""

    def __init__(self, folder: Path, *, now: datetime) -> None:
        self.folder, self.trust = folder, folder / "trust"
        self._kept = folder / "authority"
        for part in (folder, self._kept, self.trust):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = self._keep("root", _name("Demonstration Root CA"), now=now, years=20, usage=Usage(authority=True))
        issuing = _name("Demonstration Issuing CA")
        self.issuing = self._keep("issuing", issuing, now=now, years=10, usage=Usage(authority=True), by=self.root)
        stamps = Usage(extended=(ExtendedKeyUsageOID.TIME_STAMPING,), rsa=True)
        self.stamping = self._keep(
            "stamping", _name("Demonstration Time Stamping"), now=now, years=9, usage=stamps, by=self.issuing
        )
        answers = Usage(extended=(ExtendedKeyUsageOID.OCSP_SIGNING,), no_revocation_check=True)
        self.answering = self._keep(
            "answering", _name("Demonstration OCSP Responder"), now=now, years=9, usage=answers, by=self.issuing
        )
        self.publish(now=now)

    def publish(self, *, now: datetime) -> None:
        """Writes the folder that the product trusts: certificates, and revocation lists as of `now`."""
        for name, one in {"root": self.root, "issuing": self.issuing}.items():
            _write(self.trust / f"{name}.pem", pem(one.certificate))
            _write(self.trust / f"{name}.crl", self.revocation_list(one, now=now))

    def revoke(self, certificate: x509.Certificate, *, at: datetime) -> None:
        """From `at` on the certificate counts as revoked; publishes the new lists."""
        revoked = {**self._revoked(), str(certificate.serial_number): at.isoformat()}
        _write(self._kept / _REVOKED, json.dumps(revoked).encode())
        self.publish(now=at)

    def revocation_list(self, by: Keyed, *, now: datetime) -> bytes:
        """The list of `by` in DER. The root's list names nobody: it revoked no authority."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(by.certificate.subject)
            .last_update(now)
            .next_update(now + LIST_IS_GOOD_FOR)
            .add_extension(_authority_key(by), critical=False)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for serial, when in self._revoked().items() if by is self.issuing else ():
            revoked = x509.RevokedCertificateBuilder().serial_number(int(serial))
            revoked = revoked.revocation_date(datetime.fromisoformat(when))
            builder = builder.add_revoked_certificate(revoked.build())
        return builder.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp_answer(self, certificate: x509.Certificate, *, now: datetime) -> bytes:
        """What the responder says of a certificate of the issuing authority at `now`, in DER."""
        when = self._revoked().get(str(certificate.serial_number))
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.issuing.certificate,
            algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if when else ocsp.OCSPCertStatus.GOOD,
            this_update=now,
            next_update=now + ANSWER_IS_GOOD_FOR,
            revocation_time=datetime.fromisoformat(when) if when else None,
            revocation_reason=x509.ReasonFlags.key_compromise if when else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.answering.certificate)
        answer = builder.certificates([self.answering.certificate]).sign(self.answering.key, hashes.SHA256())
        return answer.public_bytes(serialization.Encoding.DER)

    def issue(
        self,
        subject: x509.Name,
        *,
        valid: tuple[datetime, datetime],
        usage: Usage | None = None,
        by: Keyed | None = None,
    ) -> Keyed:
        """A new key and its certificate from the issuing authority, or from `by`."""
        return certify(subject, valid=valid, usage=usage or Usage(), by=by or self.issuing)

    def _keep(
        self, name: str, subject: x509.Name, *, now: datetime, years: int, usage: Usage, by: Keyed | None = None
    ) -> Keyed:
        valid = (now - timedelta(days=1), now + years * YEAR)
        return keep(self._kept, name, lambda: certify(subject, valid=valid, usage=usage, by=by))

    def _revoked(self) -> dict[str, str]:
        path = self._kept / _REVOKED
        found: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
        return found


def certify(subject: x509.Name, *, valid: tuple[datetime, datetime], usage: Usage, by: Keyed | None = None) -> Keyed:
    """A new key and its certificate, signed by `by`, or by itself. `valid` is from and until."""
    key: Key = rsa.generate_private_key(65537, 2048) if usage.rsa else ec.generate_private_key(ec.SECP256R1())
    signer = by.key if by else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=usage.authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_key_usage(usage), critical=True)
    )
    if usage.extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage.extended), critical=True)
    if usage.no_revocation_check:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return Keyed(builder.sign(signer, hashes.SHA256()), key)


def keep(folder: Path, name: str, make: Callable[[], Keyed]) -> Keyed:
    """The key and certificate of this name in the folder, made on first use. Of two first makers, the first wins."""
    path = folder / f"{name}.pem"
    if not path.exists():
        made = make()
        _write(path, _key_pem(made.key) + pem(made.certificate), only_if_new=True)
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, Key):
        raise ValueError(f"{path.name} holds no key that signs here: remove it, and it is made anew.")
    return Keyed(x509.load_pem_x509_certificate(content), key)


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _key_usage(usage: Usage) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=usage.signs and not usage.authority,
        content_commitment=usage.signs and not usage.authority and not usage.extended,
        key_encipherment=not usage.signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=usage.authority,
        crl_sign=usage.authority,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(by: Keyed) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())


def _name(common_name: str) -> x509.Name:
    parts = {NameOID.COUNTRY_NAME: "NL", NameOID.ORGANIZATION_NAME: _COMPANY, NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


def _write(path: Path, content: bytes, *, only_if_new: bool = False) -> None:
    """Writes the file whole or not at all, for its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    if only_if_new:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    else:
        draft.replace(path)
