"""Reads a trusted list of a member state of the European Union (ETSI TS 119 612, version 5 or 6 of the format).

A list names services of trust service providers; those that are granted now count here: authorities that issue
qualified certificates for electronic signatures (CA/QC), and those that issue qualified time stamps (TSA/QTST). The
list's own signature is checked by the certificates that are given (`eu_signature`); the list of the lists, which says
whose they are, is not read: whoever names the certificates has checked it. Qualifications of single certificates
(`Qualifications` extensions) are not read either: what is accepted is a signature from a granted authority.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from lxml import etree

from .eu_signature import issue_time, moment, signed_list
from .trust_list import Anchor, TrustList, TrustListProblem

_NS = {"tsl": "http://uri.etsi.org/02231/v2#"}
_URI = "http://uri.etsi.org/TrstSvc/"
_AUTHORITY = f"{_URI}Svctype/CA/QC"
_TIME_STAMPS = f"{_URI}Svctype/TSA/QTST"
_GRANTED = f"{_URI}TrustedList/Svcstatus/granted"
_FOR_SIGNATURES = f"{_URI}TrustedList/SvcInfoExt/ForeSignatures"
_FOR_ANYTHING = f"{_URI}TrustedList/SvcInfoExt/For"


LONGEST = timedelta(days=186)
"""Between the issue of a list and the next: six months (TS 119 612, 5.3.15). Whoever has the key of a certificate that
ran out long ago can date a list back no further."""


def read_eu_list(content: bytes, *, signers: Sequence[x509.Certificate], at: datetime) -> TrustList:
    """The anchors that a list grants. Raises TrustListProblem for one that is no such list, was not signed by one of
    these certificates, or has run out at `at` (aware UTC)."""
    root = signed_list(content, signers=signers)
    _check_date(root, at=at)
    return TrustList(anchors=tuple(dict.fromkeys(_anchors(root))))


def _check_date(root: etree._Element, *, at: datetime) -> None:
    """A list says when the next will come, at most six months later; then it may not be used."""
    written = _text(root, "tsl:SchemeInformation/tsl:NextUpdate/tsl:dateTime")
    if not written:
        raise TrustListProblem("The list does not say until when it may be used: the scheme has been closed.")
    issued, ends = issue_time(root), moment(written)
    if ends < at:
        territory = _text(root, "tsl:SchemeInformation/tsl:SchemeTerritory")
        raise TrustListProblem(f"The trusted list of {territory} ran out on {written}: bring the new one.")
    if issued > at or ends - issued > LONGEST:
        raise TrustListProblem("The list is dated ahead, or says that it holds for more than six months.")


def _anchors(root: etree._Element) -> Iterator[Anchor]:
    for service in root.iterfind(".//tsl:TSPService/tsl:ServiceInformation", _NS):
        kind = _text(service, "tsl:ServiceTypeIdentifier")
        if kind not in {_AUTHORITY, _TIME_STAMPS} or _text(service, "tsl:ServiceStatus") != _GRANTED:
            continue
        if kind == _AUTHORITY and not _is_for_signatures(service):
            continue
        since = moment(_text(service, "tsl:StatusStartingTime"))
        for held in service.iterfind("tsl:ServiceDigitalIdentity/tsl:DigitalId/tsl:X509Certificate", _NS):
            certificate = _certificate(held.text or "")
            yield Anchor(certificate, since, for_people=kind == _AUTHORITY, for_time_stamps=kind == _TIME_STAMPS)


def _is_for_signatures(service: etree._Element) -> bool:
    """A service that says what its certificates are for must say signatures; an old one says nothing."""
    path = "tsl:ServiceInformationExtensions/tsl:Extension/tsl:AdditionalServiceInformation/tsl:URI"
    told = [(one.text or "").strip() for one in service.iterfind(path, _NS)]
    purposes = [uri for uri in told if uri.startswith(_FOR_ANYTHING)]
    return not purposes or _FOR_SIGNATURES in purposes


def _certificate(text: str) -> bytes:
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        x509.load_der_x509_certificate(der)
    except (binascii.Error, ValueError):
        raise TrustListProblem("The list holds a certificate that cannot be read.") from None
    return der


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path, namespaces=_NS) or "").strip()
