"""Where a message is sent to, or came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from aiosipua.headers import SipUri

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


@dataclass(frozen=True, slots=True)
class Way:
    """The SIP URI that is called, and the first hop to it."""

    uri: str
    hop: Hop
