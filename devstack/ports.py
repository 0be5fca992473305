"""Ports on loopback that stay the same: the requested one, else the last one, else one that is derived from the
folder's path. Two checkouts that start for the first time at the same moment begin at different numbers, because their
paths differ.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from .telephones.line import STACKS_PORTS

WEB = "WEB_PORT"
_WEB_RANGE = (8000, 1000)
_OTHER_RANGE = (20_000, 10_000)
"""The first port and their number; below the range from which Linux takes ports for outgoing connections."""
_PHONE = "_PHONE_PORT"
_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


class PortTaken(Exception):
    """A port that was asked for by its variable is in use; the text says which."""


def of_phone(name: str) -> str:
    """The name of the port of a test phone; the one above it is the phone's, too (see `telephones/line.py`)."""
    return f"{name.upper()}{_PHONE}"


def choose(
    names: Iterable[str], *, data_dir: Path, asked: Mapping[str, str], remembered: Mapping[str, str]
) -> dict[str, str]:
    """A free port for each name. Raises PortTaken when a requested one is in use or no number."""
    chosen: dict[str, str] = {}
    for name in names:
        if asked.get(name):
            chosen[name] = _as_asked(name, asked[name])
        elif name in remembered and is_free(int(remembered[name])) and remembered[name] not in chosen.values():
            chosen[name] = remembered[name]
        else:
            chosen[name] = str(_from_path(name, data_dir, taken={int(port) for port in chosen.values()}))
    return chosen


def is_free(port: int) -> bool:
    """Whether nobody listens there, by TCP or UDP; a port that only waits for its last connections to be forgotten
    counts as free."""
    for kind in _KINDS:
        with socket.socket(type=kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind is socket.SOCK_STREAM))
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def _as_asked(name: str, value: str) -> str:
    if not value.isdigit() or not 0 < int(value) < 65_536:
        raise PortTaken(f"{name}={value} is not a port: give a number between 1 and 65535.")
    if not is_free(int(value)):
        raise PortTaken(f"{name}={value}: another program listens on that port; choose another one.")
    return value


def _from_path(name: str, data_dir: Path, *, taken: set[int]) -> int:
    if name.endswith(_PHONE):
        first, last = STACKS_PORTS
        count, width = last - first, 2
    else:
        (first, count), width = _WEB_RANGE if name == WEB else _OTHER_RANGE, 1
    start = int.from_bytes(hashlib.sha256(f"{data_dir.resolve()} {name}".encode()).digest()[:4]) % count
    for step in range(0, count, width):
        port = first + (start - start % width + step) % count
        if port not in taken and all(is_free(port + above) for above in range(width)):
            return port
    raise PortTaken(f"No port between {first} and {first + count - 1} is free: set {name}.")
