"""The line to a registry: TLS, and the frames of RFC 5734. It replaces the transport of `epptools`, whose time-out
counts each `recv`, and which goes on after an answer that cannot be read.

A line is used for as long as everything on it can be understood. After a time-out, a wrong length, bytes that are no
UTF-8 or text that is no XML it is dead for good: what comes next on it may be the answer to another command.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from epptools.exceptions import ConnectionException, ValidationException
from epptools.transport import Transport

LARGEST = 256 * 1024
"""Bytes of a frame, in either direction; the largest honest answer is a few kilobytes."""
DEEPEST = 32
"""Elements within elements; the schemas nest ten deep."""
_NOT_SENT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a registry listens, and by which files in PEM both sides know each other; an empty `authority` is those
    whom this machine trusts."""

    host: str
    port: int
    authority: str = ""
    cert: str = ""
    key: str = ""


class Line(Transport):
    """One connection. Whoever uses it says with `until` by when all of it must be done."""

    def __init__(self, address: Address, connection: ssl.SSLSocket | None = None) -> None:
        """`connection` is one that is open already; without it, `open` makes one."""
        self._address = address
        self._socket = connection
        self._deadline = 0.0

    def until(self, deadline: float) -> None:
        """The moment, on the monotonic clock, after which nothing is waited for."""
        self._deadline = deadline

    def open(self) -> None:
        """Raises `ConnectionException` for a registry that does not answer or that we do not trust."""
        try:
            plain = socket.create_connection((self._address.host, self._address.port), timeout=self._left())
        except OSError as failed:
            raise ConnectionException(f"no connection: {type(failed).__name__}") from None
        try:
            plain.settimeout(self._left())
            self._socket = self._context().wrap_socket(plain, server_hostname=self._address.host)
        except (OSError, ValueError) as failed:
            plain.close()
            raise ConnectionException(f"no TLS: {_reason(failed)}") from None

    def is_open(self) -> bool:
        return self._socket is not None

    def is_quiet(self) -> bool:
        """Whether it is open and nothing arrived on it since the last answer. The end of a connection arrives, too."""
        if self._socket is None:
            return False
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return not self._socket.pending() and not waiting.poll(0)

    def write_frame(self, xml: str) -> None:
        """Raises `ValidationException` for a character that no frame may hold; nothing was sent then."""
        if _NOT_SENT.search(xml):
            raise ValidationException("a character that no frame may hold")
        content = xml.encode()
        if len(content) > LARGEST:
            raise ValidationException("the frame is too large")
        rest = memoryview(struct.pack("!I", len(content) + 4) + content)
        while rest:
            connection = self._usable()
            try:
                connection.settimeout(self._left())
                rest = rest[connection.send(rest) :]
            except OSError as failed:
                self.die(f"not sent: {_reason(failed)}")

    def read_frame(self) -> str:
        length = int(struct.unpack("!I", self._read(4))[0]) - 4
        if not 0 < length <= LARGEST:
            self.die("wrong length")
        content = self._read(length)
        try:
            text = content.decode()
            _refuse_what_is_no_answer(content)
        except UnicodeDecodeError:
            self.die("no UTF-8")
        except expat.ExpatError:
            self.die("no XML")
        except _NoAnswer as wrong:
            self.die(str(wrong))
        return text

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def die(self, reason: str) -> NoReturn:
        """Nothing on this line is believed any more."""
        self.close()
        raise ConnectionException(reason)

    def _usable(self) -> ssl.SSLSocket:
        if self._socket is None:
            raise ConnectionException("the line is dead")
        return self._socket

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.die("time-out")
        return left

    def _read(self, count: int) -> bytes:
        content = bytearray()
        while len(content) < count:
            connection = self._usable()
            try:
                connection.settimeout(self._left())
                more = connection.recv(count - len(content))
            except OSError as failed:
                self.die(f"nothing read: {_reason(failed)}")
            if not more:
                self.die("ended")
            content += more
        return bytes(content)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._address.authority or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._address.cert:
            context.load_cert_chain(self._address.cert, self._address.key)
        return context


class _NoAnswer(Exception):
    """XML that no registry may send; the text says why."""


def _refuse_what_is_no_answer(content: bytes) -> None:
    """Raises `_NoAnswer`, or `ExpatError`. It goes through the text once and keeps nothing of it."""
    depth = 0

    def begins(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise _NoAnswer("too deep")

    def ends(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def has_a_type(*_: object) -> None:
        raise _NoAnswer("a document type")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.StartDoctypeDeclHandler = has_a_type
    parser.Parse(content, True)


def _reason(failed: Exception) -> str:
    """Why in a few words that hold nothing of what was sent."""
    if isinstance(failed, TimeoutError):
        return "time-out"
    if isinstance(failed, ssl.SSLCertVerificationError):
        return f"certificate refused, {failed.verify_message}"
    return type(failed).__name__
