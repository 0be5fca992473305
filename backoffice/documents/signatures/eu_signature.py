"""The XML signature of a trusted list of the European Union, and the content that it covers.

A list carries exactly one signature of its scheme operator: enveloped, XAdES baseline B, over the whole list, with
exclusive canonicalisation (ETSI TS 119 612, 5.7.1 and annex B; ETSI EN 319 132-1). Whose certificates may sign says the
list of the lists, which whoever runs this has checked: they are given here. Only what the signature covers, as it was
canonicalised, is ever read; so nothing that stands elsewhere in the file can pass for a part of the list.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from .trust_list import TrustListProblem

LIST = "{http://uri.etsi.org/02231/v2#}TrustServiceStatusList"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_SIGNATURE, _REFERENCE = f"{_DS}Signature", f"{_DS}Reference"
_XADES_PROPERTIES = "{http://uri.etsi.org/01903/v1.3.2#}SignedProperties"
_EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0.value
_WHOLE = [SignatureConstructionMethod.enveloped.value, _EXCLUSIVE]
_IDS = ("Id", "ID", "id")
SMALLEST_RSA, SMALLEST_CURVE = 2048, 256
"""In bits (ETSI TS 119 312, table 8, and SOG-IS)."""
_METHODS = frozenset(
    (
        *(SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512),
        *(SignatureMethod.SHA256_RSA_MGF1, SignatureMethod.SHA384_RSA_MGF1, SignatureMethod.SHA512_RSA_MGF1),
        *(SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384, SignatureMethod.ECDSA_SHA512),
    )
)
_DIGESTS = frozenset((DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512))


def signed_list(content: bytes, *, signers: Sequence[x509.Certificate]) -> etree._Element:
    """The list as one of these certificates signed it, valid when the list says that it was issued. Raises
    TrustListProblem for anything else."""
    root = _parsed(content)
    signature = _the_signature(root)
    _check_references(root, signature)
    _check_algorithms(signature)
    signer = _signer(signature, signers)
    issued = issue_time(root)
    if not signer.not_valid_before_utc <= issued <= signer.not_valid_after_utc:
        raise TrustListProblem("The certificate that signed the list was not valid on the day of the list.")
    found = [one for one in _verified(content, signer, at=issued) if one.tag == LIST]
    if len(found) != 1:
        raise TrustListProblem("The signature is not over the list.")
    return found[0]


def issue_time(root: etree._Element) -> datetime:
    """When the list says that it was issued."""
    names = {"tsl": LIST.partition("}")[0].removeprefix("{")}
    written = (root.findtext("tsl:SchemeInformation/tsl:ListIssueDateTime", namespaces=names) or "").strip()
    return moment(written)


def moment(written: str) -> datetime:
    """A time of the list, which has a zone. Raises TrustListProblem."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise TrustListProblem(f"The list holds a time that is none: {written[:40]}") from None
    if found.utcoffset() is None:
        raise TrustListProblem(f"The list holds a time without a zone: {written[:40]}")
    return found


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _parsed(content: bytes) -> etree._Element:
    try:
        root = etree.fromstring(content, parser=_parser())
    except etree.XMLSyntaxError as wrong:
        raise TrustListProblem(f"This is no XML: {wrong.msg}") from None
    told = root.getroottree().docinfo
    if root.tag != LIST or told.internalDTD is not None or told.externalDTD is not None:
        raise TrustListProblem("This is no trusted list of ETSI TS 119 612.")
    return root


def _the_signature(root: etree._Element) -> etree._Element:
    """The only one in the file; it stands directly in the list."""
    found = list(root.iter(_SIGNATURE))
    if not found:
        raise TrustListProblem("The list is not signed: bring the one that its scheme operator publishes.")
    if len(found) > 1:
        raise TrustListProblem("The list has more than one signature; it must have exactly one.")
    if found[0].getparent() is not root or len(list(root.iter(LIST))) != 1:
        raise TrustListProblem("The signature does not stand in the list itself.")
    return found[0]


def _check_references(root: etree._Element, signature: etree._Element) -> None:
    """One reference is to the whole list, one to the properties that XAdES signs; others may be to parts of the
    signature. Nothing but the whole list is read, and it is the only one that the first can mean."""
    references = list(signature.iterfind(f"{_DS}SignedInfo/{_REFERENCE}"))
    whole = [one for one in references if _is_of(one, root)]
    others = [one for one in references if one not in whole]
    inside = [_one_of_id(root, one.get("URI") or "") for one in others]
    if len(whole) != 1 or any(one is None or signature not in one.iterancestors() for one in inside):
        raise TrustListProblem("The signature is not over the whole list, and nothing but it.")
    if [one.tag for one in inside if one is not None].count(_XADES_PROPERTIES) != 1:
        raise TrustListProblem("The signature is no XAdES signature: it does not cover its own properties.")
    if _transforms(whole[0]) != _WHOLE or any(_transforms(one) not in ([], [_EXCLUSIVE]) for one in others):
        raise TrustListProblem("The signature transforms the list in a way that TS 119 612 does not know.")


def _is_of(reference: etree._Element, root: etree._Element) -> bool:
    uri = reference.get("URI")
    return uri == "" or (uri is not None and _one_of_id(root, uri) is root)


def _one_of_id(root: etree._Element, uri: str) -> etree._Element | None:
    """The element that the fragment names; None where none does, or more than one. An id counts however it is
    spelled, so that no two readers can find two elements."""
    name = uri.removeprefix("#")
    found = [one for one in root.iter(etree.Element) if name in _ids_of(one)] if uri.startswith("#") and name else []
    return found[0] if len(found) == 1 else None


def _ids_of(element: etree._Element) -> Iterator[str]:
    for key, value in element.attrib.items():
        if etree.QName(key).localname in _IDS:
            yield str(value)


def _transforms(reference: etree._Element) -> list[str]:
    return [str(one.get("Algorithm")) for one in reference.iterfind(f"{_DS}Transforms/{_DS}Transform")]


def _check_algorithms(signature: etree._Element) -> None:
    info = f"{_DS}SignedInfo/"
    methods = [one.get("Algorithm") for one in signature.iterfind(f"{info}{_DS}SignatureMethod")]
    digests = [one.get("Algorithm") for one in signature.iterfind(f"{info}{_REFERENCE}/{_DS}DigestMethod")]
    canonical = [one.get("Algorithm") for one in signature.iterfind(f"{info}{_DS}CanonicalizationMethod")]
    if {*methods} - {one.value for one in _METHODS} or {*digests} - {one.value for one in _DIGESTS}:
        raise TrustListProblem("The signature of the list uses an algorithm that is too weak, or unknown.")
    if canonical != [_EXCLUSIVE]:
        raise TrustListProblem("The signature is canonicalised in a way that TS 119 612 does not know.")


def _signer(signature: etree._Element, signers: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate that the signature names, if it is one of those that may sign this list."""
    named = [_der(one.text or "") for one in signature.iterfind(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")]
    known = {one.public_bytes(Encoding.DER): one for one in signers}
    found = [known[der] for der in named if der in known]
    if not found:
        raise TrustListProblem(
            "The list is signed by a certificate that is not among those given in SIGNATURES_EU_SIGNERS."
        )
    key = found[0].public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return found[0]
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= SMALLEST_CURVE:
        return found[0]
    raise TrustListProblem("The key that signed the list is too weak, or of an unknown kind.")


def _der(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise TrustListProblem("The signature of the list names a certificate that cannot be read.") from None


def _verified(content: bytes, signer: x509.Certificate, *, at: datetime) -> list[etree._Element]:
    """What the signature covers, as the library canonicalised it. It gives it only once everything fits."""
    config = XAdESSignatureConfiguration(
        location="./",
        expect_references=True,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=at,
    )
    try:
        results = XAdESVerifier().verify(content, x509_cert=signer, expect_config=config, parser=_parser())
    except InvalidDigest:
        raise TrustListProblem("The list was changed after it was signed.") from None
    except InvalidSignature:
        raise TrustListProblem("The signature of the list does not fit its certificate.") from None
    except (SignXMLException, etree.LxmlError, binascii.Error, ValueError, TypeError, NotImplementedError) as wrong:
        told = type(wrong).__name__
        raise TrustListProblem(f"The signature of the list is no whole XAdES signature ({told}).") from None
    return [one.signed_xml for one in results if one.signed_xml is not None]
