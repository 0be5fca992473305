"""A mail as people may safely read it: its text alone, without pictures, and a list of what is attached. Nothing of it
is opened, loaded or made a link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

from backoffice import idn
from backoffice.text import kept, kept_lines
from backoffice.trust.html_text import without_tags
from backoffice.trust.mails.accepting import NotAccepted, decoded
from backoffice.trust.mails.organisations import organisation

LONGEST = 20_000
"""Characters of the text that are shown."""
_LONGEST_HTML = 200_000
_MOST_LINKS = 100
_LONGEST_NAME = 80
_LINK = re.compile(r"(?is)<a\b([^<>]{0,2000})>(.{0,400}?)</a\b")
_HREF = re.compile(r"(?i)(?<![\w-])href\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]{1,2000})")
_HOST = re.compile(r"(?i)\b((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})\b")
DANGEROUS = frozenset(
    (
        *(
            "exe",
            "scr",
            "com",
            "bat",
            "cmd",
            "ps1",
            "vbs",
            "js",
            "jse",
            "wsf",
            "hta",
            "jar",
            "msi",
            "lnk",
            "iso",
            "img",
        ),
        *("vhd", "dll", "docm", "xlsm", "pptm", "html", "htm", "svg", "zip", "rar", "7z"),
    )
)
"""Endings of files that run, hide others, or open a page (RFC 5322 mails seldom need them)."""


@dataclass(frozen=True)
class Attachment:
    """`name` is as its sender wrote it, `kind` the type that the mail claims, `size` in bytes."""

    name: str
    kind: str
    size: int

    @property
    def is_dangerous(self) -> bool:
        return self.name.rpartition(".")[2].lower() in DANGEROUS

    @property
    def is_disguised(self) -> bool:
        """`invoice.pdf.exe`, or a program that claims to be a picture."""
        endings = self.name.lower().split(".")[1:]
        known = {"pdf", "jpg", "jpeg", "png", "doc", "docx", "txt"}
        claims = self.kind.partition("/")[0] in ("image", "text", "audio", "video") or self.kind == "application/pdf"
        return self.is_dangerous and ((len(endings) > 1 and endings[-2] in known) or claims)


@dataclass(frozen=True)
class Readable:
    """`links` are (the name that is read, the name that it leads to), where these are two organisations."""

    text: str
    cut: bool
    attachments: tuple[Attachment, ...]
    links: tuple[tuple[str, str], ...]


def readable(message: Message) -> Readable:
    texts: dict[str, list[str]] = {"plain": [], "html": []}
    attached = []
    for part in message.walk():
        if part.is_multipart():
            continue
        is_text = part.get_content_maintype() == "text" and part.get_content_subtype() in texts
        if is_text and part.get_content_disposition() != "attachment":
            texts[part.get_content_subtype()].append(_text(part))
        else:
            attached.append(_attachment(part))
    pages = "\n".join(texts["html"])[:_LONGEST_HTML]
    plain = "\n".join(texts["plain"]) or without_tags(pages)
    shown = kept_lines(plain[: LONGEST * 2])
    cut = len(shown) > LONGEST or len(plain) > LONGEST * 2
    return Readable(shown[:LONGEST], cut, tuple(attached), tuple(_links(pages)))


def _text(part: Message) -> str:
    """A text in the character set that it names, which `accepting` has checked."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    named = part.get_param("charset") or "utf-8"
    charset = str(named[2] if isinstance(named, tuple) else named).strip().strip("'\"")
    return content.decode(charset, "replace")


def _attachment(part: Message) -> Attachment:
    content = part.get_payload(decode=True)
    try:
        name = decoded(str(part.get_filename() or ""))
    except NotAccepted:
        name = ""
    return Attachment(name[-_LONGEST_NAME:], part.get_content_type()[:80], len(content or b""))


def _links(pages: str) -> list[tuple[str, str]]:
    """Links whose words name another organisation than the one that they lead to."""
    found: list[tuple[str, str]] = []
    for number, link in enumerate(_LINK.finditer(pages)):
        target = _HREF.search(link[1])
        shown = _HOST.search(kept(without_tags(link[2])))
        if number >= _MOST_LINKS or target is None or shown is None:
            continue
        leads, named = _host_of(target[1]), idn.to_ascii(shown[1])
        if leads and named and organisation(leads) != organisation(named):
            found.append((named, leads))
    return found


def _host_of(url: str) -> str:
    try:
        return idn.to_ascii(urlsplit(url).hostname or "") or ""
    except ValueError:
        return ""
