"""Empty signature fields on a form of ours, so that people sign in the place that is theirs. A signature that is seen
anywhere else is refused, for it could cover words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """A signature field by its name. `page` counts from 1, -1 is the last. `box` is left, bottom, right and top in
    points from the page's lower left corner."""

    name: str
    page: int
    box: tuple[int, int, int, int]


def prepare_fields(pdf: bytes, fields: Sequence[Field]) -> bytes:
    """The form with these empty fields. Keep what it gives, and give exactly that out: it is the `original` that
    `examine` compares with. It is not deterministic: it has a new identifier and time each time."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for one in fields:
        page = one.page - 1 if one.page > 0 else one.page
        append_signature_field(writer, SigFieldSpec(one.name, on_page=page, box=one.box))
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
