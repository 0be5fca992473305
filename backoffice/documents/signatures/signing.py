"""The cryptography of one signature: that these bytes were signed with this key, by means that are not weak, when, and
whom the certificate names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms, tsp, x509
from pyhanko.sign.general import CMSExtractionError, SignedDataCerts
from pyhanko.sign.validation import generic_cms
from pyhanko.sign.validation.errors import SignatureValidationError

from .chain import MOST_CERTIFICATES, Evidence, Judgement, judge
from .file import Embedded
from .parties import Subject
from .verdict import Code

_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
_ALGORITHMS = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519", "ed448"})
_LEAST_BITS = {"rsa": 2048, "rsassa_pss": 2048, "ec": 256}
"""SOG-IS agreed cryptographic mechanisms 1.3; ETSI TS 119 312."""
_SIGNING_PURPOSES = frozenset(
    {
        "any_extended_key_usage",
        "email_protection",
        "client_auth",
        "microsoft_document_signing",
        "adobe_authentic_documents_trust",
        "1.3.6.1.5.5.7.3.36",
        "1.3.6.1.4.1.311.10.3.12",
        "1.2.840.113583.1.1.5",
    }
)
"""Extended key usages under which people sign documents (RFC 9336 and what came before it)."""
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True)
class Signed:
    """What the signature's own bytes say. `codes` is what is wrong with it so far."""

    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    subject: Subject
    issuer: str
    claimed_time: datetime | None
    intact: bool
    codes: tuple[Code, ...]
    info: cms.SignerInfo


def read(one: Embedded, pdf: bytes) -> Signed | Code:
    """Checks digest and signature of an ordinary signature. A code where there is no reading it."""
    data = one.library.signed_data
    if data["encap_content_info"]["content_type"].native != "data" or data["encap_content_info"]["content"].native:
        return Code.DAMAGED_SIGNATURE
    return _check(data, one.covered(pdf), "data")


def subject_of(name: x509.Name) -> Subject:
    """The attributes of a certificate's subject; of several of a kind, the first."""
    found: dict[str, str] = {}
    for part in name.chosen:
        for attribute in part:
            found.setdefault(attribute["type"].native, str(attribute["value"].native))
    return Subject(
        common_name=found.get("common_name", ""),
        given_name=found.get("given_name", ""),
        family_name=found.get("surname", ""),
        number=found.get("serial_number", ""),
        organisation=found.get("organization_name", ""),
        organisation_number=found.get("organization_identifier", ""),
        country=found.get("country_name", ""),
    )


def usage_of(certificate: x509.Certificate) -> Code | None:
    """Whether the key is for signing documents: RFC 5280, 4.2.1.3 and 4.2.1.12."""
    usage = certificate.key_usage_value
    if usage is None or not usage.native & {"digital_signature", "non_repudiation"} or certificate.ca:
        return Code.WRONG_KEY_USAGE
    purposes = certificate.extended_key_usage_value
    if purposes is not None and not _SIGNING_PURPOSES & set(purposes.native):
        return Code.WRONG_KEY_USAGE
    return None


async def trusted_time(signed: Signed, evidence: Evidence, *, at: datetime) -> datetime | None:
    """The earliest time at which a time stamp on this signature, that we trust, proves it (RFC 3161)."""
    stamps = generic_cms.extract_tst_data_iter(signed.info, signed=False)
    found = [await stamped(data, [signed.info["signature"].native], evidence, at=at) for data in list(stamps)[:4]]
    return min((when for when in found if when is not None), default=None)


async def stamped(
    data: cms.SignedData, over: Iterable[bytes | memoryview], evidence: Evidence, *, at: datetime
) -> datetime | None:
    """When a time stamp says that it saw these bytes; None when it saw others, or is not to be trusted."""
    content = data["encap_content_info"]["content"]
    told = getattr(content, "parsed", None)
    if data["encap_content_info"]["content_type"].native != "tst_info" or not isinstance(told, tsp.TSTInfo):
        return None
    algorithm = told["message_imprint"]["hash_algorithm"]["algorithm"].native
    if algorithm not in _DIGESTS or _digest(algorithm, over) != told["message_imprint"]["hashed_message"].native:
        return None
    checked = _check(data, [content.native if isinstance(content.native, bytes) else bytes(content)], "tst_info")
    if isinstance(checked, Code) or checked.codes:
        return None
    purposes = checked.certificate.extended_key_usage_value
    if purposes is None or purposes.native != ["time_stamping"]:
        return None
    when: datetime = told["gen_time"].native
    if when > at + _CLOCKS_DIFFER:
        return None
    stamping = Evidence(
        tuple(anchor for anchor in evidence.anchors if anchor.for_time_stamps),
        (*evidence.others, *checked.others),
        evidence.crls,
        evidence.ocsps,
    )
    judged = await judge(checked.certificate, stamping, moment=when)
    return when if judged.code is None else None


async def judged(signed: Signed, evidence: Evidence, *, moment: datetime) -> Judgement:
    """The chain of the signer's certificate at a moment."""
    people = tuple(anchor for anchor in evidence.anchors if anchor.for_people)
    known = Evidence(people, (*evidence.others, *signed.others), evidence.crls, evidence.ocsps)
    return await judge(signed.certificate, known, moment=moment)


def claims_wrongly(claimed: datetime | None, *, proven: datetime | None, at: datetime) -> bool:
    """The signer's clock may not be ahead of a time that is proven, nor of ours."""
    return claimed is not None and claimed > min(at, proven or at) + _CLOCKS_DIFFER


def _check(data: cms.SignedData, over: Iterable[bytes | memoryview], content_type: str) -> Signed | Code:
    try:
        held: SignedDataCerts = generic_cms.extract_certs_for_validation(data)
        (info,) = data["signer_infos"]
    except (CMSExtractionError, SignatureValidationError, ValueError):
        return Code.DAMAGED_SIGNATURE
    if not info["signed_attrs"].native:
        return Code.DAMAGED_SIGNATURE
    if len(held.other_certs) > MOST_CERTIFICATES:
        return Code.TOO_COMPLEX
    algorithm = info["digest_algorithm"]["algorithm"].native
    codes = list(_weaknesses(info, held.signer_cert, algorithm))
    intact = valid = False
    if algorithm in hashlib.algorithms_available or algorithm in _DIGESTS:
        try:
            intact, valid = generic_cms.validate_sig_integrity(
                info, held.signer_cert, content_type, _digest(algorithm, over)
            )
        except SignatureValidationError:
            codes.append(Code.DAMAGED_SIGNATURE)
    if not intact:
        codes.append(Code.ALTERED)
    elif not valid:
        codes.append(Code.FORGED)
    return Signed(
        certificate=held.signer_cert,
        others=tuple(held.other_certs),
        subject=subject_of(held.signer_cert.subject),
        issuer=subject_of(held.signer_cert.issuer).shown,
        claimed_time=_aware(generic_cms.extract_self_reported_ts(info)),
        intact=intact and valid,
        codes=tuple(codes),
        info=info,
    )


def _weaknesses(info: cms.SignerInfo, certificate: x509.Certificate, digest: str) -> Iterable[Code]:
    told: Any = info["signature_algorithm"]
    kind = told.signature_algo
    hashed = digest if kind in {"ed25519", "ed448"} or told["algorithm"].native == "rsassa_pkcs1v15" else told.hash_algo
    if digest not in _DIGESTS or hashed not in _DIGESTS or kind not in _ALGORITHMS:
        yield Code.WEAK_DIGEST
    key = certificate.public_key
    if key.algorithm in _LEAST_BITS and key.bit_size < _LEAST_BITS[key.algorithm]:
        yield Code.WEAK_KEY


def _digest(algorithm: str, over: Iterable[bytes | memoryview]) -> bytes:
    digest = hashlib.new(algorithm)
    for part in over:
        digest.update(part)
    return digest.digest()


def _aware(when: datetime | None) -> datetime | None:
    return when.astimezone(UTC) if when is not None else None
