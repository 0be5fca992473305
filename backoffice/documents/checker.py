"""Looks into a file that somebody sent, in a process of its own with little memory and little time.

It is run as a script, without Django and without anything of ours (`isolated.py`): `python -I checker.py check`, with
the file on its standard input. It answers one line of JSON and, after it, the bytes of a picture where there is one.
What a parser does with a hostile file, be it hang, crash or worse, stays in here.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pypdfium2
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

MOST_PAGES = 30
MOST_PIXELS = 40_000_000
"""Of a picture: an A3 page at 400 dots an inch has 31 million."""
MOST_OBJECTS = 100_000
MOST_REVISIONS = 50
QUALITY = 88
WIDTH_OF_SCAN = 1654
"""Pixels of an A4 page at 200 dots an inch."""
WIDTH_OF_RENDITION = 1240
"""Pixels of an A4 page at 150 dots an inch: enough to read a name on a card."""
WIDTH_OF_TRY = 120
"""Pixels of the longer side of a page that is drawn only to see whether it can be."""
PAGES_WITH_MARK = 6
"""A mark is looked for on so many pages; ours stands on each."""
MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 20
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
_MAGIC = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|svg|iframe|\?php)\b", re.IGNORECASE)
_BEGINNING = 1024
"""Readers look for the header of a PDF, and browsers for markup, in so many bytes."""
_AFTER_EOF = b"\r\n\t \x00\x1a"


class Refused(Exception):
    """The code of one of `models.RefusedFor`."""


def kind_of(content: bytes) -> str:
    """The media type by the first bytes. Raises `Refused` for every other type, and for two types in one file."""
    found = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
    if found is None:
        is_hidden = b"%PDF-" in content[:_BEGINNING]
        raise Refused("polyglot" if is_hidden else "other_type")
    others = [magic for magic, kind in _MAGIC if kind != found and magic in content[:_BEGINNING] and len(magic) > 4]
    if others or _MARKUP.search(content[:_BEGINNING]) or zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("polyglot")
    if found == PDF:
        _check_end(content)
    return found


def check(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The type and the number of pages of a file that may be kept; and, for a picture, the picture drawn anew."""
    kind = kind_of(content)
    if kind == PDF:
        return {"media_type": PDF, "pages": check_pdf(content)}, b""
    return {"media_type": kind, "pages": 1}, redrawn(content, kind)


def redrawn(content: bytes, kind: str) -> bytes:
    """The picture alone: no place, no camera, no thumbnail, nothing behind its end."""
    drawn = io.BytesIO()
    picture = _picture(content)
    picture.save(drawn, "JPEG", quality=QUALITY) if kind == JPEG else picture.save(drawn, "PNG")
    return drawn.getvalue()


def check_pdf(content: bytes) -> int:
    """The number of pages. Two readers must agree on it: what one of them repairs in another way could show people
    something else than what was checked. Each page is drawn once, so that what is kept can be shown in time."""
    pages = _check_objects(content)
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as unreadable:
        raise Refused("encrypted" if "password" in str(unreadable).lower() else "damaged") from None
    if len(document) != pages or pages == 0:
        raise Refused("damaged")
    if pages > MOST_PAGES:
        raise Refused("too_many_pages")
    for page in document:
        wide, high = page.get_size()
        page.render(scale=WIDTH_OF_TRY / max(wide, high, 1.0))
        page.close()
    return pages


def draw(content: bytes, number: int, width: int) -> Image.Image:
    """One page, counted from 1, in this width in pixels; at most three times as high."""
    if kind_of(content) != PDF:
        picture = _picture(content)
        picture.thumbnail((width, 3 * width))
        return picture
    document = pypdfium2.PdfDocument(content)
    if not 1 <= number <= len(document):
        raise Refused("no_page")
    page = document[number - 1]
    wide, high = page.get_size()
    scale = min(width / max(wide, 1.0), 3 * width / max(high, 1.0))
    drawn: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return drawn


def redact(content: bytes, areas: Sequence[Sequence[int]]) -> bytes:
    """A PDF of its pages on which only these areas, (page, left, top, width, height) in percent, are not black. Their
    pixels are copied to an empty page: no text, no date, no name of a program, nothing below the black."""
    count = len(pypdfium2.PdfDocument(content)) if kind_of(content) == PDF else 1
    pages = []
    for number in range(1, count + 1):
        page = draw(content, number, WIDTH_OF_RENDITION).convert("RGB")
        covered = Image.new("RGB", page.size, "black")
        for on, left, top, width, height in areas:
            if on == number:
                _open(covered, page, left, top, width, height)
        pages.append(covered)
    out = io.BytesIO()
    told = {"title": None, "creationDate": None, "modDate": None, "quality": QUALITY, "resolution": 150.0}
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], **told)
    return out.getvalue()


def _open(covered: Image.Image, page: Image.Image, left: int, top: int, width: int, height: int) -> None:
    """Rounded so that never more is open than was said."""
    box = (
        -(-left * page.width // 100),
        -(-top * page.height // 100),
        (left + width) * page.width // 100,
        (top + height) * page.height // 100,
    )
    if box[0] < box[2] and box[1] < box[3]:
        covered.paste(page.crop(box), box[:2])


def codes(content: bytes) -> list[str]:
    """The texts of the QR codes on the first pages. A page is read as it is, and, where nothing is found, without
    noise: a median of 3 × 3 takes single dots away, and at half the size what is left of them."""
    import zxingcpp

    pages = len(pypdfium2.PdfDocument(content)) if kind_of(content) == PDF else 1
    for number in range(1, min(pages, PAGES_WITH_MARK) + 1):
        page = draw(content, number, WIDTH_OF_SCAN).convert("L")
        for view in _views(page):
            found = zxingcpp.read_barcodes(view, formats=zxingcpp.barcode_formats_from_str("QRCode"))
            if texts := [one.text for one in found if one.valid]:
                return texts
    return []


def _views(page: Image.Image) -> Iterable[Image.Image]:
    yield page
    smooth = page.filter(ImageFilter.MedianFilter(3))
    yield smooth
    yield smooth.reduce(2)
    yield smooth.filter(ImageFilter.MedianFilter(5))


def _picture(content: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Refused("too_many_pixels")
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            if "A" in upright.getbands() or "transparency" in upright.info:
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
            alone = Image.new("L" if upright.mode in ("1", "L") else "RGB", upright.size)
            alone.paste(upright.convert(alone.mode))
            return alone
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise Refused("damaged") from None


def _check_end(content: bytes) -> None:
    """Nothing stands behind the last end of the file."""
    if b"%%EOF" not in content:
        raise Refused("damaged")
    if content.rpartition(b"%%EOF")[2].strip(_AFTER_EOF):
        raise Refused("polyglot")


# --- what acts by itself in a PDF -------------------------------------------------------------------------------------

FORBIDDEN_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/RichMediaExecute"),
        *("/Rendition", "/Movie", "/Sound", "/Hide", "/GoTo3DView", "/ResetForm", "/SetOCGState"),
    }
)
FORBIDDEN_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
FORBIDDEN_KEYS = frozenset({"/XFA", "/EF", "/Collection", "/RichMediaContent"})
SAFE_LINKS = re.compile(r"(?i)(?:https?|mailto|tel):")


def _check_objects(content: bytes) -> int:
    """Every object of every revision, also those in compressed streams; names are compared as a reader reads them,
    however they are spelt (`/J#61vaScript`). Gives the number of pages."""
    from pyhanko.pdf_utils import generic, misc, reader

    try:
        file = reader.PdfFileReader(io.BytesIO(content), strict=False)
        if file.encrypted or "/Encrypt" in file.trailer_view:
            raise Refused("encrypted")
        read: Callable[..., Any] = file.get_object
        seen = 0
        if file.xrefs.total_revisions > MOST_REVISIONS:
            raise Refused("too_complex")
        for revision in range(file.xrefs.total_revisions):
            for ref in file.xrefs.explicit_refs_in_revision(revision):
                seen += 1
                if seen > MOST_OBJECTS:
                    raise Refused("too_complex")
                _check_object(read(ref, revision=revision), generic)
        return _leaves(file.root["/Pages"], generic)
    except RecursionError:
        raise Refused("too_complex") from None
    except (misc.PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError):
        raise Refused("damaged") from None


def _leaves(tree: Any, generic: Any) -> int:
    """The pages of the page tree, counted: what `/Count` says is only a claim."""
    waiting, pages, seen = [tree], 0, 0
    while waiting:
        one, seen = waiting.pop(), seen + 1
        if seen > 10 * MOST_PAGES:
            raise Refused("too_many_pages")
        if not isinstance(one, generic.DictionaryObject):
            raise Refused("damaged")
        if "/Kids" in one:
            kids = one["/Kids"]
            waiting += [kids[place] for place in range(len(kids))]
        else:
            pages += 1
    return pages


def _check_object(found: Any, generic: Any) -> None:
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, generic.DictionaryObject):
            if _acts(one, generic):
                raise Refused("active")
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, generic.ArrayObject):
            waiting += [one.raw_get(place) for place in range(len(one))]


def _acts(one: Any, generic: Any) -> bool:
    is_annotation = one.get("/Type") == "/Annot" or "/Rect" in one
    is_script = "/JS" in one and isinstance(
        one["/JS"], generic.TextStringObject | generic.ByteStringObject | generic.StreamObject
    )
    return (
        is_script
        or one.get("/S") in FORBIDDEN_ACTIONS
        or any(key in one for key in FORBIDDEN_KEYS)
        or one.get("/Type") == "/EmbeddedFile"
        or (is_annotation and one.get("/Subtype") in FORBIDDEN_ANNOTATIONS)
        or (one.get("/Subtype") == "/PS" and isinstance(one, generic.StreamObject))
        or (isinstance(one, generic.StreamObject) and "/F" in one)
        or (one.get("/S") == "/URI" and not SAFE_LINKS.match(str(one.get("/URI", ""))))
        or _begins_by_itself(one, generic)
    )


def _begins_by_itself(one: Any, generic: Any) -> bool:
    """`/OpenAction` with an action (a place to open at is none), or `/AA` with actions."""
    opens = one.get("/OpenAction")
    if isinstance(opens, generic.DictionaryObject) and opens.get("/S") != "/GoTo":
        return True
    added = one.get("/AA")
    if not isinstance(added, generic.DictionaryObject) or isinstance(added, generic.StreamObject):
        return False
    return any(isinstance(added[key], generic.DictionaryObject) and "/S" in added[key] for key in added)


# --- the script -------------------------------------------------------------------------------------------------------


def _drawn(content: bytes, number: str, width: str) -> tuple[dict[str, Any], bytes]:
    out = io.BytesIO()
    draw(content, int(number), int(width)).save(out, "PNG")
    return {}, out.getvalue()


COMMANDS: Mapping[str, Callable[..., tuple[dict[str, Any], bytes]]] = {
    "check": check,
    "draw": _drawn,
    "redact": lambda content, areas: ({}, redact(content, json.loads(areas))),
    "codes": lambda content: ({"codes": codes(content)}, b""),
}


def main(arguments: Sequence[str]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        told, picture = COMMANDS[arguments[0]](content, *arguments[1:])
    except Refused as refused:
        told, picture = {"refused": str(refused)}, b""
    except MemoryError:
        told, picture = {"refused": "too_complex"}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
