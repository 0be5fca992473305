"""Who vouches for a mail: DKIM (RFC 6376) by dkimpy, SPF (RFC 7208) by pyspf, DMARC (RFC 7489) with the look-up of
authheaders, ARC (RFC 8617) by dkimpy. The resolver is injected; whatever a mail holds, the work is bounded.

Measured traps: dkimpy asks its resolver with bytes, DMARC's look-up with a str, and pyspf with a function of its
module. The alignment of authheaders reads a domain only up to its first hyphen, so `bank.example-evil.net` would be
aligned with `bank.example`: it is not used, nor is its reading of the suffix list at each call. A mail without a
signature reads "fail" there; here it has no signature. A signature over a part of the body proves nothing.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import dkim
import spf
from authheaders.dmarc_lookup import DMARCException, lookup_receiver_record
from authres import AuthenticationResultsHeader, AuthResError

from backoffice import idn
from backoffice.mail_orders.resolving import NoAnswer, Resolver
from backoffice.trust.mails.organisations import organisation

MOST_SIGNATURES = 3
"""Of a mail with more, the first ones are checked."""
MOST_SEALS = 10
MOST_BLANKS = 20_000_000
"""The sum of the squares of the lengths of runs of blanks: dkimpy's time for the relaxed form grows with it."""
_BLANKS = re.compile(rb"[ \t]{32,}")
_SEAL = re.compile(rb"(?im)^arc-seal[ \t]*:")
_silent = logging.getLogger("backoffice.mail_orders.silent")
_silent.disabled = True
"""dkimpy logs what it reads: domains and headers of people."""


@dataclass(frozen=True)
class Signature:
    """`result` is pass, fail, partial (it covers a part of the body only), away (the key could not be asked for) or
    costly (it was not checked)."""

    domain: str
    result: str


@dataclass(frozen=True)
class Authentication:
    """`spf` is as in RFC 7208, or "unknown" where it cannot be checked; `dmarc` is pass, fail, none or away. `policy`
    is what the domain of From asks for: none, quarantine, reject; empty without one. `arc` is none, pass or fail,
    `sealer` who sealed last."""

    signatures: tuple[Signature, ...] = ()
    spf: str = "unknown"
    spf_domain: str = ""
    dmarc: str = "none"
    policy: str = ""
    arc: str = "none"
    sealer: str = ""


def authenticate(
    raw: bytes, *, sender: str, ip: str, helo: str, mail_from: str, resolver: Resolver, told_spf: str = ""
) -> Authentication:
    """`sender` is the address in From, as `accepting.check` gives it. `told_spf` is the result of SPF of our own mail
    server, which alone knows from where the mail came; empty where there is none."""
    signatures = _signatures(raw, resolver)
    envelope = mail_from.rpartition("@")[2] or helo
    spf_domain = idn.to_ascii(envelope) or ""
    result = told_spf or _spf(ip=ip, helo=helo, mail_from=mail_from, resolver=resolver)
    vouched = {one.domain for one in signatures if one.result == "pass"}
    if result == "pass" and spf_domain:
        vouched.add(spf_domain)
    dmarc, policy = _dmarc(sender.rpartition("@")[2].lower(), vouched, signatures, resolver)
    arc, sealer = _arc(raw, resolver)
    return Authentication(tuple(signatures), result, spf_domain, dmarc, policy, arc, sealer)


def told_by_us(headers: list[str], *, authserv_id: str) -> str:
    """What SPF gave at our own mail server, from the topmost Authentication-Results with its name (RFC 8601); empty
    when there is none, or no name is configured. The server must remove those with its name that come from outside."""
    for header in headers:
        try:
            found = AuthenticationResultsHeader.parse(f"Authentication-Results: {' '.join(header.split())}")
        except (AuthResError, ValueError, IndexError):
            continue
        if authserv_id and str(found.authserv_id).lower() == authserv_id.lower():
            return next((str(one.result).lower() for one in found.results if one.method == "spf"), "")
    return ""


def _signatures(raw: bytes, resolver: Resolver) -> list[Signature]:
    costly = sum(len(run) ** 2 for run in _BLANKS.findall(raw)) > MOST_BLANKS
    reader = dkim.DKIM(raw, logger=_silent)
    count = sum(name.lower() == b"dkim-signature" for name, _value in reader.headers)
    return [_signature(reader, place, resolver, costly=costly) for place in range(min(count, MOST_SIGNATURES))]


def _signature(reader: Any, place: int, resolver: Resolver, *, costly: bool) -> Signature:
    if costly:
        return Signature("", "costly")
    try:
        passed = reader.verify(place, dnsfunc=_for_dkim(resolver))
        result = "pass" if passed else "fail"
    except NoAnswer:
        result = "away"
    except Exception:  # Whatever a forged signature breaks in the library, it is no valid one
        return Signature(_domain_of(reader), "fail")
    if result == "pass" and b"l" in reader.signature_fields:
        result = "partial"
    return Signature(_domain_of(reader), result)


def _domain_of(reader: Any) -> str:
    named = reader.signature_fields.get(b"d", b"").decode("latin-1")
    return idn.to_ascii(named) or ""


def _for_dkim(resolver: Resolver) -> Any:
    """In bytes, and None where there is no key."""

    def txt(name: bytes, timeout: int = 5) -> bytes | None:
        found = resolver.records(name.decode("latin-1"), "TXT")
        return found[0].encode("latin-1") if found else None

    return txt


_asks: ContextVar[Resolver] = ContextVar("spf_resolver")


def _for_spf(name: str, kind: str, strict: bool = True, timeout: float = 20) -> list[Any]:
    """In the form of pyspf's own look-up. Without a resolver of ours it asks nobody."""
    try:
        found = _asks.get().records(name, kind)
    except NoAnswer as away:
        raise spf.TempError(f"DNS {away}") from None
    if kind in ("TXT", "SPF"):
        return [((name, kind), (text.encode("latin-1"),)) for text in found]
    if kind == "MX":
        pairs = (text.split(" ", 1) for text in found)
        return [((name, kind), (int(pair[0]), pair[-1])) for pair in pairs if pair[0].isdigit()]
    return [((name, kind), text) for text in found]


spf.DNSLookup = _for_spf


def _spf(*, ip: str, helo: str, mail_from: str, resolver: Resolver) -> str:
    """ "unknown" where the mail came through a server of our own, whose address says nothing."""
    try:
        if not ipaddress.ip_address(ip).is_global:
            return "unknown"
    except ValueError:
        return "unknown"
    token = _asks.set(resolver)
    try:
        result = spf.query(i=ip, s=mail_from, h=helo, timeout=5, querytime=15).check()[0]
    except Exception:  # A record that breaks the library vouches for nobody
        result = "permerror"
    finally:
        _asks.reset(token)
    return str(result or "none")


def _dmarc(domain: str, vouched: set[str], signatures: list[Signature], resolver: Resolver) -> tuple[str, str]:
    """The result and the policy. The domain of From must be vouched for, itself or, where its policy is relaxed, by its
    organisation."""
    try:
        record, of_organisation = _policy_record(domain, resolver)
    except (NoAnswer, DMARCException):
        return "away", ""
    if not record or record.get("p") not in ("none", "quarantine", "reject"):
        return "none", ""
    policy = str(record.get("sp", record["p"]) if of_organisation else record["p"])
    by_signature = {one.domain for one in signatures if one.result == "pass"}
    for other in vouched:
        strict = record.get("adkim" if other in by_signature else "aspf", "r") == "s"
        if other == domain or (not strict and organisation(other) == organisation(domain)):
            return "pass", policy
    return "fail", policy


def _policy_record(domain: str, resolver: Resolver) -> tuple[dict[str, str], bool]:
    def txt(name: str) -> str | None:
        found = [text for text in resolver.records(name, "TXT") if text.startswith("v=DMARC1")]
        return found[0] if len(found) == 1 else None

    record: dict[str, str] = lookup_receiver_record(domain, txt)
    above = organisation(domain)
    if record or above == domain:
        return record, False
    return lookup_receiver_record(above, txt), True


def _arc(raw: bytes, resolver: Resolver) -> tuple[str, str]:
    """The state of the chain, and who sealed last."""
    head = raw.partition(b"\r\n\r\n")[0]
    seals = len(_SEAL.findall(head))
    if seals == 0:
        return "none", ""
    if seals > MOST_SEALS:
        return "fail", ""
    try:
        state, _results, _comment = dkim.ARC(raw, logger=_silent).verify(dnsfunc=_for_dkim(resolver))
    except Exception:  # Whatever a forged chain breaks in the library, it is no valid one
        return "fail", ""
    named = re.search(rb"(?im)^arc-seal[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", head)
    told = re.search(rb"[;\s]d=([^;\s]{1,253})", named[0] if named else b"")
    sealer = idn.to_ascii(told[1].decode("latin-1")) if told else None
    return ("pass", sealer or "") if state == b"pass" else ("fail", sealer or "")
