"""What people do with a form outside our pages: sign the file with their own tool, change it, print it and scan it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from devstack import signers
from devstack.signers import Particulars

DOTS_PER_INCH = 150


def signed(pdf: bytes, data_dir: Path, *people: Particulars) -> bytes:
    """The file, signed by one person after the other with certificates of the demonstration's authority."""
    now = datetime.now(UTC)
    authority = signers.authority(data_dir, now=now)
    for person in people:
        field = f"Signature of {person.given_name} {person.family_name}"
        extras = signers.Extras(time_stamp=True)
        signer = signers.signer(authority, person, now=now)
        pdf = signers.sign(pdf, signer, field=field, at=now, extras=extras)
    return pdf


def with_changed_page(pdf: bytes) -> bytes:
    """The file with a line on its first page painted over, as an incremental saving after the signatures."""
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    patch = writer.add_object(StreamObject(stream_data=b"q 1 g 70 560 300 14 re f Q"))
    writer.add_stream_to_page(0, patch)
    changed = io.BytesIO()
    writer.write(changed)
    return changed.getvalue()


def signed_by_hand_and_scanned(pdf: bytes) -> bytes:
    """A picture in JPEG of the printed first page, a little grey, with two signatures in ink."""
    document = pypdfium2.PdfDocument(pdf)
    page: Image.Image = document[0].render(scale=DOTS_PER_INCH / 72).to_pil().convert("RGB")
    document.close()
    ink = ImageDraw.Draw(page)
    width, height = page.size
    for left in (width // 8, width * 9 // 16):
        points = [(left + step * 7, height * 7 // 10 + (step * 37 % 41) - 20) for step in range(30)]
        ink.line(points, fill=(25, 25, 110), width=3, joint="curve")
    scan = io.BytesIO()
    Image.blend(page, Image.new("RGB", page.size, (190, 190, 185)), 0.12).save(scan, "JPEG", quality=80)
    return scan.getvalue()
