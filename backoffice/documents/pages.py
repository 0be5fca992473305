"""Pictures of the pages of a document, for people to look at: drawn once, in a process of its own, and kept as files
beside the document until it is deleted."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from backoffice.documents import isolated, storing
from backoffice.documents.isolated import CannotUse
from backoffice.documents.models import Document
from backoffice.refusals import Conflict, NotFound

WIDTH = 1240
"""In pixels: an A4 page at 150 dots an inch."""


def picture(document: Document, number: int) -> bytes:
    """The page, counted from 1, as PNG. Of a copy of an identity document no picture is kept. Raises
    `NotFound`, `ContentLost`, and `Conflict` when it cannot be drawn."""
    if not 1 <= number <= document.pages:
        raise NotFound("unknown_page", _("There is no such page."))
    name = f"{storing.PICTURES}/{document.public_id}/{number}-{WIDTH}.png"
    if document.is_kept and not document.is_copy and default_storage.exists(name):
        with default_storage.open(name) as file:
            return bytes(file.read())
    try:
        drawn = isolated.draw(storing.read(document), number=number, width=WIDTH)
    except CannotUse:
        raise Conflict("not_drawn", _("This page cannot be drawn. Download the file to look at it.")) from None
    if not document.is_copy:
        default_storage.save(name, ContentFile(drawn))
    return drawn
