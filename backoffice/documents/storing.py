"""Where the content of documents lies: private files under random names, written once, read back with their hash
checked, and deleted when their time is over. The row stays, and says what was there and when it went.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.customers.models import Customer
from backoffice.documents.models import DeletedFor, Document, DocumentState, MediaType, Origin, Paper, RefusedFor
from backoffice.refusals import Conflict
from backoffice.text import kept

log = structlog.get_logger(__name__)
FOLDER = "documents"
PICTURES = "document-pages"
"""Where the pictures of pages are cached (`pages.py`)."""
LONGEST_LABEL = 120
UPLOAD_LASTS = timedelta(days=1)
"""A file without a row may belong to a transaction that is not committed yet; after this time it does not."""
MOST_AT_ONCE = 500
"""Documents that one run deletes."""


class ContentLost(Conflict):
    """The content is not there any more, or it is not what was kept."""


@dataclass(frozen=True, kw_only=True)
class What:
    """A document to be kept: what it is for, and whose it is. `retain_until` is UTC; None keeps it with its case.
    `kind` says which paper a scan shows. `redacts` is the copy of an identity document of which it is what others see.
    """

    purpose: str
    origin: Origin
    case: Case | None = None
    item: WorkItem | None = None
    customer: Customer | None = None
    label: str = ""
    retain_until: datetime | None = None
    kind: Paper | None = None
    redacts: Document | None = None


def keep(
    what: What, content: bytes, *, media_type: str, pages: int, by: Actor, now: datetime, received: str = ""
) -> Document:
    """Writes the content and its row; part of the transaction around it. The same content for the same step and purpose
    is the same document. `received` is the hash of what came in, where that was something else."""
    sha256 = hash_of(content)
    row = _row(what, by=by, now=now, sha256=sha256, received=received or sha256, size=len(content))
    if found := _same(row):
        return found
    row.media_type, row.pages = MediaType(media_type), pages
    row.stored = default_storage.save(_new_name(), ContentFile(content))
    Document.objects.bulk_create([row], ignore_conflicts=True)
    document = _same(row)
    assert document is not None
    if document.stored != row.stored:
        default_storage.delete(row.stored)
        return document
    if what.case is not None:
        with changing(what.case.id) as case:
            kind = "document.kept" if what.redacts is None else "document.redacted"
            timeline.note(case, kind, by=by, data=_told(document), at=now)
    return document


def note_refused(what: What, *, sha256: str, size: int, reason: RefusedFor, by: Actor, now: datetime) -> Document:
    """A row that says that a file was refused: its hash and why, and nothing of what was in it or how it was called."""
    row = _row(what, by=by, now=now, sha256=sha256, received=sha256, size=size)
    row.label, row.state, row.reason = "", DocumentState.QUARANTINED, reason
    with transaction.atomic():
        row.save(force_insert=True)
        if what.case is not None:
            with changing(what.case.id) as case:
                timeline.note(case, "document.refused", by=by, data={"document": str(row.public_id)}, at=now)
    return row


def read(document: Document) -> bytes:
    """The content, as it was kept. Raises `ContentLost` when it was deleted, is not there, or is another."""
    if not document.is_kept:
        raise ContentLost("deleted", _("This document was deleted when its time was over."))
    try:
        with default_storage.open(document.stored) as file:
            content = bytes(file.read())
    except OSError:
        content = b""
    if hash_of(content) != document.sha256:
        log.error("a document is not what was kept", document=str(document.public_id))
        raise ContentLost("content_lost", _("The file of this document is damaged. Tell an administrator."))
    return content


def retain(document: Document, *, until: datetime) -> None:
    """Sets when the content is deleted (UTC): when its case has ended, say."""
    Document.objects.filter(pk=document.pk, state=DocumentState.KEPT).update(retain_until=until)


def delete_due(*, now: datetime) -> int:
    """Deletes the content of the documents whose time is over; gives how many. Each in a transaction of its own."""
    due = Document.objects.filter(state=DocumentState.KEPT, retain_until__lte=now).order_by("retain_until")
    return sum(_delete_in_time(document, now=now) for document in list(due[:MOST_AT_ONCE]))


def delete(document: Document, *, now: datetime, why: DeletedFor | None = None) -> bool:
    """Deletes the content once the transaction around it is committed; the row stays. Whether there was any."""
    locked = Document.objects.select_for_update().filter(pk=document.pk, state=DocumentState.KEPT).first()
    if locked is None:
        return False
    transaction.on_commit(partial(_remove, locked.stored, str(locked.public_id)), robust=True)
    locked.state, locked.stored, locked.deleted_at = DocumentState.DELETED, "", now
    locked.deleted_for = why or ""
    locked.save(update_fields=["state", "stored", "deleted_at", "deleted_for"])
    return True


def sweep(*, now: datetime) -> int:
    """Removes the files that no row has, such as those of uploads that were rolled back; gives how many."""
    names = [f"{FOLDER}/{name}" for name in _listed(FOLDER)]
    old = [name for name in names if default_storage.get_modified_time(name) < now - UPLOAD_LASTS]
    known = set(Document.objects.filter(stored__in=old).values_list("stored", flat=True))
    for name in set(old) - known:
        default_storage.delete(name)
    return len(set(old) - known)


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _row(what: What, *, by: Actor, now: datetime, sha256: str, received: str, size: int) -> Document:
    return Document(
        case=what.case,
        item=what.item,
        customer=what.customer,
        origin=what.origin,
        purpose=what.purpose,
        label=kept(what.label)[:LONGEST_LABEL],
        sha256=sha256,
        received=received,
        size=size,
        made_at=now,
        made_by=by.id,
        made_by_kind=by.kind,
        channel=by.channel,
        retain_until=what.retain_until,
        kind=what.kind or "",
        redacts=what.redacts,
    )


def _same(row: Document) -> Document | None:
    alike = {"case": row.case, "item": row.item, "purpose": row.purpose, "sha256": row.sha256}
    return Document.objects.filter(**alike, state=DocumentState.KEPT).first()


def _told(document: Document) -> dict[str, str]:
    return {"document": str(document.public_id), "pages": str(document.pages)}


def _delete_in_time(document: Document, *, now: datetime) -> bool:
    """The case first, then the document: whoever adds to a case locks in this order."""
    with unit_of_work():
        if document.case_id is None:
            return delete(document, now=now)
        with changing(document.case_id) as case:
            if not delete(document, now=now):
                return False
            timeline.note(case, "document.deleted", by=system(), data=_told(document), at=now)
    return True


def forget_pictures(document: Document) -> None:
    """Removes the pictures of its pages, once the transaction around it is committed."""
    transaction.on_commit(partial(_remove_pictures, str(document.public_id)), robust=True)


def _remove(stored: str, public_id: str) -> None:
    default_storage.delete(stored)
    _remove_pictures(public_id)


def _remove_pictures(public_id: str) -> None:
    folder = f"{PICTURES}/{public_id}"
    for name in _listed(folder):
        default_storage.delete(f"{folder}/{name}")


def _listed(folder: str) -> Iterable[str]:
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return ()


def _new_name() -> str:
    return f"{FOLDER}/{uuid.uuid4().hex}"
