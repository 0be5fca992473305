"""A second tool that signs PDFs and shares no code with the first: the file is put together here, byte by byte, and the
signature is made by `cryptography`. It signs as older programs do, with `adbe.pkcs7.detached`."""

from __future__ import annotations

import re
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from devstack.signers import Signer

from . import forging

ROOM = 8192
"""Hexadecimal digits for the signature."""


def sign_otherwise(pdf: bytes, signer: Signer, *, field: str) -> bytes:
    """The PDF with a signature in a new invisible field, and a form when it had none."""
    number = forging.free_number(pdf)
    root: Any = forging.reader(pdf).root
    fields = b""
    if "/AcroForm" in root:
        listed = root["/AcroForm"]["/Fields"]
        fields = b" ".join(b"%d 0 R" % listed.raw_get(place).reference.idnum for place in range(len(listed)))
    grown = b"<</Fields[%s %d 0 R]/SigFlags 3>>" % (fields, number + 1)
    value = (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached"
        b"/ByteRange[0 ########## ########## ##########]/Contents<%s>>>" % (b"0" * ROOM)
    )
    widget = b"<</FT/Sig/T(%s)/V %d 0 R/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]>>" % (field.encode(), number)
    drafted = forging.update(
        pdf,
        {
            root.container_ref.idnum: forging.with_entries(root, AcroForm=grown),
            number: value,
            number + 1: widget,
        },
    )
    return _filled(drafted, signer)


def _filled(drafted: bytes, signer: Signer) -> bytes:
    start = drafted.rindex(b"/Contents<000") + len(b"/Contents")
    end = start + ROOM + 2
    told = re.sub(rb"#{10}", b"%010d", b"########## ########## ##########") % (start, end, len(drafted) - end)
    placed = drafted.replace(b"########## ########## ##########", told)
    made = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(placed[:start] + placed[end:])
        .add_signer(signer.certificate, signer.keyed.key, hashes.SHA256())
        .add_certificate(signer.authority.issuing.certificate)
        .sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    )
    return placed[: start + 1] + made.hex().encode().ljust(ROOM, b"0") + placed[end - 1 :]
