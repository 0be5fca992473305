"""Frames and the elements in them (RFC 5734, section 4: four bytes of length, which count themselves)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
OBJECTS = {DOMAIN: "domain", CONTACT: "contact"}
LARGEST = 64 * 1024
"""Bytes of a frame that we read."""


class Maker:
    """Makes elements of a namespace: `domain.name("a.pl")`. Children are elements; a string is the text."""

    def __init__(self, space: str, prefix: str) -> None:
        self._space, self._names = space, {prefix: space}

    def __getattr__(self, tag: str) -> Callable[..., etree._Element]:
        return lambda *content, **attributes: self.make(tag, *content, **attributes)

    def make(self, tag: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
        """The same for a tag whose name is in a variable."""
        made = etree.Element(f"{{{self._space}}}{tag}", attributes, self._names)
        for one in content:
            if isinstance(one, str):
                made.text = one
            else:
                made.append(one)
        return made


epp, domain, contact = Maker(EPP, "epp"), Maker(DOMAIN, "domain"), Maker(CONTACT, "contact")


class Malformed(Exception):
    """The frame is no command: 2001 or 2000. `cltrid` is its client transaction id, where it has one."""

    def __init__(self, code: int, cltrid: str = "") -> None:
        super().__init__(str(code))
        self.code, self.cltrid = code, cltrid


@dataclass(frozen=True)
class Request:
    """A command: its verb, the object's kind ("domain", "contact" or empty), `op` of a transfer or poll, and the
    element that says the rest."""

    verb: str
    kind: str
    op: str
    body: etree._Element
    cltrid: str

    def text(self, name: str) -> str:
        """What the child of this name says, in the object's namespace; empty when there is none."""
        space = {value: key for key, value in OBJECTS.items()}.get(self.kind, EPP)
        return (self.body.findtext(f"{{{space}}}{name}") or "").strip()

    def all(self, path: str) -> list[etree._Element]:
        return self.body.findall(path, namespaces={"d": DOMAIN, "c": CONTACT})

    @property
    def names(self) -> set[str]:
        """By what a fault can mean this command: "update", "domain:update", "transfer:approve", "any"."""
        named = {"any", self.verb}
        if self.kind:
            named.add(f"{self.kind}:{self.verb}")
        if self.op:
            named.add(f"{self.verb}:{self.op}")
        return named


def read(connection: socket.socket) -> bytes | None:
    """The content of the next frame; None at the end, or for a length that no frame has."""
    head = _exactly(connection, 4)
    if head is None:
        return None
    length = int(struct.unpack("!I", head)[0]) - 4
    return _exactly(connection, length) if 0 < length <= LARGEST else None


def framed(content: bytes, *, off: int = 0) -> bytes:
    """The frame of this content; `off` is by how much its length lies."""
    return struct.pack("!I", len(content) + 4 + off) + content


def parse(content: bytes) -> Request:
    """The command in a frame. Raises `Malformed`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Malformed(2001) from None
    if root.tag != f"{{{EPP}}}epp" or b"<!DOCTYPE" in content:
        raise Malformed(2001)
    children = [child for child in root if isinstance(child.tag, str)]
    if len(children) == 1 and children[0].tag == f"{{{EPP}}}hello":
        return Request("hello", "", "", children[0], "")
    if len(children) != 1 or children[0].tag != f"{{{EPP}}}command":
        raise Malformed(2001)
    return _command(children[0])


def _command(command: etree._Element) -> Request:
    cltrid = (command.findtext(f"{{{EPP}}}clTRID") or "").strip()
    cltrid = cltrid if 3 <= len(cltrid) <= 64 else ""
    parts = [child for child in command if isinstance(child.tag, str)]
    if not parts or etree.QName(parts[0]).namespace != EPP:
        raise Malformed(2001, cltrid)
    verb = etree.QName(parts[0])
    inner = [child for child in parts[0] if isinstance(child.tag, str)]
    if verb.localname in ("login", "logout", "poll"):
        return Request(verb.localname, "", parts[0].get("op") or "", parts[0], cltrid)
    if len(inner) != 1 or etree.QName(inner[0]).localname != verb.localname:
        raise Malformed(2001, cltrid)
    kind = OBJECTS.get(etree.QName(inner[0]).namespace or "")
    if kind is None:
        raise Malformed(2307, cltrid)
    return Request(verb.localname, kind, parts[0].get("op") or "", inner[0], cltrid)


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    content = bytearray()
    while len(content) < count:
        more = connection.recv(count - len(content))
        if not more:
            return None
        content += more
    return bytes(content)
