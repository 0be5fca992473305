"""PDFs read and drawn by PDFium. It is not made for several threads at once, so one lock stands before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from PIL import Image

_one_at_a_time = threading.Lock()


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Raises `pypdfium2.PdfiumError` for what PDFium cannot open."""
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(content)
        try:
            yield document
        finally:
            document.close()


def text_of(content: bytes) -> str:
    """The text of all pages, in the order of the file."""
    with opened(content) as document:
        return "\n".join(_text(page) for page in document)


def pages_of(content: bytes) -> int:
    with opened(content) as document:
        return len(document)


def drawn(content: bytes, number: int, *, width: int) -> Image.Image:
    """One page, counted from 1, as a grey or colour picture of this width in pixels, never higher than three times
    that. Raises `IndexError` for a page that is not there."""
    with opened(content) as document:
        if not 1 <= number <= len(document):
            raise IndexError(number)
        page = document[number - 1]
        wide, high = page.get_size()
        scale = min(width / max(wide, 1), 3 * width / max(high, 1))
        picture: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
        page.close()
        return picture


def _text(page: pypdfium2.PdfPage) -> str:
    reader = page.get_textpage()
    try:
        return str(reader.get_text_range())
    finally:
        reader.close()
        page.close()
