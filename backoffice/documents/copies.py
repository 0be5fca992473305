"""Copies of identity documents: who sees one in clear, and how soon its original goes.

In clear it is only for the person who has claimed an open work item whose form checks it (`ShowsCopies`), and only
while they may answer that item. Everybody else of our staff sees its redacted rendition (`redacting.py`), or that there
is none yet; the parties see neither. The original goes once it was checked, or once its case has ended, and at the
latest after `COPY_LASTS`. This is data minimisation and storage limitation: GDPR, art. 5(1)(c) and (e).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import catalogue, timeline, worklist
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.documents import seeing, storing
from backoffice.documents.models import DeletedFor, Document, DocumentState, Mark, Paper
from backoffice.documents.rights import SEE_COPY
from backoffice.refusals import Conflict, Forbidden, Refused
from backoffice.staff import rights
from backoffice.staff.models import User

log = structlog.get_logger(__name__)
COPY_LASTS = timedelta(days=13)
"""How long an original is kept at most. Checks are due within two days; the rest is for a pause and for questions. The
daily task deletes it within a day after that: on the fourteenth day at the latest."""
_DAY = timedelta(days=1)
MOST_PAGES = 6
"""Both sides of the cards of three people."""


class Covered(Refused):
    """This copy is not shown to you in clear; the sentence says why."""

    status = 403


class ShowsCopies:
    """What the field of a form is, whose answerer checks the documents of these purposes, copies in clear included."""

    purposes: frozenset[str]


@dataclass(frozen=True)
class Shown:
    """A document as one reader sees it. `pages_of` is what they may look at now: the document, its rendition, or
    nothing. `says` is the state of a copy in words, empty for other documents. `must_claim` says that
    they see it in clear once they have claimed its check."""

    document: Document
    pages_of: Document | None
    rendition: Document | None = None
    says: str = ""
    must_claim: str = ""
    may_be_said_copy: bool = False
    """Whether this reader can say that it is a copy of an identity document, although it came as something else."""

    @property
    def is_clear(self) -> bool:
        return self.document.is_copy and self.pages_of == self.document


def shown(documents: Iterable[Document], *, by: Actor | None = None, user: User | None = None) -> Sequence[Shown]:
    """The documents as this person sees them; without a person, as every member of staff does who reads the case."""
    return [_shown(document, by, user) for document in documents]


def _shown(document: Document, by: Actor | None, user: User | None) -> Shown:
    if not document.is_copy:
        is_checker = bool(by and user and _is_checker(document, by=by, user=user))
        may = is_checker and document.is_kept and not _is_the_form(document)
        return Shown(document, document if document.is_kept else None, may_be_said_copy=may)
    why, rendition = why_covered(document, by=by, user=user), rendition_of(document)
    return Shown(
        document, rendition if why else document, rendition, says(document), why if why == _claim_first() else ""
    )


def rendition_of(document: Document) -> Document | None:
    """What everybody else sees of a copy; None before it was redacted."""
    return Document.objects.filter(redacts=document, state=DocumentState.KEPT).first()


def why_covered(document: Document, *, by: Actor | None, user: User | None) -> str:
    """The sentence that says why this person does not see a copy in clear; empty when they do."""
    if not document.is_kept:
        return says(document)
    checks = _checks_for(document, by=by, user=user) if by is not None and user is not None else []
    if any(user and one.holder_id == user.pk for one in checks):
        return ""
    if checks:
        return _claim_first()
    if rendition_of(document) is not None:
        return _("Only the redacted copy is shown to you.")
    return _("This copy is not redacted yet: only the person who checks it sees it.")


@rights.needs(SEE_COPY)
def check_clear(*, document: Document, by: Actor, user: User) -> None:
    """Raises `Covered` for who does not see this copy in clear."""
    check_seen(document, by=by, user=user)


def check_seen(document: Document, *, by: Actor, user: User) -> None:
    """For a member of staff who may read the case: raises `Covered` for a copy that they do not see in clear."""
    if document.is_copy and (refusal := why_covered(document, by=by, user=user)):
        raise Covered("covered", refusal)


def check_downloaded(document: Document) -> None:
    """Raises `Covered` for a copy as it came: nobody has it on a machine of their own."""
    if document.is_copy:
        raise Covered(
            "no_download", _("A copy of an identity document is looked at here. Only the redacted one is downloaded.")
        )


@rights.needs(SEE_COPY)
def say_copy(*, public_id: uuid.UUID, by: Actor, user: User, now: datetime | None = None) -> Document:
    """Whoever checks the papers of a case has found that a file is a copy of an identity document, whatever the post
    room said: from now on it is covered, and has an end. Again is once. Raises `NotFound`, `Forbidden` for who does not
    check it now, and `Conflict` for the signed form itself, whose original is the proof, and for what is not kept."""
    now, document = now or timezone.now(), seeing.document_of(public_id)
    if document.case_id is None:
        raise seeing.unknown_document()
    with changing(document.case_id) as case:
        document = Document.objects.select_for_update(of=("self",)).select_related("case").get(pk=document.pk)
        if not _is_checker(document, by=by, user=user):
            raise Forbidden("not_the_checker", _("Only who has claimed the check of these papers can say that."))
        if document.is_copy:
            return document
        _check_coverable(document)
        document.kind, document.retain_until = Paper.IDENTITY, now + COPY_LASTS
        document.save(update_fields=["kind", "retain_until"])
        storing.forget_pictures(document)
        timeline.note(case, "document.found_copy", by=by, data={"document": str(document.public_id)}, at=now)
    return document


def _check_coverable(document: Document) -> None:
    if not document.is_kept or document.redacts_id is not None:
        raise Conflict("deleted", _("This document was deleted when its time was over."))
    if _is_the_form(document):
        sentence = _(
            "This file holds the signed form, which stays readable as the proof. Say so where you say what fits."
        )
        raise Conflict("is_the_form", sentence)


def _is_the_form(document: Document) -> bool:
    return Mark.objects.filter(used_by=document).exists()


def too_many_pages() -> str:
    told = {"most": MOST_PAGES}
    return _("A copy of an identity document has at most %(most)s pages. Scan it into a file of its own.") % told


def not_redacted(documents: Iterable[Document]) -> Sequence[Document]:
    """The copies among them whose original is there, and of which nobody else could see anything."""
    return [one for one in documents if one.is_copy and one.is_kept and rendition_of(one) is None]


def let_go(case: Case, *, why: DeletedFor, by: Actor, now: datetime) -> None:
    """Deletes the originals of a case that is being changed. After the checks, only those whose rendition can be read:
    one that is lost keeps its original, until its time is over. `now` is UTC."""
    kept = Document.objects.filter(case=case, kind=Paper.IDENTITY, redacts=None, state=DocumentState.KEPT)
    for document in kept.order_by("id"):
        if why is DeletedFor.CHECKED and not _is_redacted(document):
            log.error("a checked copy has no rendition", document=str(document.public_id))
            continue
        if storing.delete(document, now=now, why=why):
            told = {"document": str(document.public_id)}
            timeline.note(case, "document.copy_deleted", by=by, data=told, at=now)


def says(document: Document) -> str:
    """The state of a copy in words."""
    is_redacted = rendition_of(document) is not None
    if document.is_kept:
        latest = (document.retain_until or document.made_at + COPY_LASTS) + _DAY
        if is_redacted:
            sentence = _("Redacted. The original is deleted after both checks, on %(day)s at the latest.")
        else:
            sentence = _(
                "Not redacted yet: only the person who checks it sees it. It is deleted after both checks, "
                "on %(day)s at the latest."
            )
        return sentence % {"day": _day(latest)}
    why = document.get_deleted_for_display() or _("because its longest time was over")
    told = {"day": _day(document.deleted_at or document.made_at), "why": why}
    if is_redacted:
        return _("The original was deleted on %(day)s %(why)s. This is the redacted copy.") % told
    return _("It was deleted on %(day)s %(why)s. There is no redacted copy.") % told


def _claim_first() -> str:
    return _("Claim this first: a copy of an identity document is shown only to the person who checks it.")


def _is_redacted(document: Document) -> bool:
    rendition = rendition_of(document)
    try:
        return rendition is not None and bool(storing.read(rendition))
    except storing.ContentLost:
        return False


def _is_checker(document: Document, *, by: Actor, user: User) -> bool:
    return any(one.holder_id == user.pk for one in _checks_for(document, by=by, user=user))


def _checks_for(document: Document, *, by: Actor, user: User) -> Sequence[WorkItem]:
    """The open work items of its case whose form shows it to be checked, and that this person may answer."""
    if not SEE_COPY.allows(by) or document.case_id is None:
        return []
    opened = WorkItem.objects.filter(case_id=document.case_id, state=ItemState.OPEN)
    found = opened.select_related("case", "case__customer")
    return [one for one in found if _checks(one, document) and not worklist.why_not(one, by=by, user=user)]


def _checks(item: WorkItem, document: Document) -> bool:
    fields = catalogue.answering(item).form.base_fields.values()
    return any(isinstance(field, ShowsCopies) and document.purpose in field.purposes for field in fields)


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")
