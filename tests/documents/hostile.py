"""Files that must not get in, each made here from nothing."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, cast

from PIL import Image
from pyhanko.pdf_utils import generic, writer

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(
    *, catalog: bytes = b"", page: bytes = b"", more: tuple[bytes, ...] = (), pages: int = 1, count: int = 0
) -> bytes:
    """A PDF from its parts: `more` are the objects 10, 11, … ; `count` is a number of pages that it only claims."""
    kids = b" ".join(b"%d 0 R" % (100 + number) for number in range(pages))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        2: b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % (count or pages),
        **{10 + place: one for place, one in enumerate(more)},
        **{
            100 + number: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] " + page + b" >>"
            for number in range(pages)
        },
    }
    return _with_table(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects)


def updated(content: bytes, number: int, body: bytes) -> bytes:
    """One object replaced by saving incrementally, as editors and signers do."""
    before = int(content.rpartition(b"startxref")[2].split()[0])
    place = len(content)
    added = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, place)
    trailer = b"trailer\n<< /Size 200 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (before, place + len(added))
    return content + added + table + trailer


def in_object_stream(body: Mapping[str, str]) -> bytes:
    """A PDF with a script in a compressed object stream: nowhere in its bytes can it be read."""
    made = cast("Any", writer.PdfFileWriter)(stream_xrefs=True)
    name, dictionary = generic.pdf_name, cast("Any", generic.DictionaryObject)
    sides = generic.ArrayObject([cast("Any", generic.NumberObject)(one) for one in (0, 0, 200, 200)])
    made.insert_page(dictionary({name("/Type"): name("/Page"), name("/MediaBox"): sides}))
    hidden = dictionary({name(key): name(value) for key, value in body.items()})
    hidden[name("/JS")] = generic.pdf_string("app.alert(1)")
    made.root[name("/Additional")] = made.add_object(hidden, obj_stream=made.prepare_object_stream())
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def encrypted() -> bytes:
    """A PDF that says that it is locked, as PDF 1.4 does with RC4."""
    locked = b"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <" + b"00" * 32 + b"> /U <" + b"00" * 32 + b"> >>"
    ids = b"/ID [<00> <00>] /Encrypt 10 0 R"
    return pdf(more=(locked,)).replace(b"/Root 1 0 R >>", b"/Root 1 0 R " + ids + b" >>")


def with_stream_bomb(size: int = 100_000_000) -> bytes:
    """A few kilobytes that become so many bytes of drawing."""
    packed = zlib.compress(zlib.compress(b"0 0 m 9 9 l S\n" * (size // 14)), 9)
    stream = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n" % len(packed)
    return pdf(page=b"/Contents 10 0 R", more=(stream + packed + b"\nendstream",))


def deep() -> bytes:
    return pdf(more=(b"[" * 20_000 + b"]" * 20_000,))


def zipped(name: str = "inside.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "hello")
    return out.getvalue()


def picture(kind: str, *, size: tuple[int, int] = (300, 200), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


def png_bomb() -> bytes:
    """A small file that says it is 60,000 × 60,000 pixels."""
    out = io.BytesIO()
    Image.new("1", (8, 8)).save(out, "PNG")
    content = bytearray(out.getvalue())
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


def _with_table(head: bytes, objects: Mapping[int, bytes]) -> bytes:
    content, places = head, {}
    for number, body in objects.items():
        places[number] = len(content)
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 1\n0000000000 65535 f \n"
    table += b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items()))
    return content + table + b"trailer\n<< /Size 200 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(content)
