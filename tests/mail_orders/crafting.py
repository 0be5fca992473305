"""Mails made to measure: signed with keys of their own, against name servers that only the test knows."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from backoffice.mail_orders.resolving import NoAnswer

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
"""When they come in: a mail of long ago is read as one that was sent again."""
ON_FILE = "maria.jansen@example.org"
OUR_BOX = "orders@meridian.example"
SERVER = "11.22.33.44"
"""May send for example.org."""
STRANGER = "55.66.77.88"
"""May send for the domains of the thieves."""


def dated(ago: timedelta) -> str:
    """The header of a mail that was written so long before `NOW`."""
    return format_datetime(NOW - ago)


HEADERS = {
    "From": f"Maria Jansen <{ON_FILE}>",
    "To": OUR_BOX,
    "Subject": "My card",
    "Date": dated(timedelta(minutes=1)),
    "Message-ID": "<1@example.org>",
}
TEXT = "Hello,\r\nmy card is lost. Please send me a new one.\r\nMaria Jansen\r\n"


class Names:
    """Name servers with these records, by "TXT name". `away` are names for which nobody answers."""

    def __init__(self, records: Mapping[str, Sequence[str]], away: Sequence[str] = ()) -> None:
        self.records_by_name = dict(records)
        self.away = away
        self.asked: list[str] = []

    def records(self, name: str, kind: str) -> list[str]:
        self.asked.append(f"{kind} {name}")
        if name in self.away or "*" in self.away:
            raise NoAnswer("away")
        return list(self.records_by_name.get(f"{kind} {name}", ()))


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


@cache
def _pem() -> bytes:
    formats = serialization.PrivateFormat.TraditionalOpenSSL
    return _key().private_bytes(serialization.Encoding.PEM, formats, serialization.NoEncryption())


@cache
def public() -> str:
    """The record of the one key that all domains here sign with."""
    der = _key().public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def domain(name: str, *, ip: str = STRANGER, policy: str = "p=reject", spf: bool = True) -> dict[str, list[str]]:
    """The records of a domain that signs, names its server, and has a policy, or none."""
    records = {f"TXT s._domainkey.{name}": [public()]}
    if spf:
        records[f"TXT {name}"] = [f"v=spf1 ip4:{ip} -all"]
    if policy:
        records[f"TXT _dmarc.{name}"] = [f"v=DMARC1; {policy}"]
    return records


WORLD = {
    **domain("example.org", ip=SERVER),
    **domain("mail.example.org", ip=SERVER, policy=""),
    **domain("strict.example", ip=SERVER, policy="p=reject; adkim=s; aspf=s"),
    **domain("mail.strict.example", ip=SERVER, policy=""),
    **domain("lenient.example", policy="p=none", ip=SERVER),
    **domain("plain.example", policy="", ip=SERVER),
    **domain("twice.example", policy="", ip=SERVER),
    "TXT _dmarc.twice.example": ["v=DMARC1; p=reject", "v=DMARC1; p=none"],
    **domain("thief.example", policy="p=reject"),
    **domain("example.com", policy="p=reject"),
    **domain("exmaple.org", policy="p=reject"),
    **domain("examp1e.org", policy="p=reject"),
    **domain("example.org-secure.net", policy=""),
    **domain("xn--exmple-4nf.org", policy="p=reject"),
    **domain("forwarder.example", policy="p=reject"),
    **domain("meridian.example", policy="p=reject", ip="99.88.77.66"),
}
"""What the name servers say."""


def mail(text: str = TEXT, *, drop: Sequence[str] = (), **headers: str) -> bytes:
    """A mail from Maria with these headers instead: `Reply_To="…"`."""
    named = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{name}: {value}" for name, value in named.items() if name not in drop]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def signed(raw: bytes, by: str = "example.org", *, whole: bool = True) -> bytes:
    """With a signature of the domain in front; without `whole` it covers only as much of the body as there is now."""
    include = [b"from", b"to", b"subject", b"date", b"message-id"]
    return bytes(dkim.sign(raw, b"s", by.encode(), _pem(), include_headers=include, length=not whole)) + raw


def sealed(raw: bytes, by: str = "forwarder.example", *, results: str = "dmarc=pass header.from=example.org") -> bytes:
    """As a forwarder hands it on, with its seals (ARC) in front."""
    raw = f"Authentication-Results: {by}; {results}\r\n".encode() + raw
    name = by.encode()
    include = [b"from", b"to", b"subject", b"date", b"message-id"]
    return b"".join(dkim.arc_sign(raw, b"s", name, _pem(), name, include_headers=include)) + raw


def in_parts(*parts: str) -> dict[str, str]:
    """Headers and text of a mail of several parts, each with its own headers: `mail(**in_parts(…))`."""
    body = "".join(f"--parts\r\n{part}\r\n" for part in parts) + "--parts--\r\n"
    return {"text": body, "MIME_Version": "1.0", "Content_Type": 'multipart/mixed; boundary="parts"'}


def attached(name: str, kind: str = "application/octet-stream") -> str:
    return f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nMZ\r\n'


PLAIN = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}"
