"""Messages on a stream: TCP or TLS, framed by Content-Length (RFC 3261, 18.3)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from backoffice.voice.sip.messages import LONGEST

WHOLE_WITHIN = 20.0
"""Seconds in which a message that began must be whole."""
MOST_UNSENT = 1_000_000
"""Bytes that may wait for a slow reader before the connection is given up."""
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,8})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_EMPTY = b"\r\n"


class BrokenStream(Exception):
    """What comes cannot be framed. The text is a code."""


class Connection:
    """One connection, in or out."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def is_closed(self) -> bool:
        return self._writer.is_closing()

    def write(self, data: bytes) -> None:
        """Sends without waiting. Who does not read is cut off."""
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > MOST_UNSENT:
            self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()

    async def messages(self) -> AsyncIterator[bytes]:
        """Each message until the other side closes. Raises `BrokenStream` and `OSError`."""
        while (began := await self._first_byte()) is not None:
            try:
                async with asyncio.timeout(WHOLE_WITHIN):
                    yield await self._rest(began)
            except TimeoutError:
                raise BrokenStream("too_slow") from None

    async def _first_byte(self) -> bytes | None:
        """Of the next message, however long it takes to begin. Empty lines keep the connection open: two of them ask
        for one (RFC 5626, 4.4.1)."""
        empty = b""
        while byte := await self._reader.read(1):
            if byte not in (b"\r", b"\n"):
                return byte
            empty = (empty + byte)[-4:]
            if empty == _EMPTY * 2:
                self.write(_EMPTY)
                empty = b""
        return None

    async def _rest(self, began: bytes) -> bytes:
        try:
            head = began + await self._reader.readuntil(b"\r\n\r\n")
            lengths = _LENGTH.findall(head)
            if len(lengths) != 1 or int(lengths[0]) + len(head) > LONGEST:
                raise BrokenStream("content_length")
            return head + await self._reader.readexactly(int(lengths[0]))
        except asyncio.LimitOverrunError:
            raise BrokenStream("too_long") from None
        except asyncio.IncompleteReadError:
            raise BrokenStream("cut_short") from None
