"""Adding a file to a work item, and taking it away again: for whoever may answer that item, on every face."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import catalogue, timeline
from backoffice.cases.answering import check_open, check_performer, unknown_item
from backoffice.cases.models import WorkItem
from backoffice.cases.unit_of_work import changing_item
from backoffice.documents import copies, marks, storing, uploads
from backoffice.documents.fields import UploadedDocuments
from backoffice.documents.models import Document, DocumentState, Paper
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff import rights
from backoffice.staff.models import User


@rights.needs(rights.ANSWER)
def add(
    *,
    item_id: uuid.UUID,
    field: str,
    file: IO[bytes],
    name: str,
    by: Actor,
    kind: str = "",
    now: datetime | None = None,
) -> Document:
    """Checks and keeps a file for a field of the item's form; the same content again is the same document. `kind` says
    which paper it shows, where the field asks for that; without a word it is the first that the field names.

    Raises as answering does for who and when, `NotFound` for a field that takes no files, `Invalid` on `kind`,
    `FileRefused`, `ScannerAway`, and `Conflict` ("enough_files", "too_many_pages", "other_kind"). It takes seconds, so
    the case is not locked meanwhile.
    """
    now = now or timezone.now()
    item, asked = _to_add(item_id=item_id, field=field, by=by)
    _check_room(item, asked)
    paper = _paper(asked, kind)
    until = now + copies.COPY_LASTS if paper is Paper.IDENTITY else None
    what = uploads.what_of(
        case=item.case, item=item, purpose=asked.purpose, by=by, name=name, kind=paper, retain_until=until
    )
    checked, received = uploads.examine(what, file, by=by, now=now)
    if paper is Paper.IDENTITY and checked.pages > copies.MOST_PAGES:
        raise Conflict("too_many_pages", copies.too_many_pages(), field="file")
    with changing_item(item_id, unknown_item()) as (case, locked):
        check_performer(case, locked, by=by, user=user_of(by))
        check_open(case, locked)
        _check_room(locked, asked)
        document = uploads.keep(what, checked, received=received, by=by, now=now)
        _check_kind(document, paper)
    reads = asked.reads_marks and paper in (None, Paper.FORM)
    return marks.note_read(document) if reads else document


@rights.needs(rights.ANSWER)
def remove(*, item_id: uuid.UUID, field: str, public_id: uuid.UUID, by: Actor, now: datetime | None = None) -> None:
    """Takes a file away that was added to an item which is still open: its content is deleted, its row stays."""
    now = now or timezone.now()
    item, asked = _to_add(item_id=item_id, field=field, by=by)
    with changing_item(item.id, unknown_item()) as (case, locked):
        check_performer(case, locked, by=by, user=user_of(by))
        check_open(case, locked)
        found = Document.objects.filter(item=locked, purpose=asked.purpose, public_id=public_id).first()
        if found is None or not storing.delete(found, now=now):
            raise NotFound("unknown_document", _("There is no such document."))
        timeline.note(case, "document.removed", by=by, data={"document": str(public_id)}, at=now)


def field_of(item: WorkItem, name: str, *, by: Actor) -> UploadedDocuments:
    """The field of the item's form that takes files. Raises `NotFound`."""
    found = catalogue.answering(item).form_for(item, by=by).fields.get(name)
    if not isinstance(found, UploadedDocuments):
        raise NotFound("unknown_field", _("No file is asked for here."))
    return found


def item_of(item_id: uuid.UUID) -> WorkItem:
    """Raises `NotFound`."""
    item = WorkItem.objects.select_related("case", "case__customer", "party").filter(id=item_id).first()
    if item is None:
        raise unknown_item()
    return item


def _to_add(*, item_id: uuid.UUID, field: str, by: Actor) -> tuple[WorkItem, UploadedDocuments]:
    item = item_of(item_id)
    check_performer(item.case, item, by=by, user=user_of(by))
    check_open(item.case, item)
    return item, field_of(item, field, by=by)


def _paper(asked: UploadedDocuments, kind: str) -> Paper | None:
    if kind and kind not in asked.kinds:
        raise Invalid({"kind": [_("Say what kind of paper this is.")]})
    return Paper(kind) if kind else next(iter(asked.kinds), None)


def _check_kind(document: Document, paper: Paper | None) -> None:
    """The same content is one document, and is never two kinds of paper."""
    if document.kind != (paper or ""):
        told = {"kind": document.get_kind_display()}
        sentence = _("This file is there already, as “%(kind)s”. Remove it first, to add it as something else.")
        raise Conflict("other_kind", sentence % told, field="kind")


def _check_room(item: WorkItem, asked: UploadedDocuments) -> None:
    kept = Document.objects.filter(item=item, purpose=asked.purpose, state=DocumentState.KEPT).count()
    if kept >= asked.most:
        sentence = _("There are %(most)s files already. Remove one first.") % {"most": asked.most}
        raise Conflict("enough_files", sentence, field="file")


def user_of(by: Actor) -> User | None:
    return User.objects.filter(public_id=by.id).first() if by.kind is ActorKind.STAFF else None
