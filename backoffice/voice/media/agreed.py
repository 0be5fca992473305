"""What offer and answer settled for one leg."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import Enum

DYNAMIC_TYPES = range(96, 128)
"""Payload types that an offer may give to telephone-event (RFC 3551, section 6)."""


class Codec(Enum):
    """G.711 in its two kinds. The value is the static payload type (RFC 3551, section 6)."""

    PCMU = 0
    PCMA = 8


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """Master key and salt (16 and 14 bytes) of each direction, for AES_CM_128_HMAC_SHA1_80 (RFC 4568)."""

    local: bytes = field(repr=False)
    remote: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.local) != 30 or len(self.remote) != 30:
            raise ValueError("a key of AES_CM_128_HMAC_SHA1_80 with its salt has 30 bytes")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Where a leg sends to, what it takes, and how.

    `remote` is an IP literal and the RTP port, RTCP is one above; `events` is the payload type of telephone-event, if
    both sides have it; `sends` and `takes` are false while that direction is on hold. Raises `ValueError` for a host
    name, a port without one above, or a type that is not dynamic.
    """

    remote: tuple[str, int]
    codec: Codec
    events: int | None = None
    sends: bool = True
    takes: bool = True
    srtp: SrtpKeys | None = None

    def __post_init__(self) -> None:
        ipaddress.ip_address(self.remote[0])
        if not 0 < self.remote[1] < 65535:
            raise ValueError("a port of RTP lies between 1 and 65534")
        if self.events is not None and self.events not in DYNAMIC_TYPES:
            raise ValueError("telephone-event has a dynamic payload type, from 96 to 127")
