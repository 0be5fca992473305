"""A trusted list as a member state publishes it (ETSI TS 119 612), with the services that a test wants."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.xades.xades import XAdESSigner

URI = "http://uri.etsi.org/TrstSvc"
AUTHORITY = f"{URI}/Svctype/CA/QC"
TIME_STAMPS = f"{URI}/Svctype/TSA/QTST"
GRANTED = f"{URI}/TrustedList/Svcstatus/granted"
WITHDRAWN = f"{URI}/TrustedList/Svcstatus/withdrawn"
SIGNATURES = f"{URI}/TrustedList/SvcInfoExt/ForeSignatures"
SEALS = f"{URI}/TrustedList/SvcInfoExt/ForeSeals"
EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
DS = "{http://www.w3.org/2000/09/xmldsig#}"
LONG_AGO, LONG_TO_COME = datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
WEBSITES = f"{URI}/TrustedList/SvcInfoExt/ForWebSiteAuthentication"


def written(days: int) -> str:
    """The time so many days from now, as a list has it."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


LATELY, IN_FORCE = written(-28), written(150)
"""A list is published again within six months."""


@dataclass(frozen=True)
class Service:
    certificate: x509.Certificate
    kind: str = AUTHORITY
    status: str = GRANTED
    since: str = "2017-03-01T00:00:00Z"
    purposes: tuple[str, ...] = (SIGNATURES, SEALS)

    def xml(self) -> str:
        der = base64.encodebytes(self.certificate.public_bytes(Encoding.DER)).decode()
        told = "".join(
            f'<Extension Critical="true"><AdditionalServiceInformation><URI xml:lang="en">{purpose}</URI>'
            "</AdditionalServiceInformation></Extension>"
            for purpose in self.purposes
        )
        return f"""<TSPService><ServiceInformation>
<ServiceTypeIdentifier>{self.kind}</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">Qualified service</Name></ServiceName>
<ServiceDigitalIdentity>
<DigitalId><X509Certificate>{der}</X509Certificate></DigitalId>
<DigitalId><X509SubjectName>{self.certificate.subject.rfc4514_string()}</X509SubjectName></DigitalId>
</ServiceDigitalIdentity>
<ServiceStatus>{self.status}</ServiceStatus>
<StatusStartingTime>{self.since}</StatusStartingTime>
<ServiceInformationExtensions>{told}</ServiceInformationExtensions>
</ServiceInformation></TSPService>"""


def trusted_list(*services: Service, until: str = IN_FORCE, issued: str = LATELY) -> bytes:
    listed = "\n".join(service.xml() for service in services)
    next_update = f"<NextUpdate><dateTime>{until}</dateTime></NextUpdate>" if until else "<NextUpdate/>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier><TSLSequenceNumber>41</TSLSequenceNumber>
<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>
<SchemeOperatorName><Name xml:lang="en">Supervisory body</Name></SchemeOperatorName>
<SchemeTerritory>PL</SchemeTerritory><ListIssueDateTime>{issued}</ListIssueDateTime>
{next_update}</SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider>
<TSPInformation><TSPName><Name xml:lang="en">Demonstration Trust Services</Name></TSPName></TSPInformation>
<TSPServices>{listed}</TSPServices>
</TrustServiceProvider></TrustServiceProviderList>
</TrustServiceStatusList>""".encode()


class Signer(XAdESSigner):
    """Says of each reference that it is canonicalised exclusively, as EN 319 132-1 has it. The library's own does so
    for the first alone; the others would then take over the namespace of the list."""

    def _add_reference_to_signed_info(self, sig_root: Any, node_to_reference: Any, **attrs: Any) -> None:
        super()._add_reference_to_signed_info(sig_root, node_to_reference, **attrs)  # type: ignore[no-untyped-call]
        reference = list(sig_root.iter(f"{DS}Reference"))[-1]
        transforms = etree.Element(f"{DS}Transforms")
        etree.SubElement(transforms, f"{DS}Transform", Algorithm=EXCLUSIVE.value)
        reference.insert(0, transforms)


class Operator:
    """A scheme operator, with a key and a certificate that is valid from `since` to `until`."""

    def __init__(self, key: Any = None, *, since: datetime = LONG_AGO, until: datetime = LONG_TO_COME) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Scheme operator")])
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        self.certificate = made.sign(self.key, hashes.SHA256())

    def sign(self, content: bytes, *, by: Any = Signer, reference: str = "", **how: Any) -> bytes:
        """The list with its signature, as the standard has it; or with another signer, algorithm or reference."""
        told: dict[str, Any] = {"c14n_algorithm": EXCLUSIVE}
        told["signature_algorithm"] = "rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa-sha256"
        listed = etree.fromstring(content)
        whole = by(**(told | how)).sign(listed, key=self.key, cert=[self.certificate], reference_uri=reference or None)
        return bytes(etree.tostring(whole, xml_declaration=True, encoding="UTF-8"))


@cache
def operator() -> Operator:
    """The one whose certificate we were given."""
    return Operator()


def signed(*services: Service, **told: Any) -> bytes:
    """The list as the scheme operator publishes it."""
    return operator().sign(trusted_list(*services, **told))
