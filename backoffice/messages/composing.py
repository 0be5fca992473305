"""From a row to words: subject, text, HTML and SMS of a message, in the customer's language and by his own clock.

A message's words are in one file, `templates/messages/<template>.txt`, in blocks: subject, happened, ask, deadline,
sms.
The frames put the blocks into a mail, its HTML, a letter or an SMS, so that text and HTML cannot say different things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.customers.models import Customer
from backoffice.messages.catalogue import known
from backoffice.sealed import unseal
from backoffice.trust.quiet_hours import zone

TIMES = frozenset({"until", "window_start", "window_end"})
SEALED = frozenset({"code"})
"""Only in a letter; sealed in its row, and gone from it once the letter has left."""


@dataclass(frozen=True)
class Words:
    """A message as its reader gets it; `html` is empty for a letter and an SMS, `subject` for an SMS."""

    subject: str
    text: str
    html: str = ""


def subject_of(template: str, *, customer: Customer, case_reference: str, context: Mapping[str, str]) -> str:
    """The subject line, with the case's reference and nothing else that is particular to the customer."""
    with translation.override(customer.language):
        values = {**_said(context, customer), "case_reference": case_reference}
        return _one_line(_render(template, "frame_subject.txt", values))


def mail(
    template: str, *, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> Words:
    """A mail in plain text and in HTML, which say the same."""
    with translation.override(customer.language):
        values = _values(customer, case_reference, check_code, context)
        values["subject"] = _one_line(_render(template, "frame_subject.txt", values))
        text = _paragraphs(_render(template, "frame_mail.txt", values))
        return Words(values["subject"], text, _html(_render(template, "frame_mail.html", values)))


def letter(
    template: str, *, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> Words:
    """A letter; the only one that may hold a code, unsealed here from its row."""
    with translation.override(customer.language):
        values = _values(customer, case_reference, check_code, context)
        values |= {key: unseal(context[key]) for key in SEALED if context.get(key)}
        subject = _one_line(_render(template, "frame_subject.txt", values))
        return Words(subject, _paragraphs(_render(template, "frame_mail.txt", values)))


def sms(
    template: str, *, customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]
) -> Words:
    """One line, with the phrase in front."""
    with translation.override(customer.language):
        values = _values(customer, case_reference, check_code, context)
        return Words("", _one_line(_render(template, "frame_sms.txt", values)))


def check_page() -> str:
    """The address of the public check page as words, so that no mail program makes a link that acts."""
    return f"{urlsplit(settings.PUBLIC_URL).netloc}/check"


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


def _values(customer: Customer, case_reference: str, check_code: str, context: Mapping[str, str]) -> dict[str, str]:
    return {
        **_said(context, customer),
        "case_reference": case_reference,
        "check_code": check_code,
        "check_page": check_page(),
        "company": settings.COMPANY_NAME,
        "language": customer.language,
        "phrase": customer.phrase,
    }


def _said(context: Mapping[str, str], customer: Customer) -> dict[str, str]:
    """The context with its times in words; without what is sealed."""
    said = {key: value for key, value in context.items() if value and key not in TIMES | SEALED}
    if context.get("until"):
        said["until"] = in_words(datetime.fromisoformat(context["until"]), customer.time_zone)
    if context.get("window_start") and context.get("window_end"):
        start, end = (datetime.fromisoformat(context[key]) for key in ("window_start", "window_end"))
        said["window"] = window_in_words(start, end, customer.time_zone)
    return said


def _render(template: str, frame: str, values: Mapping[str, str]) -> str:
    return get_template(f"messages/{known(template).path}").render({**values, "frame": f"messages/{frame}"})


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> str:
    lines = (line.strip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _html(text: str) -> str:
    return re.sub(r"\n\s*\n+", "\n", re.sub(r"<p>\s*</p>", "", text)).strip() + "\n"
