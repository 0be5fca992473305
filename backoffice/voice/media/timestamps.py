"""The clock of an RTP stream of G.711: 8000 units a second, 160 a frame, 32 bits (RFC 3550, section 5.1)."""

from __future__ import annotations

RATE = 8000
"""Samples of a second, and units of a time stamp, for both codecs (RFC 3551, section 4.5.14)."""
FRAME = 160
"""Samples, bytes and units of a frame of 20 ms."""
FRAMES_A_SECOND = RATE // FRAME
WRAP = 0xFFFFFFFF
FAR = 2 * RATE
"""A jump of two seconds or more is a new timeline, not a packet that is late."""


def difference(one: int, other: int) -> int:
    """`one - other`, of two that are less than half of all time stamps apart."""
    return ((one - other + 0x80000000) & WRAP) - 0x80000000
