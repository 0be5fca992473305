"""A file that comes with a report (threat 14): a mail saved as a file, of which only the text is read, or a screenshot,
which is checked and drawn anew in a process of its own (`documents/checker.py`). Nothing else is taken.

What a file is, its content says; its name is not believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.documents import uploads
from backoffice.documents.models import Document, Origin
from backoffice.documents.storing import What
from backoffice.refusals import TryRefused
from backoffice.suspicions.models import Report
from backoffice.trust.extracting import LONGEST
from backoffice.trust.mails.accepting import NotAccepted, check, decoded, header
from backoffice.trust.mails.reading import Readable, readable

LARGEST_MAIL = 5 * 1024 * 1024
"""In bytes: a mail with some pictures."""
KEPT_FOR = timedelta(days=90)
PURPOSE = "suspicious_contact"
_HEADER = re.compile(rb"\A(?:[!-9;-~]{1,76}[ \t]*:[^\r\n]{0,998}\r?\n)")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-")
_SHOWN = ("From", "Reply-To", "To", "Subject", "Date")


@dataclass(frozen=True)
class MailFile:
    """What people may read of a mail: header lines, text, where its links lead, and what is attached."""

    text: str


class FileNotTaken(TryRefused):
    """A file that we do not take; the sentence says what to do instead."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence, field="file")


def is_picture(file: IO[bytes]) -> bool:
    """Whether its first bytes are those of a picture or a PDF."""
    file.seek(0)
    beginning = file.read(8)
    file.seek(0)
    return beginning.startswith(_PICTURES)


def mail_text(file: IO[bytes]) -> MailFile:
    """The text of a mail that somebody saved as a file. Raises `FileNotTaken` for every other kind of file, and for a
    mail that cannot be read in one way only."""
    file.seek(0)
    raw = file.read(LARGEST_MAIL + 1)
    if not raw:
        raise FileNotTaken("empty", _("This file is empty. Choose another one."))
    if not _HEADER.match(raw):
        raise FileNotTaken(
            "other_type",
            _("We take a screenshot (JPEG, PNG), a PDF, or a mail saved as a file (.eml). Or copy the text instead."),
        )
    if len(raw) > LARGEST_MAIL:
        raise FileNotTaken("too_large", _("This mail is larger than 5 MB. Copy its text instead."))
    try:
        accepted = check(_line_ends(raw))
        read = readable(accepted.message)
        headers = [(name, decoded(header(accepted.message, name))) for name in _SHOWN]
    except NotAccepted:
        raise FileNotTaken(
            "unreadable", _("This mail is built in a way that we do not open, to be safe. Copy its text instead.")
        ) from None
    return MailFile(_in_words(headers, read)[:LONGEST])


def keep_picture(
    report: Report, file: IO[bytes], *, by: Actor, now: datetime, name: str = "", origin: str = ""
) -> Document:
    """Checks a screenshot and keeps it with the report, for the analyst alone. `origin` is what its sender's tries are
    counted by. Raises what `uploads.take` raises; the report stands all the same. Not within a transaction."""
    what = What(
        purpose=PURPOSE,
        origin=Origin.SCANNED,
        case=report.case,
        label=name.replace("\\", "/").rpartition("/")[2],
        retain_until=now + KEPT_FOR,
    )
    file.seek(0)
    checked, received = uploads.examine(what, file, by=by, now=now)
    document = uploads.keep(what, checked, received=received, by=by, now=now)
    report.document = document
    report.save(update_fields=["document"])
    return document


def _line_ends(raw: bytes) -> bytes:
    """As they travel: what saves a mail as a file writes the line ends of its own system."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _in_words(headers: list[tuple[str, str]], read: Readable) -> str:
    lines = [f"{name}: {value}" for name, value in headers if value]
    leads = [_("A link says %(named)s and leads to %(leads)s") % {"named": a, "leads": b} for a, b in read.links]
    attached = [_("Attached: %(name)s") % {"name": one.name or one.kind} for one in read.attachments]
    return "\n".join([*lines, "", read.text, "", *leads, *attached]).strip()
