"""What we print: every word of the data stands on it, in each script, and the same data gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp

from backoffice.documents import making, pdfs
from backoffice.documents.paper import Form, Invoice
from backoffice.references import characters_of
from tests.documents import papers

DAY = date(2026, 11, 29)
MADE: list[tuple[Path, Form | Invoice, str]] = [
    (papers.CESSION, papers.cession(), "pl"),
    (papers.POWER, papers.power_of_attorney(), "nl"),
    (papers.INVOICE, papers.invoice(), "en"),
    (papers.INVOICE, papers.invoice(duplicate=DAY), "en"),
    (papers.INVOICE, papers.invoice(duplicate=DAY, lines=60), "en"),
]


def texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts(value)


def squeezed(text: str) -> str:
    """Without blanks and breaks of lines; PDFium writes a hyphen at the end of a line as U+0002 or U+FFFE."""
    return re.sub(r"\s", "", re.sub("[\x02\ufffe]", "-", text))


@pytest.mark.parametrize(("template", "paper", "language"), MADE, ids=lambda one: getattr(one, "stem", None))
def test_every_text_of_the_data_can_be_read_on_the_page(template: Path, paper: Any, language: str) -> None:
    data = paper.as_data()
    printed = squeezed(pdfs.text_of(making.make(template, data, language)))

    pieces = [piece for text in texts(data) for piece in re.split(r"\{pages?\}", text)]
    assert [piece for piece in pieces if squeezed(piece) not in printed] == []


def test_chinese_and_polish_names_are_read_back_from_the_cession() -> None:
    printed = pdfs.text_of(making.make(papers.CESSION, papers.cession().as_data(), "pl"))

    assert "域名.pl" in printed
    assert "Zażółć Gęślą Jaźń" in printed
    assert "王小明" in printed


def test_the_same_data_gives_the_same_bytes() -> None:
    first, again = (making.make(papers.CESSION, papers.cession().as_data(), "pl") for _ in range(2))

    assert first == again
    assert b"CreationDate" not in first


def test_other_data_gives_other_bytes() -> None:
    other = replace(papers.cession(), words=("Cokolwiek innego.",))

    one = making.make(papers.CESSION, papers.cession().as_data(), "pl")
    assert one != making.make(papers.CESSION, other.as_data(), "pl")


def test_characters_without_a_glyph_are_refused_and_named() -> None:
    new = replace(papers.NEW, name="สมชาย")

    with pytest.raises(making.Unprintable, match="ส") as refused:
        making.make(papers.CESSION, papers.cession(new=new).as_data(), "pl")

    assert refused.value.status == 400


def test_the_mark_is_on_the_page_as_text_and_as_a_code_for_machines() -> None:
    made = making.make(papers.CESSION, papers.cession().as_data(), "pl")

    read = zxingcpp.read_barcodes(pdfs.drawn(made, 1, width=1200))
    assert [one.text for one in read] == [characters_of(papers.MARK)]
    assert papers.MARK in pdfs.text_of(made)


def test_a_long_invoice_counts_its_pages_and_an_invoice_has_no_mark() -> None:
    made = making.make(papers.INVOICE, papers.invoice(duplicate=DAY, lines=60).as_data(), "en")
    printed = pdfs.text_of(made)

    assert pdfs.pages_of(made) == 3
    assert all(f"Page {number} of 3" in printed for number in (1, 2, 3))
    assert zxingcpp.read_barcodes(pdfs.drawn(made, 1, width=1200)) == []


def test_only_a_duplicate_says_that_it_is_one_and_when_it_was_made() -> None:
    plain, duplicate = (
        pdfs.text_of(making.make(papers.INVOICE, papers.invoice(duplicate=day).as_data(), "en")) for day in (None, DAY)
    )

    assert "DUPLICATE made on 29 November 2026" in duplicate
    assert "DUPLICATE" not in plain


def test_a_cession_fits_on_one_sheet() -> None:
    assert pdfs.pages_of(making.make(papers.CESSION, papers.cession().as_data(), "pl")) == 1
