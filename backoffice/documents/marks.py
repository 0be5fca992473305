"""The one-time marks of our forms: issued with each form, read from what comes back, checked, and used once.

A mark ties a sheet of paper to one case, one purpose and one version of the form, so that neither the form of another
case, nor an older one, nor the same one again can move anything (threat 13).
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.documents import isolated, storing
from backoffice.documents.isolated import CannotUse
from backoffice.documents.models import MARK_LENGTH, Document, Mark
from backoffice.references import characters_of, tidy_reference
from backoffice.refusals import Refused
from backoffice.staff import rights


class MarkRefused(Refused):
    """The form cannot be used. `code` is `unknown_mark`, `other_case`, `other_form`, `old_version` or `used_before`."""

    status = 400


def issue(*, case: Case, purpose: str, version: int | None = None, now: datetime) -> Mark:
    """The mark of a form that is made now; part of the transaction around it. Without `version` it is the next one of
    this case and purpose; the same version again is the same mark. From now on the earlier versions are old. `now` is
    UTC."""
    with changing(case.id) as locked:
        known = Mark.objects.filter(case=locked, purpose=purpose)
        newest: int = known.aggregate(newest=Max("version"))["newest"] or 0
        number = version if version is not None else newest + 1
        if found := known.filter(version=number).first():
            return found
        mark = Mark.objects.create(case=locked, purpose=purpose, version=number, issued_at=now)
        timeline.note(locked, "document.mark_issued", by=system(), data={"version": str(number)}, at=now)
        return mark


def read(document: Document) -> str | None:
    """The mark on the first pages of a document, in groups; None where none can be read. A code of something else is
    no mark. It takes a second or more, in a process of its own: not within a transaction. Raises `ContentLost`."""
    try:
        found = isolated.codes(storing.read(document))
    except CannotUse:
        return None
    marks = (tidy_reference(text) for text in found if len(characters_of(text)) == MARK_LENGTH)
    return next((mark for mark in marks if mark), None)


def note_read(document: Document) -> Document:
    """Keeps the mark that is read on a document, if there is one; otherwise as `read`."""
    if found := read(document):
        document.read_mark = found
        document.save(update_fields=["read_mark"])
    return document


def check(*, code: str, case: Case, purpose: str, by: Actor | None = None) -> Mark:
    """The mark of this code, however it was typed, if it is good for this case and purpose. `by` is who reads the
    answer: only of our staff who read cases does anybody learn which case another form belongs to.

    Raises `MarkRefused` on `mark` for one that we never issued, that of another case or another form, of an old
    version (the newest is named), and for one that was used before.
    """
    mark = Mark.objects.select_related("case").filter(code=tidy_reference(code) or "-").first()
    if mark is None:
        raise _refused("unknown_mark", _("We made no form with this mark. Look whether it was typed rightly."))
    if mark.case_id != case.id:
        raise _refused("other_case", _other_case(mark, by=by))
    if mark.purpose != purpose:
        raise _refused("other_form", _("This is another form of the same case. Send the one that we ask for."))
    newest = Mark.objects.filter(case=case, purpose=purpose).order_by("-version").first()
    if newest is not None and newest != mark:
        told = {"version": mark.version, "newest": newest.version, "mark": newest.code}
        sentence = _("This is version %(version)s of the form. Use version %(newest)s, with the mark %(mark)s.")
        raise _refused("old_version", sentence % told)
    if mark.used_at is not None:
        raise _refused("used_before", _("This form was used before. Each form counts once: make a new one."))
    return mark


def use(*, code: str, case: Case, purpose: str, document: Document, by: Actor, now: datetime) -> Mark:
    """Checks the mark and uses it up, with the document that came back; under the lock of its case, so that of two at
    once only the first does. The same document again is the same use. Raises as `check` does."""
    with changing(case.id) as locked:
        mark = Mark.objects.filter(case=locked, code=tidy_reference(code) or "-", used_by=document).first()
        if mark is not None:
            return mark
        mark = check(code=code, case=locked, purpose=purpose, by=by)
        mark.used_at, mark.used_by = now, document
        mark.save(update_fields=["used_at", "used_by"])
        timeline.note(locked, "document.mark_used", by=by, data={"version": str(mark.version)}, at=now)
        return mark


def _other_case(mark: Mark, *, by: Actor | None) -> str:
    if by is not None and by.kind is ActorKind.STAFF and rights.READ.allows(by):
        return _("This form belongs to the case %(reference)s.") % {"reference": mark.case.reference}
    return _("This form belongs to another case.")


def _refused(code: str, sentence: str) -> MarkRefused:
    return MarkRefused(code, sentence, field="mark")
