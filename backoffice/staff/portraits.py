"""The picture of a member of staff that a customer may see: checked, cut to a square, and drawn anew before it is kept.

Drawing it anew leaves out what a file can carry besides its picture: the place where it was taken, scripts, a second
file behind the first (threat 14). It lies in the private folder of files, under a name that says nothing, for as
long as its profile has it.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from backoffice.refusals import Invalid
from backoffice.staff.models import PORTRAITS, StaffProfile

SIDE = 320
"""Of the kept picture, in pixels."""
SMALLEST = 120
LARGEST_FILE = 5_000_000
"""In bytes."""
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 85
UPLOAD_LASTS = timedelta(days=1)
"""A file that no profile has may belong to a transaction that is not committed yet; after this time it does not."""


def portrait_of(upload: IO[bytes], *, size: int) -> ContentFile[bytes]:
    """The picture as a JPEG of 320 × 320 pixels without any other data. `size` is that of the upload in bytes.

    Raises `Invalid` on `photo` for a file that is too large, no picture, or too small to know a face by.
    """
    if size > LARGEST_FILE:
        raise Invalid({"photo": [_("The file is larger than 5 MB. Send a smaller one.")]})
    square = ImageOps.fit(_read(upload), (SIDE, SIDE))
    drawn = io.BytesIO()
    square.save(drawn, "JPEG", quality=QUALITY)
    return ContentFile(drawn.getvalue(), name=f"{uuid.uuid4().hex}.jpg")


def drop(name: str) -> None:
    """Removes the file of a picture that was replaced or taken away, once this transaction is committed: a rollback
    gives the profile its old picture back. What cannot be removed then is logged, and `sweep` tries it again."""
    if name:
        transaction.on_commit(partial(_remove_unused, [name]), robust=True)


def sweep(*, now: datetime) -> int:
    """Removes the files that no profile has, such as those of uploads that were rolled back; gives how many. `now` is
    UTC."""
    try:
        _folders, files = default_storage.listdir(PORTRAITS)
    except FileNotFoundError:
        return 0
    names = [f"{PORTRAITS}/{file}" for file in files]
    return _remove_unused(name for name in names if default_storage.get_modified_time(name) < now - UPLOAD_LASTS)


def _remove_unused(names: Iterable[str]) -> int:
    candidates = set(names)
    unused = candidates - set(StaffProfile.objects.filter(photo__in=candidates).values_list("photo", flat=True))
    for name in unused:
        default_storage.delete(name)
    return len(unused)


def _read(upload: IO[bytes]) -> Image.Image:
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            _check_size(picture)
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid(
            {"photo": [_("This is not a picture that we can read. Send a JPEG, PNG or WebP file.")]}
        ) from None


def _check_size(picture: Image.Image) -> None:
    if min(picture.size) < SMALLEST:
        raise Invalid({"photo": [_("The picture is too small: a face needs at least 120 by 120 pixels.")]})
    if picture.width * picture.height > MOST_PIXELS:
        raise Invalid({"photo": [_("The picture has too many pixels. Send a smaller one.")]})
