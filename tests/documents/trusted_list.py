"""A trusted list as a member state publishes it (ETSI TS 119 612), with the services that a test wants."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

URI = "http://uri.etsi.org/TrstSvc"
AUTHORITY = f"{URI}/Svctype/CA/QC"
TIME_STAMPS = f"{URI}/Svctype/TSA/QTST"
GRANTED = f"{URI}/TrustedList/Svcstatus/granted"
WITHDRAWN = f"{URI}/TrustedList/Svcstatus/withdrawn"
SIGNATURES = f"{URI}/TrustedList/SvcInfoExt/ForeSignatures"
SEALS = f"{URI}/TrustedList/SvcInfoExt/ForeSeals"
WEBSITES = f"{URI}/TrustedList/SvcInfoExt/ForWebSiteAuthentication"


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


def trusted_list(*services: Service, until: str = "2027-04-30T00:00:00Z") -> bytes:
    listed = "\n".join(service.xml() for service in services)
    next_update = f"<NextUpdate><dateTime>{until}</dateTime></NextUpdate>" if until else "<NextUpdate/>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier><TSLSequenceNumber>41</TSLSequenceNumber>
<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>
<SchemeOperatorName><Name xml:lang="en">Supervisory body</Name></SchemeOperatorName>
<SchemeTerritory>PL</SchemeTerritory><ListIssueDateTime>2026-11-01T00:00:00Z</ListIssueDateTime>
{next_update}</SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider>
<TSPInformation><TSPName><Name xml:lang="en">Demonstration Trust Services</Name></TSPName></TSPInformation>
<TSPServices>{listed}</TSPServices>
</TrustServiceProvider></TrustServiceProviderList>
</TrustServiceStatusList>""".encode()
