"""A trusted list counts only as its scheme operator signed it: whatever else is in the file is never read."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from backoffice.documents.checks import check_trusted_lists, refuse_if_unsafe
from backoffice.documents.signatures import trust_list
from backoffice.documents.signatures.eu_list import read_eu_list
from backoffice.documents.signatures.eu_signature import LIST
from backoffice.documents.signatures.trust_list import TrustList, TrustListProblem
from backoffice.security.checks import Unsafe

from .signing import NOW
from .trusted_list import DS, EXCLUSIVE, IN_FORCE, Operator, Service, operator, signed, trusted_list, written

OURS, THIEFS = Operator(), Operator()
GOOD, FORGED = Service(OURS.certificate), Service(THIEFS.certificate)
"""What the list grants, and what a forger would have it grant."""


def read(content: bytes, *signers: x509.Certificate) -> TrustList:
    return read_eu_list(content, signers=signers or [operator().certificate], at=NOW)


def granted(content: bytes) -> list[bytes]:
    return [one.certificate for one in read(content).anchors]


def text_of(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root))


def parsed(content: bytes) -> etree._Element:
    return etree.fromstring(content)


def test_what_the_scheme_operator_signed_is_read() -> None:
    assert granted(signed(GOOD)) == [OURS.certificate.public_bytes(Encoding.DER)]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "rsa-sha256"),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "ecdsa-sha512"),
    ],
    ids=["RSA", "ECDSA"],
)
def test_the_algorithms_of_today_count(key: Callable[[], Any], algorithm: str) -> None:
    other = Operator(key())
    listed = other.sign(trusted_list(GOOD), signature_algorithm=algorithm, digest_algorithm="sha512")

    assert len(read(listed, operator().certificate, other.certificate).anchors) == 1


def test_a_reference_by_id_to_the_list_itself_counts() -> None:
    listed = trusted_list(GOOD).replace(b"<TrustServiceStatusList ", b'<TrustServiceStatusList Id="TSL" ')

    assert granted(operator().sign(listed, reference="#TSL"))


def test_a_certificate_that_ran_out_since_was_good_on_the_day_of_the_list() -> None:
    then = Operator(until=NOW - timedelta(days=14))
    before, after = Operator(until=NOW - timedelta(days=30)), Operator(since=NOW - timedelta(days=26))

    assert len(read(then.sign(trusted_list(GOOD)), then.certificate).anchors) == 1
    for one in (before, after):
        with pytest.raises(TrustListProblem, match="was not valid on the day of the list"):
            read(one.sign(trusted_list(GOOD)), one.certificate)


# --- attacks ----------------------------------------------------------------------------------------------------------


def unsigned() -> bytes:
    return trusted_list(FORGED)


def changed() -> bytes:
    """Another certificate in the place of the one that is granted."""
    text = signed(GOOD)
    [mine, theirs] = [parsed(trusted_list(one)).findtext(".//{*}X509Certificate") or "" for one in (GOOD, FORGED)]
    assert mine.encode() in text
    return text.replace(mine.encode(), theirs.encode())


def time_changed() -> bytes:
    return signed(GOOD).replace(IN_FORCE[:10].encode(), written(151)[:10].encode())


def by_another() -> bytes:
    return THIEFS.sign(trusted_list(FORGED))


def by_another_in_the_operators_name() -> bytes:
    """Signed with the thief's key, beside the certificate of the operator."""
    root = parsed(THIEFS.sign(trusted_list(FORGED)))
    [named] = root.iterfind(f"{DS}Signature/{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    named.text = parsed(signed()).findtext(f"{DS}Signature/{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    return text_of(root)


def wrapped() -> bytes:
    """The signed list moved aside, a forged one in its place, the signature where it is looked for."""
    listed = trusted_list(GOOD).replace(b"<TrustServiceStatusList ", b'<TrustServiceStatusList Id="TSL" ')
    true = parsed(operator().sign(listed, reference="#TSL"))
    forged = parsed(trusted_list(FORGED))
    signature = true.find(f"{DS}Signature")
    assert signature is not None
    true.remove(signature)
    etree.SubElement(forged, "Aside").append(true)
    forged.append(signature)
    return text_of(forged)


def wrapped_under_another_id() -> bytes:
    """The same; the forged list has the id too, in another spelling."""
    root = parsed(wrapped())
    root.set("ID", "TSL")
    return text_of(root)


def wrapped_in_the_signature() -> bytes:
    """The signed list moved into the signature, as an object of it."""
    listed = trusted_list(GOOD).replace(b"<TrustServiceStatusList ", b'<TrustServiceStatusList Id="TSL" ')
    true = parsed(operator().sign(listed, reference="#TSL"))
    forged, signature = parsed(trusted_list(FORGED)), true.find(f"{DS}Signature")
    assert signature is not None
    moved = copy.deepcopy(signature)
    true.remove(signature)
    etree.SubElement(moved, f"{DS}Object").append(true)
    forged.append(moved)
    return text_of(forged)


def beside_the_signed_one() -> bytes:
    """A forged list around the whole signed one."""
    forged = parsed(trusted_list(FORGED))
    forged.append(parsed(signed(GOOD)))
    return text_of(forged)


def two_signatures() -> bytes:
    root = parsed(THIEFS.sign(trusted_list(FORGED)))
    theirs = parsed(signed(GOOD)).find(f"{DS}Signature")
    assert theirs is not None
    root.append(theirs)
    return text_of(root)


def over_a_part() -> bytes:
    """Another element of the list is signed, and not the list."""
    listed = trusted_list(GOOD).replace(b"<SchemeInformation>", b'<SchemeInformation Id="part">')
    return operator().sign(listed, reference="#part")


def over_nothing() -> bytes:
    root = parsed(signed(GOOD))
    for one in root.iterfind(f"{DS}Signature/{DS}SignedInfo/{DS}Reference"):
        if one.get("URI") == "":
            one.getparent().remove(one)  # type: ignore[union-attr]
    return text_of(root)


def from_elsewhere() -> bytes:
    root = parsed(signed(GOOD))
    first = next(root.iterfind(f"{DS}Signature/{DS}SignedInfo/{DS}Reference"))
    first.set("URI", "https://thief.example/list.xml")
    return text_of(root)


def plain_signature() -> bytes:
    """XML-DSig without the properties of XAdES."""
    return operator().sign(trusted_list(GOOD), by=XMLSigner)


def inclusive() -> bytes:
    return operator().sign(trusted_list(GOOD), c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0)


def of_algorithm(old: bytes, new: bytes) -> bytes:
    content = signed(GOOD)
    assert old in content
    return content.replace(old, new)


def sha1() -> bytes:
    return of_algorithm(
        b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"
    )


def sha1_digest() -> bytes:
    return of_algorithm(b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2000/09/xmldsig#sha1")


def hmac() -> bytes:
    return of_algorithm(
        b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    )


def entity() -> bytes:
    """A file of ours, by an external entity, in a list that is otherwise good."""
    declared = b'<!DOCTYPE TrustServiceStatusList [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    head, rest = signed(GOOD).split(b"\n", 1)
    return head + declared + rest.replace(b">Supervisory body<", b">&a;<")


def entity_in_utf16() -> bytes:
    """A search for the bytes of a declaration does not find it."""
    return entity().decode().replace("UTF-8", "UTF-16").encode("utf-16")


def another_transform() -> bytes:
    """The reference has the text of the list decoded before it is compared."""
    return of_algorithm(
        b"http://www.w3.org/2000/09/xmldsig#enveloped-signature", b"http://www.w3.org/2000/09/xmldsig#base64"
    )


def no_certificate() -> bytes:
    root = parsed(signed(GOOD))
    for one in root.iterfind(f"{DS}Signature/{DS}KeyInfo/{DS}X509Data"):
        one.getparent().remove(one)  # type: ignore[union-attr]
    return text_of(root)


def broken_certificate() -> bytes:
    root = parsed(signed(GOOD))
    [named] = root.iterfind(f"{DS}Signature/{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    named.text = "no certificate"
    return text_of(root)


def other_value() -> bytes:
    root = parsed(signed(GOOD))
    theirs = parsed(signed(FORGED)).findtext(f"{DS}Signature/{DS}SignatureValue")
    [value] = root.iterfind(f"{DS}Signature/{DS}SignatureValue")
    value.text = theirs
    return text_of(root)


def no_value() -> bytes:
    root = parsed(signed(GOOD))
    [value] = root.iterfind(f"{DS}Signature/{DS}SignatureValue")
    value.text = None
    return text_of(root)


@pytest.mark.parametrize(
    ("attack", "says"),
    [
        (unsigned, "is not signed"),
        (changed, "was changed after it was signed"),
        (time_changed, "was changed after it was signed"),
        (by_another, "not among those given in SIGNATURES_EU_SIGNERS"),
        (by_another_in_the_operators_name, "does not fit its certificate|was changed"),
        (wrapped, "does not stand in the list itself"),
        (wrapped_under_another_id, "does not stand in the list itself"),
        (wrapped_in_the_signature, "does not stand in the list itself"),
        (beside_the_signed_one, "does not stand in the list itself"),
        (two_signatures, "more than one signature"),
        (over_a_part, "not over the whole list"),
        (over_nothing, "not over the whole list"),
        (from_elsewhere, "not over the whole list"),
        (plain_signature, "no XAdES signature"),
        (inclusive, "does not know"),
        (sha1, "too weak, or unknown"),
        (sha1_digest, "too weak, or unknown"),
        (hmac, "too weak, or unknown"),
        (entity, "no trusted list"),
        (entity_in_utf16, "no trusted list"),
        (another_transform, "does not know"),
        (no_certificate, "not among those given"),
        (broken_certificate, "names a certificate that cannot be read"),
        (other_value, "does not fit its certificate"),
        (no_value, "no whole XAdES signature"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_is_not_signed_as_it_stands_is_refused(attack: Callable[[], bytes], says: str) -> None:
    with pytest.raises(TrustListProblem, match=says):
        read(attack())


def test_a_forged_list_with_the_id_of_the_signed_one_is_not_taken_for_it() -> None:
    """Only one list is in the file, and two elements have the id that the signature names."""
    listed = trusted_list(FORGED).replace(b"<TrustServiceStatusList ", b'<TrustServiceStatusList Id="TSL" ')
    root = parsed(operator().sign(listed, reference="#TSL"))
    aside = etree.SubElement(root, "Aside")
    aside.set("ID", "TSL")

    with pytest.raises(TrustListProblem, match="not over the whole list"):
        read(text_of(root))


def test_a_small_key_is_refused_even_if_its_certificate_is_given() -> None:
    small = Operator(rsa.generate_private_key(65537, 1024))

    with pytest.raises(TrustListProblem, match="too weak, or of an unknown kind"):
        read(small.sign(trusted_list(GOOD)), small.certificate)


def test_a_comment_changes_nothing_that_is_read() -> None:
    """Canonicalisation leaves comments out, so no text may end where one begins."""
    listed = signed(GOOD).replace(b"/granted</", b"/gran<!-- withdrawn -->ted</")

    assert b"<!--" in listed
    assert granted(listed) == granted(signed(GOOD))


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_no_changed_byte_adds_a_certificate(place: int, byte: int) -> None:
    content = bytearray(_signed_once())
    content[place % len(content)] = byte
    try:
        found = read(bytes(content)).anchors
    except TrustListProblem:
        return
    assert {one.certificate for one in found} <= {OURS.certificate.public_bytes(Encoding.DER)}


def _signed_once() -> bytes:
    global _kept
    _kept = _kept or signed(GOOD)
    return _kept


_kept = b""


# --- settings ---------------------------------------------------------------------------------------------------------


def test_a_start_without_the_certificates_of_a_list_is_refused(settings: Any, tmp_path: Path) -> None:
    held = tmp_path / "pl.pem"
    held.write_bytes(operator().certificate.public_bytes(Encoding.PEM))
    settings.SIGNATURES_EU_LISTS, settings.SIGNATURES_EU_SIGNERS = ["pl.xml"], []

    [missing] = check_trusted_lists(None)
    settings.SIGNATURES_EU_SIGNERS = [str(tmp_path / "gone.pem")]
    with pytest.raises(Unsafe, match=r"gone\.pem cannot be read"):
        refuse_if_unsafe()
    settings.SIGNATURES_EU_SIGNERS = [str(held)]
    assert check_trusted_lists(None) == []

    assert "SIGNATURES_EU_SIGNERS must name a PEM file for each file" in missing.msg
    settings.SIGNATURES_EU_SIGNERS = []
    with pytest.raises(TrustListProblem, match="in the same order"):
        trust_list.current(at=NOW)


def test_the_operator_of_one_list_signs_no_other(settings: Any, tmp_path: Path) -> None:
    others = Operator()
    for name, by in (("pl", operator()), ("de", others)):
        (tmp_path / f"{name}.xml").write_bytes(by.sign(trusted_list(GOOD)))
        (tmp_path / f"{name}.pem").write_bytes(by.certificate.public_bytes(Encoding.PEM))
    lists, signers = ([str(tmp_path / f"{name}.{end}") for name in ("pl", "de")] for end in ("xml", "pem"))
    settings.SIGNATURES_TRUST, settings.SIGNATURES_EU_LISTS, settings.SIGNATURES_EU_SIGNERS = "", lists, signers
    assert len(trust_list.current(at=NOW).anchors) == 2

    settings.SIGNATURES_EU_SIGNERS = signers[::-1]

    with pytest.raises(TrustListProblem, match="not among those given"):
        trust_list.current(at=NOW)


def test_the_fixture_is_what_the_standard_asks_for() -> None:
    root = parsed(signed(GOOD))

    [reference] = [one for one in root.iter(f"{DS}Reference") if one.get("URI") == ""]
    transforms = [one.get("Algorithm") for one in reference.iter(f"{DS}Transform")]
    assert root.tag == LIST
    assert transforms == ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", EXCLUSIVE.value]
