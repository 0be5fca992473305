"""Checks that succeed only when a part works; each returns False quickly while it does not."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

_PATIENCE = 1.0


def http_answers(port: int, path: str, *, expected: int | None = None) -> bool:
    """Whether GET on loopback is answered, and with this status if one is expected."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return expected is None or status == expected


def valkey_answers(path: Path) -> bool:
    """Whether the server has read its file and takes commands (PING is refused while it loads)."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def smtp_answers(port: int) -> bool:
    """Whether the server greets."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
            return connection.recv(64).startswith(b"220")
    except OSError:
        return False
