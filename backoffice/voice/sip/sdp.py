"""Offer and answer of one audio stream (RFC 3264, RFC 4566), in the clear or with keys (SDES, RFC 4568)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import secrets
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from aiosipua.sdp import Codec as Format
from aiosipua.sdp import MediaDescription, SdpMessage, parse_sdp

PLAIN, SECURE = "RTP/AVP", "RTP/SAVP"
SUITE = "AES_CM_128_HMAC_SHA1_80"
KEY_LENGTH = 30
"""Bytes: 16 of the key and 14 of the salt (RFC 4568, 6.1)."""
OUR_EVENTS = 101
"""The payload type that we offer for telephone-events."""
FRAME_MS = 20
MOST_MEDIA = 8
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_INLINE = re.compile(r"inline:([A-Za-z0-9+/=]{40,44})(\|2\^[0-9]{1,2}|\|[0-9]{1,15})?")


class NotAcceptable(Exception):
    """There is nothing in a description that we can agree to. The text is a code."""


class Codec(IntEnum):
    """By static payload type (RFC 3551)."""

    PCMU = 0
    PCMA = 8


class Secrecy(StrEnum):
    """Whether sound is encrypted. What we offer ourselves is encrypted where it is REQUIRED; OPTIONAL leaves it to the
    other side's offer."""

    NEVER = "never"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both sides agreed on. `remote` is an IP literal and a port; `events` the payload type of telephone-events,
    None without them. `sends` and `takes` are ours: off while the other side holds. Keys are `KEY_LENGTH` bytes, or
    empty in the clear."""

    remote: tuple[str, int]
    codec: Codec
    events: int | None
    sends: bool
    takes: bool
    our_key: bytes = field(default=b"", repr=False)
    their_key: bytes = field(default=b"", repr=False)


class Negotiation:
    """Our side of one call's description. `address` and `port` are where we take sound."""

    def __init__(self, *, address: str, port: int, secrecy: Secrecy = Secrecy.OPTIONAL) -> None:
        self._address = address
        self._port = port
        self._secrecy = secrecy
        self._session = secrets.randbelow(2**31)
        self._version = 0
        self._key = secrets.token_bytes(KEY_LENGTH)
        self._tag = "1"
        self._offered_secure = False
        self._holds = False
        self._current: Agreement | None = None

    def hold(self, holds: bool) -> None:
        """Whether the next offer of ours asks the other side to send nothing."""
        self._holds = holds

    def offer(self) -> str:
        """A description that starts the agreement, or asks to change it."""
        self._offered_secure = self._secrecy is Secrecy.REQUIRED
        codecs = list(Codec) if self._current is None else [self._current.codec]
        lines = [self._media_line(codecs, OUR_EVENTS, secure=self._offered_secure)]
        lines.append("a=sendonly" if self._holds else "a=sendrecv")
        if self._offered_secure:
            lines.append(self._crypto("1"))
        return self._described(lines)

    def accept(self, answer: str) -> Agreement:
        """What the answer to our offer settles. Raises `NotAcceptable`."""
        described = _read(answer)
        if not described.media:
            raise NotAcceptable("no_media")
        media = described.media[0]
        if media.media != "audio" or media.port == 0 or media.proto != (SECURE if self._offered_secure else PLAIN):
            raise NotAcceptable("media_refused")
        agreement = self._agree(described, media)
        if self._holds:
            agreement = replace(agreement, takes=False)
        self._current = agreement
        return agreement

    def answer(self, offer: str) -> tuple[str, Agreement]:
        """Our answer to an offer, and what it settles. Raises `NotAcceptable`, and then nothing has changed."""
        described = _read(offer)
        chosen = next((media for media in described.media if self._is_possible(media)), None)
        if chosen is None:
            raise NotAcceptable("no_media")
        agreement = self._agree(described, chosen)
        lines: list[str] = []
        for media in described.media:
            lines += self._answered(agreement, media) if media is chosen else [_refused(media)]
        self._current = agreement
        return self._described(lines), agreement

    def _is_possible(self, media: MediaDescription) -> bool:
        if media.media != "audio" or media.port == 0:
            return False
        if media.proto == SECURE:
            return self._secrecy is not Secrecy.NEVER and _crypto_of(media) is not None and _codec_of(media) is not None
        return media.proto == PLAIN and self._secrecy is not Secrecy.REQUIRED and _codec_of(media) is not None

    def _agree(self, described: SdpMessage, media: MediaDescription) -> Agreement:
        codec = _codec_of(media)
        if codec is None:
            raise NotAcceptable("codec")
        address, sends_there = self._address_of(described, media)
        direction = _direction_of(described, media)
        their_key = b""
        if media.proto == SECURE:
            crypto = _crypto_of(media)
            if crypto is None:
                raise NotAcceptable("crypto")
            self._tag, their_key = crypto
        return Agreement(
            remote=(address, media.port),
            codec=codec,
            events=_events_of(media),
            sends=sends_there and direction in ("sendrecv", "recvonly"),
            takes=direction in ("sendrecv", "sendonly"),
            our_key=self._key if their_key else b"",
            their_key=their_key,
        )

    def _address_of(self, described: SdpMessage, media: MediaDescription) -> tuple[str, bool]:
        """Where they take sound, and whether they do at all: 0.0.0.0 holds (RFC 3264, 8.4). Names are not looked up."""
        connection = media.connection or described.connection
        if connection is None:
            raise NotAcceptable("no_address")
        try:
            address = ipaddress.ip_address(connection.address)
        except ValueError:
            raise NotAcceptable("no_literal") from None
        if address.version != ipaddress.ip_address(self._address).version or address.is_multicast:
            raise NotAcceptable("address")
        if not 0 < media.port < 65_535:  # RTCP is one above
            raise NotAcceptable("port")
        return str(address), not address.is_unspecified

    def _answered(self, agreement: Agreement, media: MediaDescription) -> list[str]:
        lines = [self._media_line([agreement.codec], agreement.events, secure=media.proto == SECURE)]
        lines.append(f"a={_named(sends=agreement.sends, takes=agreement.takes)}")
        if media.proto == SECURE:
            lines.append(self._crypto(self._tag))
        return lines

    def _media_line(self, codecs: list[Codec], events: int | None, *, secure: bool) -> str:
        formats = [str(int(codec)) for codec in codecs] + ([str(events)] if events is not None else [])
        lines = [f"m=audio {self._port} {SECURE if secure else PLAIN} {' '.join(formats)}"]
        lines += [f"a=rtpmap:{int(codec)} {codec.name}/8000" for codec in codecs]
        if events is not None:
            lines += [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
        return "\r\n".join([*lines, f"a=ptime:{FRAME_MS}"])

    def _crypto(self, tag: str) -> str:
        return f"a=crypto:{tag} {SUITE} inline:{base64.b64encode(self._key).decode()}"

    def _described(self, media: list[str]) -> str:
        self._version += 1
        family = f"IP{ipaddress.ip_address(self._address).version}"
        head = [
            "v=0",
            f"o=- {self._session} {self._version} IN {family} {self._address}",
            "s=-",
            f"c=IN {family} {self._address}",
            "t=0 0",
        ]
        return "\r\n".join([*head, *media, ""])


def _read(text: str) -> SdpMessage:
    try:
        described = parse_sdp(text)
    except ValueError:
        raise NotAcceptable("unreadable") from None
    if not described.media or len(described.media) > MOST_MEDIA:
        raise NotAcceptable("no_media")
    return described


def _codec_of(media: MediaDescription) -> Codec | None:
    """The first that we have, in their order of preference."""
    for one in media.codecs:
        for codec in Codec:
            if _is_format(one, codec.name) and (one.payload_type == codec):
                return codec
    return None


def _events_of(media: MediaDescription) -> int | None:
    found = (one.payload_type for one in media.codecs if _is_format(one, "telephone-event"))
    return next((number for number in found if 96 <= number <= 127), None)


def _is_format(one: Format, name: str) -> bool:
    return one.encoding_name.lower() == name.lower() and one.clock_rate == 8000 and one.channels in (None, 1)


def _crypto_of(media: MediaDescription) -> tuple[str, bytes] | None:
    """The tag and key of the first line that we can use: our suite, one key without MKI, no session parameter."""
    for line in media.attributes.get("crypto", []):
        parts = line.split()
        inline = _INLINE.fullmatch(parts[2]) if len(parts) == 3 else None
        if inline is None or parts[1] != SUITE or not re.fullmatch("[0-9]{1,9}", parts[0], re.ASCII):
            continue
        try:
            key = base64.b64decode(inline.group(1), validate=True)
        except binascii.Error:
            continue
        if len(key) == KEY_LENGTH:
            return parts[0], key
    return None


def _direction_of(described: SdpMessage, media: MediaDescription) -> str:
    for attributes in (media.attributes, described.attributes):
        for direction in _DIRECTIONS:
            if direction in attributes:
                return direction
    return "sendrecv"


def _named(*, sends: bool, takes: bool) -> str:
    return {(True, True): "sendrecv", (True, False): "sendonly", (False, True): "recvonly"}.get(
        (sends, takes), "inactive"
    )


def _refused(media: MediaDescription) -> str:
    return f"m={media.media or 'audio'} 0 {media.proto} {media.formats[0] if media.formats else '0'}"
