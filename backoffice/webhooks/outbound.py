"""One request to a partner's system, which may reach nothing of our own whatever its address says.

The address is `https`, its host is resolved by us, each address that this gives must be a public one, and exactly the
checked one is connected to, so a name that changes between check and use gains nothing. No redirect is followed, no
proxy asked. `WEBHOOK_NETWORKS` names networks that are allowed besides; `http` is allowed to a loopback address of
them only, for the embedded stack.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.refusals import Invalid

CONNECTING, IN_ALL = 5.0, 15.0
"""Seconds for a connection, and for the whole request however slowly an answer drips in."""
LARGEST_ANSWER = 16 * 1024
"""In bytes; the rest is not read."""
LONGEST_URL = 500
_PORTS = {"https": 443, "http": 80}
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    """`retry_after` is in seconds, where the partner said so in numbers."""

    status: int
    retry_after: int | None = None


class NotReachedError(Exception):
    """There was no answer; the text says why in one word, for the log."""


def check(url: str) -> SplitResult:
    """The parts of an address that may be written to. Raises `Invalid` on `url`. Where its name leads is looked at only
    when something is sent."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(_("This is no address. It begins with https://.")) from None
    if parts.scheme not in ("https", "http") or not host:
        raise _refused(_("This is no address. It begins with https://."))
    if len(url) > LONGEST_URL or not url.isascii() or any(one <= " " or one == "\x7f" for one in url):
        raise _refused(_("The address has at most 500 characters: letters without accents, digits, no blanks."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused(_("Leave out the name, the password and what follows #."))
    literal = _literal(host)
    if literal is not None and not may_reach(literal):
        raise _refused(_("This address lies in a network that we do not write to."))
    if parts.scheme == "http" and not (literal is not None and literal.is_loopback and _is_listed(literal)):
        raise _refused(_("The address begins with https://: what we send is not for everybody on the way."))
    return parts


def may_reach(address: Address) -> bool:
    """Whether something may be sent to this address: a public one, or one of `WEBHOOK_NETWORKS`."""
    if _is_listed(address):
        return True
    inside = _inside(address)
    if inside is not None:
        return may_reach(inside)
    local = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not local


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Sends it once. Raises `NotReachedError` when there is no answer."""
    try:
        parts = check(url)
    except Invalid:
        raise NotReachedError("address_not_allowed") from None
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    found = _resolved(host, port)
    if not all(may_reach(address) for address in found):
        raise NotReachedError("address_not_allowed")
    try:
        with _connected(found[0], port, host if parts.scheme == "https" else "") as connection:
            return _ask(connection, parts, body, headers)
    except ssl.SSLError as error:
        raise NotReachedError(type(error).__name__) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotReachedError(type(error).__name__) from None


def _ask(connection: socket.socket, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    """One request on an open connection, which is shut down when the time is over."""
    line = http.client.HTTPConnection(parts.hostname or "", timeout=IN_ALL)
    line.sock = connection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    stop = threading.Timer(IN_ALL, _shut, [connection])
    stop.daemon = True
    stop.start()
    try:
        line.request("POST", path, body=body, headers={"Host": parts.netloc, **headers, "Connection": "close"})
        answer = line.getresponse()
        answer.read(LARGEST_ANSWER)
    finally:
        stop.cancel()
    told = answer.getheader("Retry-After", "")
    return Answer(answer.status, int(told) if told.isascii() and told.isdigit() and len(told) < 9 else None)


@contextlib.contextmanager
def _connected(address: Address, port: int, name: str) -> Iterator[socket.socket]:
    """A connection to exactly this address; `name` is the one that its certificate must show, empty without TLS."""
    with socket.create_connection((str(address), port), timeout=CONNECTING) as plain:
        if not name:
            yield plain
            return
        with ssl.create_default_context().wrap_socket(plain, server_hostname=name) as secured:
            yield secured


def _resolved(host: str, port: int) -> list[Address]:
    """All addresses of the host. Raises `NotReachedError` for a name that leads nowhere."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReachedError("unknown_host") from None
    return [ipaddress.ip_address(str(where[4][0]).partition("%")[0]) for where in found]


def _literal(host: str) -> Address | None:
    """The address that a host is written as. Old ways of writing one, such as `0x7f.1`, are names to us; they are
    checked like all others once they are resolved."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inside(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which an IPv6 address leads."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_listed(address: Address) -> bool:
    return any(address in ipaddress.ip_network(network) for network in settings.WEBHOOK_NETWORKS)


def _shut(connection: socket.socket) -> None:
    """Whoever waits on it gets an error or the end; one that is closed already stays so."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _refused(sentence: str) -> Invalid:
    return Invalid({"url": [sentence]})
