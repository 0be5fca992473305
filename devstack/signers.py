"""People who sign in the demonstration and in tests, each with a certificate of the demonstration's authority, and the
tool that they sign with. A PDF that `sign` gives is what a real person's tool makes: an incremental
update with a PAdES signature.
"""

from __future__ import annotations

import asyncio
import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from .certificate_authority import YEAR, Authority, Keyed, keep

FOLDER = "signers"


@dataclass(frozen=True)
class Particulars:
    """What stands in a person's certificate. `number` and `organisation_number` are written in the styles of ETSI EN
    319 412-1, 5.1.3 and 5.1.4: "PNOPL-44051401359", "PASNL-NPX12345", "VATPL-1234563218"."""

    given_name: str
    family_name: str
    country: str
    number: str
    organisation: str = ""
    organisation_number: str = ""

    def subject(self) -> x509.Name:
        parts = [
            (NameOID.COUNTRY_NAME, self.country),
            (NameOID.ORGANIZATION_NAME, self.organisation),
            (NameOID.ORGANIZATION_IDENTIFIER, self.organisation_number),
            (NameOID.GIVEN_NAME, self.given_name),
            (NameOID.SURNAME, self.family_name),
            (NameOID.SERIAL_NUMBER, self.number),
            (NameOID.COMMON_NAME, f"{self.given_name} {self.family_name}"),
        ]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


PIOTR = Particulars("Piotr", "Nowak", "PL", "PNOPL-44051401359")
EVA = Particulars(
    "Eva", "de Wit", "PL", "PASNL-NPX12345", "Tulip Trading sp. z o.o.", organisation_number="VATPL-1234563218"
)
"""Signs for Tulip Trading."""
MARIA = Particulars("Maria", "Jansen", "NL", "PNONL-111222333")
"""Lives abroad, seen from Poland."""
PEOPLE = (PIOTR, EVA, MARIA)


@dataclass(frozen=True)
class Signer:
    """A person with their certificate and key, and the authority from which they come."""

    keyed: Keyed
    authority: Authority

    @property
    def certificate(self) -> x509.Certificate:
        return self.keyed.certificate


def authority(data_dir: Path, *, now: datetime) -> Authority:
    """The authority of a data folder, made on first use; its revocation lists are renewed."""
    return Authority(data_dir / FOLDER, now=now)


def trust_folder(data_dir: Path) -> Path:
    """The folder that the product's setting `SIGNATURES_TRUST` names in this stack."""
    return data_dir / FOLDER / "trust"


def signer(of: Authority, person: Particulars, *, now: datetime) -> Signer:
    """The person's certificate from this authority, made on first use and valid for three years."""
    named = f"{person.number} {person.organisation_number} {person.given_name} {person.family_name}"
    kept = re.sub(r"\W+", "-", named.strip()).lower()
    (of.folder / "people").mkdir(mode=0o700, exist_ok=True)
    valid = (now - timedelta(days=1), now + 3 * YEAR)
    return Signer(keep(of.folder / "people", kept, lambda: of.issue(person.subject(), valid=valid)), of)


@dataclass(frozen=True)
class Extras:
    """What a tool may add to a bare signature: a signed time stamp in it (PAdES B-T), certificates and revocation
    answers for later (B-LT), a time stamp of the document over all (B-LTA)."""

    time_stamp: bool = False
    validation_data: bool = False
    document_time_stamp: bool = False


def sign(
    pdf: bytes,
    signer: Signer,
    *,
    field: str,
    at: datetime,
    extras: Extras | None = None,
    new_field: Any = None,
    **metadata: Any,
) -> bytes:
    """The PDF with one more signature, in the empty field of this name, or in a new invisible one. `at` is the time of
    the signer's clock. `new_field` is pyHanko's `SigFieldSpec` of a field to make instead; `metadata` goes to its
    `PdfSignatureMetadata` (certify, md_algorithm, ...)."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    extras = extras or Extras()
    later = extras.validation_data or extras.document_time_stamp
    described = PdfSignatureMetadata(
        **{
            "field_name": field,
            "md_algorithm": "sha256",
            "subfilter": SigSeedSubFilter.PADES,
            "embed_validation_info": later,
            "use_pades_lta": extras.document_time_stamp,
            "validation_context": _validation_context(signer, at=at) if later else None,
            **metadata,
        }
    )
    stamper = _time_stamper(signer.authority, at=at) if extras.time_stamp or extras.document_time_stamp else None
    tool = PdfSigner(described, _tool(signer), timestamper=stamper, new_field_spec=new_field)
    return asyncio.run(_sign(tool, IncrementalPdfFileWriter(io.BytesIO(pdf)), at=at))


async def _sign(tool: Any, writer: Any, *, at: datetime) -> bytes:
    """As `PdfSigner.async_sign_pdf`, at a time of our own."""
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    session = tool.init_signing_session(writer)
    session.system_time = at
    checked = await session.perform_presign_validation(writer)
    room = await session.estimate_signature_container_size(checked, tight=False)
    document = session.prepare_tbs_document(validation_info=checked, bytes_reserved=room)
    digest, output = document.digest_tbs_document()
    signed = await document.perform_signature(
        document_digest=digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at),
    )
    await signed.post_signature_processing(output)
    return bytes(output.getvalue())


def _tool(signer: Signer) -> Any:
    from asn1crypto import keys
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    stores: Any = SimpleCertificateStore
    return SimpleSigner(
        signing_cert=_readable(signer.certificate),
        signing_key=keys.PrivateKeyInfo.load(_key_der(signer.keyed)),
        cert_registry=stores.from_certs([_readable(signer.authority.issuing.certificate)]),
        embed_roots=False,
    )


def _time_stamper(of: Authority, *, at: datetime) -> Any:
    from asn1crypto import keys
    from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    stores: Any = SimpleCertificateStore
    return DummyTimeStamper(
        tsa_cert=_readable(of.stamping.certificate),
        tsa_key=keys.PrivateKeyInfo.load(_key_der(of.stamping)),
        certs_to_embed=stores.from_certs([_readable(of.issuing.certificate)]),
        fixed_dt=at,
    )


def _validation_context(signer: Signer, *, at: datetime) -> Any:
    from asn1crypto import crl, ocsp
    from pyhanko_certvalidator import ValidationContext

    of = signer.authority
    lists = [of.revocation_list(one, now=at) for one in (of.root, of.issuing)]
    return ValidationContext(
        trust_roots=[_readable(of.root.certificate)],
        other_certs=[_readable(of.issuing.certificate)],
        crls=[crl.CertificateList.load(one) for one in lists],
        ocsps=[ocsp.OCSPResponse.load(of.ocsp_answer(signer.certificate, now=at))],
        moment=at,
        revocation_mode="require",
    )


def _readable(certificate: x509.Certificate) -> Any:
    """The same certificate for pyHanko, which reads with another library."""
    from asn1crypto import x509 as readable

    return readable.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _key_der(keyed: Keyed) -> bytes:
    plain = serialization.NoEncryption()
    return keyed.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
