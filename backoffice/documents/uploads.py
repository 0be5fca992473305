"""Taking a file that somebody sends: what it is, whether it may be kept, and, where not, why (threat 14).

The type is what the content says. Nothing is looked into in our own process. A PDF is kept byte for byte, because a
signature covers its bytes; a picture is drawn anew. Of a file that is refused only its hash and the reason are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import IO

import puremagic
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.unit_of_work import unit_of_work
from backoffice.customers.models import Customer
from backoffice.documents import checker, isolated, scanning, storing
from backoffice.documents.isolated import CannotUse, Checked
from backoffice.documents.models import Document, Origin, Paper, RefusedFor
from backoffice.documents.storing import What
from backoffice.refusals import Conflict, TryRefused
from backoffice.trust.limits import Limit, allowed

LARGEST_FILE = 10 * 1024 * 1024
"""In bytes."""
_PIECE = 64 * 1024
TRIES = Limit("uploads", times=40, per=timedelta(hours=1))
"""Files that one person may send in an hour; each costs a process."""
SENTENCES: Mapping[RefusedFor, str | Promise] = {
    RefusedFor.EMPTY: _("This file is empty. Choose another one."),
    RefusedFor.TOO_LARGE: _("This file is larger than 10 MB. Send a smaller one, or scan it at 200 dots per inch."),
    RefusedFor.OTHER_TYPE: _(
        "This is neither a PDF nor a JPEG or PNG picture. Save it as one of these, and send that."
    ),
    RefusedFor.POLYGLOT: _("This file is two kinds of file at once. Save or scan the document again, and send that."),
    RefusedFor.DAMAGED: _("This file is damaged, and we cannot read it. Save or scan the document again."),
    RefusedFor.ENCRYPTED: _("This PDF is locked with a password. Save it without one, and send that."),
    RefusedFor.ACTIVE: _(
        "This PDF holds a script, an attachment, or something else that acts by itself. Print it to a new PDF, and send"
        " that."
    ),
    RefusedFor.TOO_MANY_PAGES: _("This PDF has more than 30 pages. Send only the pages that we asked for."),
    RefusedFor.TOO_MANY_PIXELS: _(
        "This picture has too many pixels. Scan it at 200 dots per inch, or make it smaller."
    ),
    RefusedFor.TOO_COMPLEX: _("This file takes too long to check. Save or scan the document again, and send that."),
    RefusedFor.VIRUS: _("The virus scanner found something in this file. Do not open it, and ask where it came from."),
}


class FileRefused(TryRefused):
    """A file that cannot be used. `document` is the row that says so."""

    def __init__(self, reason: RefusedFor, document: Document) -> None:
        super().__init__(str(reason), str(SENTENCES[reason]), field="file")
        self.reason = reason
        self.document = document


def take(
    *,
    case: Case,
    item: WorkItem | None,
    file: IO[bytes],
    purpose: str,
    by: Actor,
    now: datetime,
    name: str = "",
    retain_until: datetime | None = None,
) -> Document:
    """Checks a file, and keeps it with the case. `name` is what its sender called it. Who may add it, the caller has
    checked (`adding.add` does it for the form of a work item). What a customer sends is seen by them and by staff only.

    Raises `FileRefused` with a sentence on `file`, of which a row stays, and `ScannerAway` and `Conflict` ("too_many"),
    of which nothing does. It takes seconds: not within a transaction.
    """
    what = what_of(case=case, item=item, purpose=purpose, by=by, name=name, retain_until=retain_until)
    checked, received = examine(what, file, by=by, now=now)
    return keep(what, checked, received=received, by=by, now=now)


def what_of(
    *,
    case: Case,
    item: WorkItem | None,
    purpose: str,
    by: Actor,
    name: str = "",
    retain_until: datetime | None = None,
    kind: Paper | None = None,
) -> What:
    """What a file that this actor sends is: a customer's own, or a scan of the post room."""
    is_customer = by.kind is ActorKind.CUSTOMER
    return What(
        purpose=purpose,
        origin=Origin.UPLOADED if is_customer else Origin.SCANNED,
        case=case,
        item=item,
        customer=Customer.objects.filter(public_id=by.id).first() if is_customer else None,
        label=name.replace("\\", "/").rpartition("/")[2],
        retain_until=retain_until,
        kind=kind,
    )


def examine(what: What, file: IO[bytes], *, by: Actor, now: datetime) -> tuple[Checked, str]:
    """What would be kept, and the SHA-256 of what came in. Raises as `take` does."""
    if not allowed(TRIES, by.id or str(by.channel), now=now):
        raise Conflict("too_many", _t("You sent many files within an hour. Wait a while, and go on."), field="file")
    content, sha256, size = _read(file)
    try:
        if size == 0:
            raise CannotUse(RefusedFor.EMPTY)
        if size > LARGEST_FILE:
            raise CannotUse(RefusedFor.TOO_LARGE)
        scanning.scan(content)
        _check_kind(content)
        return isolated.check(content), sha256
    except CannotUse as unusable:
        row = storing.note_refused(what, sha256=sha256, size=size, reason=unusable.reason, by=by, now=now)
        raise FileRefused(unusable.reason, row) from None


def keep(what: What, checked: Checked, *, received: str, by: Actor, now: datetime) -> Document:
    """Keeps what was examined; part of the transaction around it, if there is one."""
    with unit_of_work():
        return storing.keep(
            what,
            checked.content,
            media_type=checked.media_type,
            pages=checked.pages,
            by=by,
            now=now,
            received=received,
        )


def _check_kind(content: bytes) -> None:
    """A second opinion on the type: a library that knows thousands must not know a better one than ours."""
    try:
        ours = checker.kind_of(content)
    except checker.Refused as refused:
        raise CannotUse(RefusedFor(str(refused))) from None
    try:
        theirs = {one.mime_type for one in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        theirs = set()
    if ours not in theirs:
        raise CannotUse(RefusedFor.OTHER_TYPE)


def _read(file: IO[bytes]) -> tuple[bytes, str, int]:
    """The content, as far as it may be kept, its hash and its size. A file that is too large is only counted."""
    digest, size, pieces = hashlib.sha256(), 0, list[bytes]()
    while piece := file.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        if size <= LARGEST_FILE:
            pieces.append(piece)
    return b"".join(pieces), digest.hexdigest(), size
