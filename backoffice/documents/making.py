"""Makes PDFs from our templates by typst: the same input gives the same bytes, whatever the machine and the day.

Only two fonts are used, both under the SIL Open Font License: IBM Plex Sans lies beside this file, Noto Sans SC comes
with a wheel. What neither has a glyph for would be left out without a word, so the text of every document is read back
and compared with what was to stand on it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
import zxingcpp
from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.documents import pdfs
from backoffice.references import characters_of
from backoffice.refusals import Refused

FOLDER = Path(__file__).parent / "typst"
_NO_DATE = 0
"""Seconds since 1970: the day a document says it was made on is in its words, and never taken from a clock."""


class Unprintable(Refused):
    """Our fonts have no glyph for these characters, or the template leaves out the text that holds them."""

    status = 400

    def __init__(self, characters: str) -> None:
        sentence = _("We cannot print these characters: %(characters)s. Write the text without them.")
        super().__init__("unprintable", sentence % {"characters": " ".join(characters)})
        self.characters = characters


def make(template: Path, data: Mapping[str, Any], language: str) -> bytes:
    """The PDF of a template, which is a file below the root of this project or a path relative to `templates/`.

    `data` is what `paper.Form.as_data` or its like gives: texts, lists and mappings. `language` is a code of ISO 639,
    for the rules of setting. Raises `Unprintable`, and `typst.TypstError` for a template that is wrong.
    """
    root = Path(settings.BASE_DIR)
    inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True), "language": language}
    if mark := data.get("frame", {}).get("mark"):
        inputs["qr"] = qr_code(mark)
    made = typst.compile(
        str(root / "templates" / template),
        root=str(root),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        timestamp=_NO_DATE,
    )
    assert isinstance(made, bytes)
    if missing := _missing(data, pdfs.text_of(made)):
        raise Unprintable(missing)
    return made


def qr_code(mark: str) -> str:
    """The QR code of a mark as SVG: capitals and digits without hyphens, a quarter of it may be spoilt."""
    code = zxingcpp.create_barcode(characters_of(mark), zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    return str(code.to_svg())


@cache
def _fonts() -> typst.Fonts:
    folders = [str(FOLDER / "fonts"), str(pylopdf_fonts_zh_cn.sans_path().parent)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _missing(data: object, printed: str) -> str:
    """Plain ASCII is in every font."""
    there = set(unicodedata.normalize("NFKC", printed))
    wanted = {one for text in _texts(data) for one in unicodedata.normalize("NFKC", text) if not one.isascii()}
    return "".join(sorted(one for one in wanted - there if not one.isspace()))


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value)
