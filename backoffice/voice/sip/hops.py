"""Where a message is sent to, or came from."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from aiosipua.headers import SipUri, parse_uri

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Transport(StrEnum):
    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"

    @property
    def reliable(self) -> bool:
        """Whether the network resends by itself, so that transactions need not."""
        return self is not Transport.UDP

    @property
    def default_port(self) -> int:
        return 5061 if self is Transport.TLS else 5060


@dataclass(frozen=True, slots=True)
class Hop:
    """A transport address. `host` is an IP literal; `name` is the one that a certificate must show over TLS."""

    transport: Transport
    host: str
    port: int
    name: str = field(default="", compare=False)


class Unreachable(Exception):
    """There is no way to this address. The text is a code."""


def host_of(uri: SipUri) -> str:
    return uri.host.removeprefix("[").removesuffix("]")


def is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_within(host: str, networks: Iterable[Network]) -> bool:
    """Whether the IP literal is in one of the networks; no name ever is."""
    if not is_literal(host):
        return False
    address = ipaddress.ip_address(host)
    return any(address in network for network in networks)


def transport_of(uri: SipUri, otherwise: Transport) -> Transport:
    """What a URI asks for: TLS for sips, or its parameter (RFC 3263, 4.1). Raises `Unreachable` for one unknown."""
    if uri.scheme == "sips":
        return Transport.TLS
    asked = (uri.params.get("transport") or "").upper()
    if not asked:
        return otherwise
    try:
        return Transport(asked)
    except ValueError:
        raise Unreachable("transport") from None


async def resolve(text: str, *, otherwise: Transport) -> Hop:
    """The address of a URI, by A and AAAA records where its host is a name; without NAPTR and SRV (RFC 3263).

    Raises `Unreachable`.
    """
    uri = parse_uri(text)
    transport = transport_of(uri, otherwise)
    host, port = host_of(uri), uri.port or transport.default_port
    if is_literal(host):
        return Hop(transport, host, port, host)
    try:
        loop = asyncio.get_running_loop()
        found = await asyncio.wait_for(loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM), 5)
    except (OSError, UnicodeError, TimeoutError):
        raise Unreachable("name") from None
    return Hop(transport, str(found[0][4][0]), port, host)
