"""Where a URI is reached: by NAPTR, SRV, A and AAAA records (RFC 3263, section 4), in the order to try them."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver
from aiosipua.headers import SipUri, parse_uri
from dns.rdata import Rdata
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from backoffice.voice.sip.hops import Hop, Transport, Unreachable, host_of, is_literal, transport_of

ANSWERS_WITHIN = 2.0
"""Seconds for each question."""
MOST = 16
"""Addresses of one URI."""
_CHANCE = secrets.SystemRandom()
_SERVICES = {"SIP+D2U": Transport.UDP, "SIP+D2T": Transport.TCP, "SIPS+D2T": Transport.TLS}
_SRV = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}


class Resolver(Protocol):
    """Asks the DNS. `dns.asyncresolver` is the real one."""

    async def records(self, name: str, kind: str) -> Sequence[Rdata]:
        """Of this name and kind ("SRV", "NAPTR"); empty where there are none, or nobody answers."""
        ...


class Dns:
    """The resolver of the system; what it answers is kept as long as the answer says."""

    def __init__(self) -> None:
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def records(self, name: str, kind: str) -> Sequence[Rdata]:
        """See `Resolver.records`."""
        try:
            if self._resolver is None:
                self._resolver = dns.asyncresolver.Resolver()
                self._resolver.cache = dns.resolver.LRUCache(1000)
            answer = await self._resolver.resolve(name, kind, lifetime=ANSWERS_WITHIN)
        except (dns.exception.DNSException, OSError, UnicodeError):
            return ()
        return tuple(answer)


DNS = Dns()


async def locate(text: str, *, otherwise: Transport, resolver: Resolver | None = None) -> Sequence[Hop]:
    """All addresses of a URI, the first to be tried first. Raises `Unreachable` where there is none."""
    uri = parse_uri(text)
    transport, host = transport_of(uri, otherwise), host_of(uri)
    if is_literal(host):
        return (Hop(transport, host, uri.port or transport.default_port, host),)
    servers = [] if uri.port else await _servers(uri, host, transport, resolver or DNS)
    hops: list[Hop] = []
    for by, name, port in servers or [(transport, host, uri.port or transport.default_port)]:
        hops += await _addresses(by, name, port, shown=host)
    if not hops:
        raise Unreachable("name")
    return tuple(dict.fromkeys(hops))[:MOST]


async def _servers(
    uri: SipUri, host: str, transport: Transport, resolver: Resolver
) -> list[tuple[Transport, str, int]]:
    """Those that SRV records name. Where the URI leaves the transport open, NAPTR records say which the domain has
    (4.1); a sips URI goes by TLS alone."""
    named = [(transport, f"{_SRV[transport]}.{host}")]
    if uri.scheme != "sips" and not uri.params.get("transport"):
        named = await _by_naptr(host, resolver) or [*named, *((one, f"{_SRV[one]}.{host}") for one in Transport)]
    found: list[tuple[Transport, str, int]] = []
    asked = list(dict.fromkeys(named))
    answers = await asyncio.gather(*(resolver.records(name, "SRV") for _by, name in asked))
    for (by, _name), answer in zip(asked, answers, strict=True):
        records = [one for one in answer if isinstance(one, SRV)]
        found += [(by, _text(one.target), one.port) for one in _in_order(records) if _text(one.target)]
    return found


async def _by_naptr(host: str, resolver: Resolver) -> list[tuple[Transport, str]]:
    records = [one for one in await resolver.records(host, "NAPTR") if isinstance(one, NAPTR)]
    usable = [one for one in records if one.flags.lower() == b"s" and _service(one) in _SERVICES]
    usable.sort(key=lambda one: (one.order, one.preference))
    return [(_SERVICES[_service(one)], _text(one.replacement)) for one in usable]


def _service(record: NAPTR) -> str:
    return record.service.decode("ascii", errors="replace").upper()


def _in_order(records: Iterable[SRV]) -> list[SRV]:
    """By priority, and within one by chance in proportion to their weights (RFC 2782)."""
    ordered: list[SRV] = []
    for _priority, group in groupby(sorted(records, key=lambda one: one.priority), key=lambda one: one.priority):
        left = list(group)
        while left:
            [chosen] = _CHANCE.choices(left, weights=[one.weight + 0.01 for one in left])
            ordered.append(chosen)
            left.remove(chosen)
    return ordered


async def _addresses(transport: Transport, name: str, port: int, *, shown: str) -> list[Hop]:
    """Over TLS the certificate must show the domain that was asked for, not what SRV made of it (RFC 5922, 4)."""
    try:
        loop = asyncio.get_running_loop()
        found = await asyncio.wait_for(loop.getaddrinfo(name, port, type=socket.SOCK_DGRAM), ANSWERS_WITHIN)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [Hop(transport, str(address[4][0]), port, shown) for address in found]


def _text(name: object) -> str:
    """Without the dot at its end; "." says that there is no such service."""
    return str(name).rstrip(".")
