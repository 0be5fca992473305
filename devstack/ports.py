"""Ports on loopback that stay the same: the requested one, else the last one, else one that is derived from the
folder's path. Two checkouts that start for the first time at the same moment begin at different numbers, because their
paths differ.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

WEB = "WEB_PORT"
_WEB_RANGE = (8000, 1000)
_OTHER_RANGE = (20_000, 10_000)
"""The first port and their number; below the range from which Linux takes ports for outgoing connections."""


class PortTaken(Exception):
    """A port that was asked for by its variable is in use; the text says which."""


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
    """Whether nobody listens there; a port that only waits for its last connections to be forgotten counts as free."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
    first, count = _WEB_RANGE if name == WEB else _OTHER_RANGE
    start = int.from_bytes(hashlib.sha256(f"{data_dir.resolve()} {name}".encode()).digest()[:4]) % count
    for step in range(count):
        port = first + (start + step) % count
        if port not in taken and is_free(port):
            return port
    raise PortTaken(f"No port between {first} and {first + count - 1} is free: set {name}.")
