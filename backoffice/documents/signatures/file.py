"""The file as bytes: its revisions, its signature fields, and which bytes each signature covers.

What a signature covers is read here from the bytes, and not taken from the library: the gap between its two ranges is
its own `Contents` and nothing else, its second range ends where a revision ends, and behind the last revision there is
nothing. The published attacks on PDF signatures each break one of these rules (Mladenov et al., "1 Trillion Dollar
Refund", CCS 2019: universal forgery, incremental saving, signature wrapping).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .objects import held, raw
from .verdict import Code, Reason

LARGEST = 12 * 1024 * 1024
"""In bytes. A form has some hundred thousand, and revocation lists may add a few million."""
MOST_DECODED = 64 * 1024 * 1024
MOST_SIGNATURES = 12
MOST_REVISIONS = 24
"""Behind the form, or in all where no form is given."""
MOST_OBJECTS = 20_000
_END = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,10})[\0\t\n\f\r ]+%%EOF(?:\r\n|\n|\r)?")
_BLANK = b"\0\t\n\f\r "
_MOST_BLANKS = 16
"""Between a revision and what follows: some tools begin an update on a line of its own."""
_OBJECT = re.compile(rb"\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj\b")
_SUB_FILTERS = {"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"}


class Unfit(Exception):
    """The file as a whole cannot be examined further."""

    def __init__(self, code: Code, name: str = "") -> None:
        super().__init__(code)
        self.reason = Reason(code, name=name)


@dataclass(frozen=True)
class Embedded:
    """A well-formed signature. It covers the file from 0 to `gap[0]` and from `gap[1]` to `end`; `revision` is the
    number of the one that it closes."""

    field: str
    is_time_stamp: bool
    revision: int
    gap: tuple[int, int]
    end: int
    library: EmbeddedPdfSignature

    def covered(self, pdf: bytes) -> Iterator[memoryview]:
        whole = memoryview(pdf)
        yield whole[: self.gap[0]]
        yield whole[self.gap[1] : self.end]


@dataclass(frozen=True)
class Ill:
    """A filled signature field that is no signature."""

    field: str
    code: Code


def open_file(pdf: bytes) -> PdfFileReader:
    """Raises Unfit, or whatever the library raises on nonsense."""
    if len(pdf) > LARGEST:
        raise Unfit(Code.TOO_LARGE)
    if not pdf.startswith(b"%PDF-"):
        raise Unfit(Code.UNREADABLE)
    budget = DocumentDecodeBudget(base_allowance=MOST_DECODED, max_ratio=1)
    reader = PdfFileReader(io.BytesIO(pdf), strict=True, decode_limits=DecodeLimits(document_budget=budget))
    if reader.encrypted:
        raise Unfit(Code.ENCRYPTED)
    xrefs = reader.xrefs
    if xrefs.hybrid_xrefs_present:
        raise Unfit(Code.UNREADABLE)
    count = sum(len(xrefs.get_xref_data(number).explicit_refs_in_revision) for number in range(xrefs.total_revisions))
    if count > MOST_OBJECTS:
        raise Unfit(Code.TOO_COMPLEX)
    return reader


def signatures(pdf: bytes, reader: PdfFileReader) -> tuple[list[Embedded], list[Ill]]:
    """Those of all filled signature fields, in the order in which they were made."""
    well: list[Embedded] = []
    ill: list[Ill] = []
    seen: set[object] = set()
    for name, _value, reference in enumerate_sig_fields(reader):
        field = reference.get_object()
        value = raw(field, "/V")
        if value is None or isinstance(value.get_object(), generic.NullObject):
            continue
        if len(seen) == MOST_SIGNATURES:
            raise Unfit(Code.TOO_COMPLEX)
        if not isinstance(value, generic.IndirectObject) or value.reference in seen:
            ill.append(Ill(str(name), Code.DAMAGED_SIGNATURE))
            continue
        seen.add(value.reference)
        read = _read(pdf, reader, str(name), field, value.reference)
        (well if isinstance(read, Embedded) else ill).append(read)  # type: ignore[arg-type]
    return sorted(well, key=lambda one: (one.revision, one.end)), ill


def count_of_ranges(pdf: bytes) -> int:
    """How many signatures the bytes hold, whether a field names them or not."""
    return len(re.findall(rb"/ByteRange\b", pdf))


def _read(pdf: bytes, reader: PdfFileReader, name: str, field: Any, reference: generic.Reference) -> Embedded | Ill:
    value = reference.get_object()
    if not isinstance(value, generic.DictionaryObject) or "/ByteRange" not in value or "/Contents" not in value:
        return Ill(name, Code.DAMAGED_SIGNATURE)
    contents = value.raw_get("/Contents")
    if not isinstance(contents, generic.TextStringObject | generic.ByteStringObject):
        return Ill(name, Code.DAMAGED_SIGNATURE)
    content = contents.original_bytes
    if not content.strip(b"\0"):
        return Ill(name, Code.EMPTY_SIGNATURE)
    is_time_stamp = held(value, "/Type", "/Sig") == "/DocTimeStamp"
    sub_filter = held(value, "/SubFilter")
    if sub_filter == "/adbe.pkcs7.sha1":
        return Ill(name, Code.WEAK_DIGEST)
    if sub_filter not in ({"/ETSI.RFC3161"} if is_time_stamp else _SUB_FILTERS) or not _is_der(content):
        return Ill(name, Code.DAMAGED_SIGNATURE)
    ranges = _ranges(pdf, held(value, "/ByteRange"), content)
    revision = reader.xrefs.get_last_change(reference)
    if ranges is None or not _closes(pdf, reader, reference, ranges, revision):
        return Ill(name, Code.RANGE_BROKEN)
    gap, end = ranges
    try:
        read = EmbeddedPdfSignature(reader, field, name)
    except (ValueError, TypeError, KeyError):  # what is in it is no signature of one signer
        return Ill(name, Code.DAMAGED_SIGNATURE)
    return Embedded(name, is_time_stamp, revision, gap, end, read)


def _is_der(content: bytes) -> bool:
    """One sequence in DER, and behind it nothing but zeros: there is room for more in `Contents` than the signature."""
    if len(content) < 4 or content[0] != 0x30:
        return False
    length, start = content[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        if length == 0x80 or start > 6:
            return False
        length = int.from_bytes(content[2:start])
    return start + length <= len(content) and not content[start + length :].strip(b"\0")


def _ranges(pdf: bytes, found: Any, content: bytes) -> tuple[tuple[int, int], int] | None:
    """The gap and the end; None unless the gap is the signature itself, in hexadecimal digits, and nothing more."""
    if not isinstance(found, generic.ArrayObject) or len(found) != 4:
        return None
    if not all(isinstance(number, generic.NumberObject) for number in found):
        return None
    zero, first, second, length = (int(number) for number in found)
    if zero != 0 or not 0 < first < second or length <= 0 or second + length > len(pdf):
        return None
    gap = pdf[first:second]
    if not re.fullmatch(rb"<[0-9A-Fa-f]*>", gap) or len(gap) % 2 or bytes.fromhex(gap[1:-1].decode()) != content:
        return None
    return (first, second), second + length


def _closes(
    pdf: bytes,
    reader: PdfFileReader,
    reference: generic.Reference,
    ranges: tuple[tuple[int, int], int],
    revision: int,
) -> bool:
    """Whether the ranges are those of this object, and end where its revision ends."""
    gap, end = ranges
    xrefs = reader.xrefs
    place = xrefs.get_historical_ref(reference, revision)
    if not isinstance(place, int) or not place < gap[0] or b"endobj" in pdf[place : gap[0]]:
        return False
    closing = list(_END.finditer(pdf, max(0, end - 64), end))
    if not closing or pdf[closing[-1].end() : end].strip(_BLANK):
        return False
    if int(closing[-1][1]) != xrefs.get_startxref_for_revision(revision):
        return False
    return all(xrefs.get_xref_container_info(number).end_location <= end for number in range(revision + 1))


def follows_form(pdf: bytes, reader: PdfFileReader, original: bytes) -> int:
    """The number of the form's last revision in the file. Raises Unfit when the file does not begin with exactly our
    bytes, or does not build on them."""
    if not pdf.startswith(original):
        raise Unfit(Code.NOT_OUR_FORM)
    ours = open_file(original).xrefs
    theirs = reader.xrefs
    same = theirs.total_revisions >= ours.total_revisions and all(
        theirs.get_xref_container_info(number).start_location == ours.get_xref_container_info(number).start_location
        for number in range(ours.total_revisions)
    )
    if not same:
        raise Unfit(Code.NOT_OUR_FORM)
    return int(ours.total_revisions) - 1


def has_only_revisions(pdf: bytes, reader: PdfFileReader, *, after: int, start: int) -> bool:
    """Whether the bytes from `start` on are the revisions behind number `after`, each whole, and nothing else: no byte
    that is in no object, no object that no table names, nothing behind the last end."""
    xrefs = reader.xrefs
    numbers = range(after + 1, xrefs.total_revisions)
    if len(numbers) > MOST_REVISIONS:
        raise Unfit(Code.TOO_COMPLEX)
    for number in numbers:
        end = next((found for found in _END.finditer(pdf, start) if _is_of(found, xrefs, number)), None)
        if end is None or not _is_accounted(pdf, xrefs, number, start=start, end=end):
            return False
        start = end.end()
    return start == len(pdf)


def _is_of(end: re.Match[bytes], xrefs: Any, number: int) -> bool:
    return bool(int(end[1]) == xrefs.get_startxref_for_revision(number))


def _is_accounted(pdf: bytes, xrefs: Any, number: int, *, start: int, end: re.Match[bytes]) -> bool:
    """Each piece between two places of the revision's table is one object, and the last is the table."""
    data, table = xrefs.get_xref_data(number), xrefs.get_startxref_for_revision(number)
    places = sorted({place for _generation, place in data.standard_xrefs.values()} | {table})
    if places[0] < start or places[-1] != table or pdf[start : places[0]].strip(_BLANK):
        return False
    if places[0] - start > _MOST_BLANKS:
        return False
    for begin, stop in zip(places, [*places[1:], end.start()], strict=True):
        piece = pdf[begin:stop].strip(_BLANK)
        if begin == table and piece.startswith(b"xref"):
            if b"endobj" in piece or b"%%EOF" in piece:
                return False
        elif not _OBJECT.match(piece) or not piece.endswith(b"endobj") or piece.count(b"endobj") != 1:
            return False
    return True
