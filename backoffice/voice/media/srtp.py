"""SRTP and SRTCP (RFC 3711) with the keys that the offer and answer carried (SDES, RFC 4568)."""

from __future__ import annotations

from collections.abc import Callable

from pylibsrtp import Error, Policy, Session

from backoffice.voice.media.agreed import SrtpKeys


class Unauthenticated(Exception):
    """The packet does not come from who has the key, or was changed."""


class Replayed(Exception):
    """The packet came already, or is too old to tell."""


class Sealing:
    """Both directions of one leg. A direction keeps its session while its key stays, and with it the count of packets:
    beginning it anew would seal two packets with the same key stream."""

    def __init__(self) -> None:
        self._keys: SrtpKeys | None = None
        self._out: Session | None = None
        self._in: Session | None = None

    def agree(self, keys: SrtpKeys | None) -> None:
        """Takes the keys of a new answer; None for plain RTP."""
        if keys is None:
            self._out = self._in = None
        else:
            if self._out is None or self._keys is None or self._keys.local != keys.local:
                self._out = Session(Policy(keys.local, Policy.SSRC_ANY_OUTBOUND))
            if self._in is None or self._keys is None or self._keys.remote != keys.remote:
                self._in = Session(Policy(keys.remote, Policy.SSRC_ANY_INBOUND))
        self._keys = keys

    def seal(self, packet: bytes) -> bytes:
        """The RTP packet as it goes out."""
        return packet if self._out is None else self._out.protect(packet)

    def seal_rtcp(self, packet: bytes) -> bytes:
        return packet if self._out is None else self._out.protect_rtcp(packet)

    def open(self, datagram: bytes) -> bytes:
        """The RTP packet that came in. Raises `Unauthenticated` or `Replayed`."""
        return datagram if self._in is None else _opened(datagram, self._in.unprotect)

    def open_rtcp(self, datagram: bytes) -> bytes:
        """The RTCP packet that came in. Raises `Unauthenticated` or `Replayed`."""
        return datagram if self._in is None else _opened(datagram, self._in.unprotect_rtcp)


def _opened(datagram: bytes, unprotect: Callable[[bytes], bytes]) -> bytes:
    try:
        return unprotect(datagram)
    except ValueError as error:  # longer than any packet that we take
        raise Unauthenticated from error
    except Error as error:
        raise (Replayed if "replay" in str(error) else Unauthenticated) from error
