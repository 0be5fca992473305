"""From which network a request comes. Every limit of tries counts networks: whoever has an IPv6 connection has at least
2⁶⁴ addresses of one /64, and may take another for each try."""

from __future__ import annotations

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest
from rest_framework.throttling import ScopedRateThrottle, UserRateThrottle

OF_A_SITE = 64
"""Bits of an IPv6 address that its holder cannot choose (RFC 6177: nobody gets less than a /64)."""
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a translator in front of us writes them (RFC 6052)."""
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d*)?|(?P<four>[\d.]+):\d+")
"""As some proxies write an address."""


def network_of(request: HttpRequest) -> str:
    """An IPv4 address, or the first address of an IPv6 network. Behind our own proxy it is that of the address that the
    proxy saw, whatever the client claims; if that is no address, all such requests count as the proxy's own. Empty
    where even that is not known, so those count together too."""
    return network_from(
        forwarded=request.META.get("HTTP_X_FORWARDED_FOR", ""), remote=request.META.get("REMOTE_ADDR", "")
    )


def network_from(*, forwarded: str, remote: str) -> str:
    """The same from the header that the proxy writes (X-Forwarded-For) and the address of the connection."""
    seen = _network(forwarded.rpartition(",")[2]) if settings.BEHIND_PROXY else ""
    return seen or _network(remote)


def _network(text: str) -> str:
    """Empty for what is no address."""
    written = text.strip()
    with_port = _WITH_PORT.fullmatch(written)
    if with_port:
        written = with_port["six"] or with_port["four"] or ""
    try:
        address = ipaddress.ip_address(written.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    inside = address.ipv4_mapped or address.sixtofour
    if address in _TRANSLATED:
        inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return str(inside or ipaddress.IPv6Network((address, OF_A_SITE), strict=False).network_address)


class UserThrottle(UserRateThrottle):
    """Counts users, and networks where nobody is signed in."""

    def get_ident(self, request: HttpRequest) -> str:
        return network_of(request)


class ScopedThrottle(ScopedRateThrottle):
    """Counts users or networks for each scope of views."""

    def get_ident(self, request: HttpRequest) -> str:
        return network_of(request)
