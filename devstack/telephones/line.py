"""The line of a phone: where it is reached and what it speaks."""

from __future__ import annotations

import argparse
import itertools
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from .words import Incoming, Transport

_KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
CODECS = ("pcmu", "pcma")
STACKS_PORTS, FREE_PORTS = (14_000, 16_000), (16_000, 18_000)
"""For signalling: those of the phones of a stack, which are chosen long before a phone takes them, and all others.
Both are apart from those from which the stack takes its own (see `devstack/ports.py`)."""
MEDIA_PORTS = (30_000, 31_999)
"""All phones can share this range: each takes pairs of it that are free."""


_drawn = itertools.count()


def free_port(address: str = "127.0.0.1") -> int:
    """A port for `Line.port`: it and the one above it are free for UDP and for TCP at this moment. No process draws one
    twice before it has drawn all, and each begins at another place, so that whoever takes theirs a moment later finds
    it free. Raises OSError if none is found."""
    first, last = FREE_PORTS
    pairs = (last - first) // 2
    for _try in range(pairs):
        port = first + 2 * ((os.getpid() * 61 + next(_drawn)) % pairs)
        if all(_is_free(address, port + above, kind) for above in (0, 1) for kind in _KINDS):
            return port
    raise OSError(f"no free port for a phone on {address}")


def _is_free(address: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind is socket.SOCK_STREAM))
        try:
            trial.bind((address, port))
        except OSError:
            return False
    return True


@dataclass(frozen=True, kw_only=True)
class Line:
    """`port` takes SIP by UDP and TCP, the one above it TLS if there is a `certificate` (a PEM file with chain and
    key). `rtp` is the first and last port of its media. With `srtp` no call without it (SDES, RFC 4568) is taken or
    made. `authorities` is the PEM file by which it judges the certificates of others.
    """

    name: str
    port: int
    rtp: tuple[int, int] = MEDIA_PORTS
    address: str = "127.0.0.1"
    incoming: Incoming = Incoming.ANSWER
    transport: Transport = Transport.UDP
    codecs: tuple[str, ...] = CODECS
    srtp: bool = False
    authorities: Path | None = None
    certificate: Path | None = None

    @property
    def uri(self) -> str:
        """Where this phone can be called, by its own transport."""
        port = self.port + 1 if self.transport is Transport.TLS else self.port
        return f"sip:{self.name}@{self.address}:{port};transport={self.transport}"

    def arguments(self) -> list[str]:
        """The arguments from which `from_arguments` reads the same line again."""
        files = [(name, value) for name in ("authorities", "certificate") if (value := getattr(self, name))]
        return [
            *("--name", self.name, "--port", str(self.port), "--rtp", *map(str, self.rtp), "--address", self.address),
            *("--incoming", self.incoming, "--transport", self.transport, "--codecs", *self.codecs),
            *(["--srtp"] if self.srtp else []),
            *(part for name, value in files for part in (f"--{name}", str(value))),
        ]

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> Line:
        """Ends the process with a sentence and 2 if they are wrong."""
        parser = argparse.ArgumentParser(prog="python -m devstack.telephones.phone", description="A telephone.")
        parser.add_argument("--name", required=True, help="the user part of its address")
        parser.add_argument("--port", type=int, required=True, help="SIP by UDP and TCP; TLS is at the next one")
        parser.add_argument("--rtp", type=int, nargs=2, default=cls.rtp, metavar=("FIRST", "LAST"), help="media ports")
        parser.add_argument("--address", default=cls.address)
        parser.add_argument("--incoming", type=Incoming, choices=list(Incoming), default=cls.incoming)
        parser.add_argument("--transport", type=Transport, choices=list(Transport), default=cls.transport)
        parser.add_argument("--codecs", nargs="+", choices=CODECS, default=CODECS)
        parser.add_argument("--srtp", action="store_true", help="only encrypted media (SDES)")
        parser.add_argument("--authorities", type=Path, help="PEM file: who signs the certificates of others")
        parser.add_argument("--certificate", type=Path, help="PEM file with its own chain and key, for TLS")
        told = vars(parser.parse_args(arguments))
        return cls(**{**told, "rtp": tuple(told["rtp"]), "codecs": tuple(told["codecs"])})
