"""What a reader of the document would see: its pages, the annotations on them and the form's fields, each with a mark
that changes when it does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import HistoricalResolver

from .objects import held
from .verdict import Code

MOST_PAGES = 400
MOST_STEPS = 200_000
"""Of one walk through the objects under a page. A page of text has some hundred."""
_UPWARDS = frozenset({"/Parent", "/P", "/StructParent", "/StructParents", "/Dest", "/A", "/Annots"})
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")


class TooComplex(Exception):
    """The document has more in it than we walk through."""

    code = Code.TOO_COMPLEX


@dataclass(frozen=True)
class Page:
    """`identity` is the page's object, `content` a mark of all that is drawn, `annotations` marks by their objects;
    those of form fields are left out."""

    identity: Any
    content: bytes
    annotations: dict[Any, bytes] = field(default_factory=dict)


def read(resolver: HistoricalResolver) -> list[Page]:
    """The pages in their order. Raises TooComplex."""
    found: list[Page] = []
    for reference, page, inherited in _leaves(resolver, resolver.root.raw_get("/Pages"), {}, depth=0):
        if len(found) == MOST_PAGES:
            raise TooComplex
        drawn = {**inherited, **{key: page.raw_get(key) for key in page if key not in _UPWARDS}}
        mark = b"".join(key.encode() + fingerprint(resolver, drawn[key]) for key in sorted(drawn))
        found.append(Page(reference, hashlib.sha256(mark).digest(), _annotations(resolver, page)))
    return found


def fields(resolver: HistoricalResolver) -> dict[str, bytes]:
    """The marks of the form's fields that are no signatures, by their names."""
    found: dict[str, bytes] = {}
    if "/AcroForm" in resolver.root:
        _collect(resolver, held(resolver.root["/AcroForm"], "/Fields", ()), "", found, depth=0)
    return found


def fingerprint(resolver: HistoricalResolver, value: Any) -> bytes:
    """A mark of the value and all under it, in this revision. Raises TooComplex."""
    digest, steps = hashlib.sha256(), 0
    seen: dict[Any, int] = {}
    stack = [value]
    while stack:
        steps += 1
        if steps > MOST_STEPS:
            raise TooComplex
        one = stack.pop()
        if isinstance(one, generic.IndirectObject):
            if one.reference in seen:
                digest.update(b"again %d" % seen[one.reference])
                continue
            seen[one.reference] = len(seen)
            one = _resolved(resolver, one.reference)
        if isinstance(one, generic.DictionaryObject):
            keys = sorted(key for key in one if key not in _UPWARDS)
            digest.update(repr(keys).encode())
            if isinstance(one, generic.StreamObject):
                digest.update(hashlib.sha256(one.encoded_data).digest())
            stack += [one.raw_get(key) for key in keys]
        elif isinstance(one, generic.ArrayObject):
            digest.update(b"array %d" % len(one))
            stack += [one.raw_get(place) for place in range(len(one))]
        else:
            digest.update(repr(one).encode())
    return digest.digest()


def _resolved(resolver: HistoricalResolver, reference: generic.Reference) -> Any:
    """What the reference stands for; null for an object that is not there, or no longer (ISO 32000-2, 7.3.10)."""
    try:
        return resolver(reference)
    except misc.PdfReadError:
        return generic.NullObject()


def _leaves(
    resolver: HistoricalResolver, node: Any, inherited: dict[str, Any], *, depth: int
) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    if depth > 20:
        raise TooComplex
    reference = node.reference if isinstance(node, generic.IndirectObject) else None
    branch = resolver(reference) if reference is not None else node
    if "/Kids" not in branch:
        yield reference, branch, inherited
        return
    passed = {**inherited, **{key: branch.raw_get(key) for key in _INHERITED if key in branch}}
    kids = branch["/Kids"]
    if len(kids) > MOST_PAGES:
        raise TooComplex
    for place in range(len(kids)):
        yield from _leaves(resolver, kids.raw_get(place), passed, depth=depth + 1)


def _annotations(resolver: HistoricalResolver, page: Any) -> dict[Any, bytes]:
    found = {}
    listed = held(page, "/Annots", ())
    for place in range(len(listed)):
        raw = listed.raw_get(place)
        one = raw.get_object()
        if held(one, "/Subtype") == "/Widget":
            continue
        key = raw.reference if isinstance(raw, generic.IndirectObject) else place
        found[key] = fingerprint(resolver, raw)
    return found


def _collect(resolver: HistoricalResolver, listed: Any, above: str, found: dict[str, bytes], *, depth: int) -> None:
    if depth > 20 or len(listed) > MOST_PAGES:
        raise TooComplex
    for place in range(len(listed)):
        raw = listed.raw_get(place)
        one = raw.get_object()
        name = f"{above}.{one['/T']}".strip(".") if "/T" in one else above
        if "/Kids" in one:
            _collect(resolver, one["/Kids"], name, found, depth=depth + 1)
        if held(one, "/FT") != "/Sig":
            found[name] = fingerprint(resolver, raw)
