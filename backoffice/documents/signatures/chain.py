"""A certificate's chain up to our trust list, and what is known of its revocation. Nothing is fetched.

The rules are those of RFC 5280 (paths), RFC 6960 (OCSP) and ETSI EN 319 102-1, 5.2 (a chain is judged at the time of
signing, or when we see it where no trusted time stamp proves an earlier one), made stricter: one answer that says
revoked outweighs every answer that says good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from cryptography import x509 as fast_x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import ocsp as fast_ocsp
from pyhanko_certvalidator import ValidationContext, errors
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from .anchor_crl import said_by_anchor
from .trust_list import Anchor
from .verdict import Code, Revocation

MOST_CERTIFICATES = 40
"""In one file. A chain has three or four, and each signer and time stamp their own."""
MOST_PATHS = 8
_ONE_ANSWER = RevocationCheckingPolicy(RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK)


@dataclass(frozen=True)
class Evidence:
    """What a chain may be built of: trusted anchors, certificates between, and answers about revocation (DER)."""

    anchors: tuple[Anchor, ...]
    others: tuple[x509.Certificate, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]

    def with_others(self, found: Iterable[x509.Certificate]) -> Evidence:
        return replace(self, others=(*self.others, *found))


@dataclass(frozen=True)
class Judgement:
    """`code` is why the chain does not hold, None where it does."""

    code: Code | None
    revocation: Revocation = Revocation.UNKNOWN


async def judge(certificate: x509.Certificate, evidence: Evidence, *, moment: datetime) -> Judgement:
    """Judges the certificate at a moment (aware UTC). The best of its paths counts, but a revocation in any is one."""
    context = _context(evidence, moment=moment, policy=NO_REVOCATION)
    paths = await _paths(context, certificate)
    if not paths:
        self_signed = certificate.self_signed in {"yes", "maybe"}
        return Judgement(Code.SELF_SIGNED if self_signed else Code.UNTRUSTED)
    judged = [await _judge_path(path, evidence, moment=moment) for path in paths]
    revoked = [one for one in judged if one.code is Code.REVOKED]
    good = [one for one in judged if one.code is None]
    return (revoked or good or judged)[0]


async def _paths(context: ValidationContext, certificate: x509.Certificate) -> list[ValidationPath]:
    found: list[ValidationPath] = []
    try:
        async for path in context.path_builder.async_build_paths_lazy(certificate):
            found.append(path)
            if len(found) == MOST_PATHS:
                break
    except errors.PathBuildingError:
        return found
    return found


async def _judge_path(path: ValidationPath, evidence: Evidence, *, moment: datetime) -> Judgement:
    context = _context(evidence, moment=moment, policy=REQUIRE_REVINFO, crls=evidence.crls, ocsps=evidence.ocsps)
    code = await _failure(context, path)
    if code is Code.REVOKED:
        return Judgement(code, Revocation.REVOKED)
    if code not in {None, Code.REVOCATION_UNKNOWN}:
        return Judgement(code)
    by_anchor = _said_by_anchor(path, evidence, moment=moment)
    if by_anchor is Revocation.REVOKED or await _is_revoked(path, evidence, moment=moment):
        return Judgement(Code.REVOKED, Revocation.REVOKED)
    if code is None or by_anchor is Revocation.GOOD:
        return Judgement(None, Revocation.GOOD)
    return Judgement(code)


def _said_by_anchor(path: ValidationPath, evidence: Evidence, *, moment: datetime) -> Revocation:
    """Of a certificate straight under its anchor; nothing of others."""
    if path.pkix_len != 1:
        return Revocation.UNKNOWN
    certificate, anchor = (fast_x509.load_der_x509_certificate(one.dump()) for one in (path.last, path.first))
    return said_by_anchor(certificate, anchor, evidence.crls, moment=moment)


async def _is_revoked(path: ValidationPath, evidence: Evidence, *, moment: datetime) -> bool:
    """Whether any single answer, itself valid, revokes a certificate of the path."""
    numbers = [one.serial_number for one in path.iter_certs(include_root=False)]
    alone: list[dict[str, list[bytes]]] = [{"crls": [one]} for one in evidence.crls if _names_revoked(one, numbers)]
    alone += [{"ocsps": [one]} for one in evidence.ocsps if _answers_revoked(one, numbers)]
    for answer in alone:
        part = path
        while True:
            context = _context(evidence, moment=moment, policy=_ONE_ANSWER, **answer)
            if await _failure(context, part) is Code.REVOKED:
                return True
            if part.pkix_len < 2:
                break
            part = part.copy_and_drop_leaf()
    return False


def _names_revoked(answer: bytes, numbers: Sequence[int]) -> bool:
    try:
        revocations = fast_x509.load_der_x509_crl(answer)
    except ValueError:
        return False
    return any(revocations.get_revoked_certificate_by_serial_number(number) is not None for number in numbers)


def _answers_revoked(answer: bytes, numbers: Sequence[int]) -> bool:
    try:
        said = list(fast_ocsp.load_der_ocsp_response(answer).responses)
    except (ValueError, UnsupportedAlgorithm):
        return False
    revoked = fast_ocsp.OCSPCertStatus.REVOKED
    return any(one.serial_number in numbers and one.certificate_status is revoked for one in said)


async def _failure(context: ValidationContext, path: ValidationPath) -> Code | None:
    try:
        await async_validate_path(context, path)
    except errors.RevokedError:
        return Code.REVOKED
    except errors.ExpiredError:
        return Code.EXPIRED
    except errors.NotYetValidError:
        return Code.NOT_YET_VALID
    except errors.InsufficientRevinfoError:
        return Code.REVOCATION_UNKNOWN
    except errors.DisallowedAlgorithmError:
        return Code.WEAK_DIGEST
    except errors.ValidationError:
        return Code.UNTRUSTED
    return None


def _context(
    evidence: Evidence,
    *,
    moment: datetime,
    policy: RevocationCheckingPolicy,
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
) -> ValidationContext:
    """Answers issued after the moment count too: a list still names whom it revoked before."""
    return ValidationContext(
        trust_roots=[x509.Certificate.load(one.certificate) for one in _granted(evidence.anchors, moment)],
        other_certs=list(evidence.others),
        moment=moment,
        crls=[asn1_crl.CertificateList.load(one) for one in crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in ocsps],
        revinfo_policy=CertRevTrustPolicy(policy, retroactive_revinfo=True),
        allow_fetching=False,
    )


def _granted(anchors: Iterable[Anchor], moment: datetime) -> list[Anchor]:
    return [one for one in anchors if one.since is None or one.since <= moment]
