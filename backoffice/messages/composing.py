"""From a row to words: subject, text, HTML and SMS of a message, in the customer's language and by their own clock.

A message's words are in one file, `templates/messages/<template>.txt`, in blocks: subject, happened, ask, deadline,
sms. A frame puts the blocks into a mail or letter, or into an SMS. A mail's HTML is made from its text, so that the two
cannot say different things.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice import never_told
from backoffice.customers import addressees
from backoffice.customers.models import ContactPoint, Customer
from backoffice.languages import offered
from backoffice.messages.catalogue import known
from backoffice.messages.models import TO
from backoffice.sealed import unseal
from backoffice.trust.quiet_hours import zone

TIMES = frozenset({"until", "window_start", "window_end"})
SEALED = frozenset({"code", "said", TO})
"""Sealed in the row, and removed from it once the message is sent. Only some messages may hold them, see `telling`."""
HEADING = "# "
"""Marks a line of the frame as a heading: `<h2>` in HTML, a normal line in plain text."""


@dataclass(frozen=True)
class Words:
    """A message as its reader gets it; `html` is empty for a letter and an SMS, `subject` for an SMS."""

    subject: str
    text: str
    html: str = ""


def subject_of(template: str, *, customer: Customer, case_reference: str, context: Mapping[str, str]) -> str:
    """The subject line. It has the case's reference, and nothing else about this customer."""
    subject = _subject(template, offered(customer.language), context.get("reason", ""))
    return f"{subject} [{case_reference}]" if case_reference else subject


def mail(
    template: str, *, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> Words:
    """A mail, with the same words in plain text and in HTML. Only an invitation, and what proves a new address, hold a
    code."""
    subject = subject_of(template, customer=customer, case_reference=case_reference, context=context)
    with translation.override(offered(customer.language)):
        values = _values(template, customer, case_reference, check_code, context)
        if known(template).notice.enrols or known(template).notice.proves_address:
            values |= _code(context)
        paragraphs = _paragraphs(_render(template, "frame_mail.txt", values))
    page = {"subject": subject, "language": offered(customer.language), "body": _body(paragraphs)}
    return Words(subject, _plain(paragraphs), get_template("messages/frame_mail.html").render(page))


def letter(
    template: str, *, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> Words:
    """A letter, which may hold a code for a step of a case."""
    subject = subject_of(template, customer=customer, case_reference=case_reference, context=context)
    with translation.override(offered(customer.language)):
        values = _values(template, customer, case_reference, check_code, context)
        values |= _code(context)
        return Words(subject, _plain(_paragraphs(_render(template, "frame_mail.txt", values))))


def addressee(point: ContactPoint, *, customer: Customer | None) -> str:
    """The lines on the envelope, and in its window: who it is for, and where. An address whose parts are not known is
    printed as it was typed."""
    if customer is None:
        return str(point.value)
    with translation.override(customer.language):
        if point.address is None:
            return "\n".join([*addressees.names_of(customer), point.value])
        return "\n".join(addressees.letter_to(customer, point.address))


def _code(context: Mapping[str, str]) -> dict[str, str]:
    """The sealed code of the row, and what one of us wrote to the reader of the message."""
    return {name: unseal(context[name]) for name in ("code", "said") if context.get(name)}


def sms(
    template: str, *, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> Words:
    """One line that begins with the phrase. Only what proves a new number holds a code."""
    with translation.override(offered(customer.language)):
        values = _values(template, customer, case_reference, check_code, context)
        if known(template).notice.proves_address:
            values |= _code(context)
        return Words("", _one_line(_render(template, "frame_sms.txt", values)))


def check_page() -> str:
    """The address of the public check page, written so that no mail program makes it a working link."""
    return f"{urlsplit(settings.PUBLIC_URL).netloc}/check"


def stop_page() -> str:
    """The address of the public page that stops a case, written as that of the check page."""
    return f"{urlsplit(settings.PUBLIC_URL).netloc}/stop"


def join_page() -> str:
    """The address of the public page for invitations, written as that of the check page."""
    return f"{urlsplit(settings.PUBLIC_URL).netloc}/join"


def in_words(moment: datetime, time_zone: str) -> str:
    """ "Thursday 26 November, 17:00 your time", in the active language."""
    return _("%(when)s your time") % {"when": date_format(moment.astimezone(zone(time_zone)), "l j F, H:i")}


def window_in_words(start: datetime, end: datetime, time_zone: str) -> str:
    """ "Thursday 26 November, between 14:00 and 16:30 your time", in the active language."""
    where = zone(time_zone)
    first, last = start.astimezone(where), end.astimezone(where)
    return _("%(day)s, between %(start)s and %(end)s your time") % {
        "day": date_format(first, "l j F"),
        "start": date_format(first, "H:i"),
        "end": date_format(last, "H:i"),
    }


def _values(
    template: str, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> dict[str, str]:
    return {
        **_said(context, customer),
        "case_reference": case_reference,
        "check_code": check_code,
        "check_page": check_page(),
        **({"stops": "yes", "stop_page": stop_page()} if known(template).notice.stops else {}),
        "join_page": join_page(),
        "company": settings.COMPANY_NAME,
        "language": offered(customer.language),
        "never_told": never_told.in_words(),
        "phone": settings.COMPANY_PHONE,
        "phrase": "" if known(template).notice.proves_address else customer.phrase,
    }


def _said(context: Mapping[str, str], customer: Customer) -> dict[str, str]:
    """The context, with its times in words and without the sealed values."""
    said = {key: value for key, value in context.items() if value and key not in TIMES | SEALED}
    if context.get("until"):
        said["until"] = in_words(datetime.fromisoformat(context["until"]), customer.time_zone)
    if context.get("window_start") and context.get("window_end"):
        start, end = (datetime.fromisoformat(context[key]) for key in ("window_start", "window_end"))
        said["window"] = window_in_words(start, end, customer.time_zone)
    return said


@lru_cache(maxsize=1024)
def _subject(template: str, language: str, reason: str) -> str:
    """The subject. It may hold no value but `reason`, so there are few different subjects to cache."""
    with translation.override(language):
        return _one_line(_render(template, "frame_subject.txt", {"reason": reason}))


def _render(template: str, frame: str, values: Mapping[str, str]) -> str:
    return get_template(f"messages/{known(template).path}").render({**values, "frame": f"messages/{frame}"})


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> list[list[str]]:
    """The lines of each paragraph; the first paragraph is the phrase."""
    lines = [line.strip() for line in text.splitlines()]
    return [list(paragraph) for filled, paragraph in itertools.groupby(lines, key=bool) if filled]


def _plain(paragraphs: Sequence[Sequence[str]]) -> str:
    phrase, *others = ("\n".join(lines) for lines in paragraphs)
    return "\n\n".join([phrase, *(paragraph.removeprefix(HEADING) for paragraph in others)]) + "\n"


def _body(paragraphs: Sequence[Sequence[str]]) -> SafeString:
    phrase, *others = paragraphs
    parts = [format_html("<p><strong>{}</strong></p>", " ".join(phrase))]
    for lines in others:
        if lines[0].startswith(HEADING):
            parts.append(format_html("<h2>{}</h2>", lines[0].removeprefix(HEADING)))
            lines = lines[1:]
        parts.append(format_html("<p>{}</p>", _joined("<br>\n", lines)))
    return _joined("\n", parts)


def _joined(separator: str, parts: Sequence[str]) -> SafeString:
    return format_html_join(SafeString(separator), "{}", ((part,) for part in parts))
