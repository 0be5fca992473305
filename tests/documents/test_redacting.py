"""Redacting a copy of an identity document: what is covered is not there any more, and what is typed is checked."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from backoffice.documents import checker, isolated, pdfs
from backoffice.documents.redacting import Area, AreasForm
from tests.documents import hostile

NUMBER = "AXR 590127"


def card(*, size: tuple[int, int] = (1240, 800), mode: str = "JPEG") -> bytes:
    """A card with a red upper half and a blue lower half, with its number in its data too."""
    picture = Image.new("RGB", size, "red")
    ImageDraw.Draw(picture).rectangle((0, size[1] // 2, size[0], size[1]), fill="blue")
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = NUMBER
    picture.save(out, mode, exif=exif)
    return out.getvalue()


def drawn(content: bytes, number: int = 1) -> Image.Image:
    return pdfs.drawn(content, number, width=1240).convert("RGB")


def is_black(picture: Image.Image, box: tuple[int, int, int, int]) -> bool:
    return max(high for _low, high in picture.crop(box).getextrema()) < 16  # type: ignore[misc]


def test_only_the_pixels_of_the_opened_areas_are_there() -> None:
    redacted = isolated.redact(card(), [(1, 10, 10, 20, 10)])

    page = drawn(redacted)
    assert page.height == 800
    red = page.getpixel((200, 120))
    assert isinstance(red, tuple)
    assert red[0] > 200
    assert max(red[1:]) < 60
    for box in ((0, 0, 1240, 72), (0, 168, 1240, 800), (0, 0, 116, 800), (380, 0, 1240, 800)):
        assert is_black(page, box), box


def test_without_an_area_everything_is_black() -> None:
    page = drawn(isolated.redact(card(mode="PNG"), []))

    assert is_black(page, (0, 0, *page.size))


def test_no_text_no_metadata_and_no_picture_below_it_is_left() -> None:
    made = pypdfium2.PdfDocument(isolated.redact(written(), [(2, 0, 0, 20, 20)]))

    assert [page.get_textpage().get_text_range() for page in made] == ["", ""]
    assert set(made.get_metadata_dict().values()) <= {"", None}
    assert [len(list(page.get_objects())) for page in made] == [1, 1]
    for page in made:
        [picture] = page.get_objects()
        assert is_black(picture.get_bitmap().to_pil().convert("RGB"), (300, 400, 1200, 1200))
    assert NUMBER in pdfs.text_of(written())
    assert NUMBER.encode() in card()
    for content in (written(), card()):
        assert NUMBER.encode() not in isolated.redact(content, [])


def written() -> bytes:
    """Two pages of text, with a title that says it too."""
    text = b"BT /F1 12 Tf 20 100 Td (%s) Tj ET" % NUMBER.encode()
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    page = b"/Contents 10 0 R /Resources << /Font << /F1 11 0 R >> >>"
    return hostile.pdf(page=page, more=(stream, font), pages=2)


def test_the_same_areas_make_the_same_bytes() -> None:
    areas = [(1, 5, 5, 20, 5)]

    assert isolated.redact(card(), areas) == isolated.redact(card(), areas)


def test_what_is_made_passes_as_a_file_of_ours() -> None:
    assert checker.check_pdf(isolated.redact(card(), [])) == 1


def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(isolated.CannotUse):
        isolated.redact(hostile.zipped(), [])


# --- what is typed ----------------------------------------------------------------------------------------------------


def row(page: int = 1, number: int = 1, **sides: object) -> dict[str, Any]:
    given = {"left": 10, "top": 10, "width": 20, "height": 10} | sides
    return {f"page_{page}_area_{number}_{side}": value for side, value in given.items()}


def test_the_areas_of_each_page_are_read() -> None:
    form = AreasForm({**row(), **row(2, 3, left=0)}, pages=2)

    assert form.is_valid()
    assert list(form.areas) == [Area(1, 10, 10, 20, 10), Area(2, 0, 10, 20, 10)]


def test_nothing_typed_opens_nothing() -> None:
    form = AreasForm({}, pages=1)

    assert form.is_valid()
    assert list(form.areas) == []


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        (row(height=""), "page_1_area_1_height", "all four numbers"),
        (row(left=90), "page_1_area_1_width", "beyond the page"),
        (row(top=95), "page_1_area_1_height", "beyond the page"),
        (row(left=-1), "page_1_area_1_left", "from 0 to 100"),
        (row(width=0), "page_1_area_1_width", "from 1 to 100"),
        (row(top="x"), "page_1_area_1_top", "whole number"),
        (row(left=0, top=0, width=100, height=26), "page_1_area_1_width", "more than 25 % is open"),
        ({**row(width=50, height=25), **row(1, 2, width=50, height=26)}, "page_1_area_1_width", "On page 1 more than"),
    ],
)
def test_what_is_typed_wrongly_is_said_on_its_field(typed: dict[str, Any], field: str, says: str) -> None:
    form = AreasForm(typed, pages=1)

    assert not form.is_valid()
    assert says in str(form.errors[field])
