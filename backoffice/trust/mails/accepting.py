"""Which mails we take. The rest is refused at SMTP with a reason, so that its sender learns of it and we keep nothing.

A mail that two programs can read in two ways is refused: with two From, with bare CR or LF, with a NUL, with a header
that may be there once and is there twice, in a character set that nobody knows (RFC 5321 2.3.8, 4.1.1.4; RFC 5322 3.6;
RFC 7489 6.6.1). What would cost us much is refused, too. Pure: no database, no network.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from backoffice import idn
from backoffice.text import kept

MOST_BYTES = 10 * 1024 * 1024
MOST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 200
MOST_DEPTH = 8
MOST_PARTS = 100
MOST_RECIPIENTS = 20
LONGEST_READ = 4_000
"""Characters of a header that are read: reading one costs the square of its length (decode_header, get_param)."""
LONGEST_LINE = 998
"""Bytes without its end (RFC 5322, 2.1.1)."""
ONCE = frozenset(
    (
        *("from", "sender", "reply-to", "subject", "date", "message-id"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    )
)
"""Headers that a mail may have only once (RFC 5322, 3.6; RFC 2045)."""
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_OF_PART = re.compile(rb"(?im)^content-[a-z-]{1,30}[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*")
_PARTS = re.compile(rb"(?i)^content-type[ \t]*:", re.MULTILINE)
_ATOMS = r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,253}"
_NAMED = re.compile(rf'\s*((?:"(?:[^"\\]|\\.)*"|[^"<>@,;:\[\]\\])*)<\s*({_ATOMS})\s*>\s*(?:\([^()]*\)\s*)?')
_PLAIN = re.compile(rf"\s*({_ATOMS})\s*(?:\(([^()]*)\)\s*)?")
_APART = re.compile(r'(?:"(?:[^"\\]|\\.)*"|<[^<>]*>|\([^()]*\)|[^,"<>()])+')
"""The mailboxes of a list, parted by commas (RFC 5322, 3.4). Python's own reading of them took `a@x <b@y>` for the
address `a@x` until 3.11.10 (CVE-2023-27043), so what is not plain is not read at all."""


class NotAccepted(Exception):
    """`code` is for logs, `reply` is what the sender's server hears: 5xx, an enhanced status (RFC 3463), and words."""

    def __init__(self, code: str, reply: str) -> None:
        super().__init__(code)
        self.code = code
        self.reply = reply


@dataclass(frozen=True)
class Accepted:
    """`sender` is the one address in From, with its domain in ASCII; `name` what stands beside it, decoded."""

    message: Message
    sender: str
    name: str
    message_id: str


def check(raw: bytes) -> Accepted:
    """The mail, parsed. `raw` has CR LF line ends. Raises `NotAccepted`."""
    _check_bytes(raw)
    names = _check_headers(raw.partition(b"\r\n\r\n")[0])
    _check_counts(names)
    if len(_PARTS.findall(raw)) > MOST_PARTS:
        raise NotAccepted("too_many_parts", f"554 5.6.0 A mail may have at most {MOST_PARTS} parts.")
    if any(len(found[0]) > LONGEST_READ for found in _OF_PART.finditer(raw)):
        raise NotAccepted("header_too_long", "554 5.6.0 A header that says what a part is has more than 4,000 bytes.")
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        _check_parts(message)
    except RecursionError:
        raise _too_deep() from None
    _check_words(message)
    name, sender = _sender(message)
    return Accepted(message, sender, name, " ".join(str(message.get("Message-ID", "")).split())[:LONGEST_LINE])


def _check_bytes(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise NotAccepted("too_large", "552 5.3.4 A mail may have at most 10 MB.")
    if b"\0" in raw:
        raise NotAccepted("nul", "554 5.6.0 The mail holds a NUL character.")
    if _BARE.search(raw):
        raise NotAccepted("bare_line_end", "554 5.6.0 The mail holds a CR or LF that stands alone.")


def _check_headers(block: bytes) -> list[str]:
    """The names of the headers, in their order and in small letters."""
    if len(block) > MOST_HEADER_BYTES:
        raise NotAccepted("headers_too_large", "552 5.3.4 The headers of a mail may have at most 64 kB.")
    names: list[str] = []
    for line in block.split(b"\r\n"):
        if len(line) > LONGEST_LINE:
            raise NotAccepted("line_too_long", "554 5.6.0 A line of the headers has more than 998 bytes.")
        if line[:1] in (b" ", b"\t") and names and line.strip():
            continue
        found = _HEADER.match(line)
        if found is None:
            raise NotAccepted("malformed_header", "554 5.6.0 A line of the headers is no header.")
        names.append(found[1].decode("ascii").lower())
    if len(names) > MOST_HEADERS:
        raise NotAccepted("too_many_headers", f"552 5.3.4 A mail may have at most {MOST_HEADERS} headers.")
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        raise _unknown_charset("the headers") from None
    return names


def _check_counts(names: list[str]) -> None:
    counts = Counter(names)
    if counts["from"] == 0:
        raise NotAccepted("no_from", "554 5.6.0 The mail has no From: we must know who writes.")
    if counts["from"] > 1:
        raise NotAccepted("two_from", "554 5.6.0 The mail has more than one From. Send it with exactly one.")
    if twice := sorted(name for name in ONCE if counts[name] > 1):
        raise NotAccepted("header_twice", f"554 5.6.0 The header {twice[0]} may be in a mail only once.")


def _check_parts(message: Message) -> None:
    """Depth, number and character sets of the parts."""
    waiting, count = [(message, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > MOST_DEPTH:
            raise _too_deep()
        if count > MOST_PARTS:
            raise NotAccepted("too_many_parts", f"554 5.6.0 A mail may have at most {MOST_PARTS} parts.")
        charset = part.get_param("charset")
        if charset is not None and part.get_content_maintype() == "text":
            _check_charset(_charset_name(charset), "a part")
        if part.is_multipart():
            waiting += [(inner, depth + 1) for inner in part.get_payload() if isinstance(inner, Message)]


def _charset_name(charset: object) -> str:
    """Of a parameter as it stands, or of one in the form of RFC 2231."""
    return str(charset[2] if isinstance(charset, tuple) else charset).strip().strip("'\"")


def _check_words(message: Message) -> None:
    """The encoded words (RFC 2047) of the headers that people read."""
    for name in ("From", "Sender", "Reply-To", "Subject"):
        decoded(header(message, name))


def header(message: Message, name: str) -> str:
    """A header as it stands, also with letters that are not ASCII (RFC 6532); empty without one. Python's own reading
    replaces such letters."""
    found = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return str(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def decoded(text: str) -> str:
    """A header as people read it, in one line. Raises `NotAccepted` for a character set that nobody knows."""
    try:
        pieces = decode_header(text[:LONGEST_READ])
        words = [_word(piece, charset) for piece, charset in pieces]
    except (HeaderParseError, ValueError):
        raise NotAccepted("malformed_header", "554 5.6.0 An encoded word in the headers cannot be read.") from None
    return kept(" ".join("".join(words).split()))


def _word(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is None:
        return piece.decode("utf-8", "replace")
    _check_charset(charset, "the headers")
    return piece.decode(charset, "replace")


def _check_charset(charset: str, where: str) -> None:
    """Also of those that Python has and that are no character set: `base64`, `rot13`, `idna`."""
    try:
        known = codecs.lookup(charset)
        if not getattr(known, "_is_text_encoding", True):
            raise LookupError
        b"a".decode(charset, "replace")
    except (LookupError, ValueError):
        raise _unknown_charset(where) from None


def mailboxes(text: str) -> list[tuple[str, str]] | None:
    """Name, as it stands, and address, with its domain in ASCII, of each mailbox in a header; None for a header that
    cannot be read without a guess."""
    text = text.replace("\r\n", "")
    if len(text) > LONGEST_READ // 2:
        return None
    found = [_mailbox(piece) for piece in _APART.findall(text) if piece.strip()]
    whole = sum(len(piece) for piece in _APART.findall(text)) + text.count(",") >= len(text)
    known = [one for one in found if one is not None]
    return known if whole and len(known) == len(found) else None


def _mailbox(text: str) -> tuple[str, str] | None:
    if named := _NAMED.fullmatch(text):
        name, address = named[1].strip(), named[2]
    elif plain := _PLAIN.fullmatch(text):
        name, address = (plain[2] or "").strip(), plain[1]
    else:
        return None
    local, _at, host = address.rpartition("@")
    domain = idn.to_ascii(host)
    return (re.sub(r'\\(.)|"', r"\1", name), f"{local}@{domain}") if domain else None


def _sender(message: Message) -> tuple[str, str]:
    """Name and address of the one mailbox in From."""
    found = mailboxes(header(message, "From"))
    if found and len(found) > 1:
        raise NotAccepted("two_senders", "554 5.6.0 From holds more than one address. Send it with exactly one.")
    if not found:
        raise NotAccepted("no_address", "554 5.6.0 From holds no address that can be read.")
    name, address = found[0]
    return decoded(name), address


def _too_deep() -> NotAccepted:
    return NotAccepted("too_deep", f"554 5.6.0 The parts of a mail may be nested at most {MOST_DEPTH} deep.")


def _unknown_charset(where: str) -> NotAccepted:
    return NotAccepted("unknown_charset", f"554 5.6.0 The character set of {where} is unknown. Send it as UTF-8.")
