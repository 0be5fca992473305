"""A mail and its evidence in plain words, for who handles it at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from backoffice import idn
from backoffice.mail_orders.models import Hint, Mail
from backoffice.mail_orders.reasons import PROVES_FORGERY, SAYS_NOTHING, SPEAKS_FOR, Reason
from backoffice.mail_orders.words import HISTORY, REASONS, hint_of
from backoffice.staff.models import User
from backoffice.text import kept, kept_lines
from backoffice.trust.mails.accepting import check
from backoffice.trust.mails.reading import LONGEST, Readable, readable

STATES = {
    Hint.NONE: "us",
    Hint.AGREES: "done",
    Hint.SUSPICIOUS: "customer",
    Hint.FORGED: "attention",
}
"""The state whose colour and shape a hint has."""


@dataclass(frozen=True)
class Shown:
    """`headers` are (label, value)."""

    headers: Sequence[tuple[str, str]]
    read: Readable


@dataclass(frozen=True)
class Evidence:
    """`against`, `speaks_for` and `beside` are sentences; `details` are (label, value) for who wants to know more."""

    tone: str
    hint: str
    against: Sequence[str]
    speaks_for: Sequence[str]
    beside: Sequence[str]
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    at: datetime
    what: str
    who: str


def mail(found: Mail) -> Shown | None:
    """Its headers and its text; None once its content was deleted. One on which our analysis failed is shown as it
    came, as plain text that nothing has parsed."""
    if not found.raw:
        return None
    if Reason.NOT_ANALYSED in found.reasons:
        text = kept_lines(found.content.decode("utf-8", "replace"))
        return Shown([], Readable(text[:LONGEST], cut=len(text) > LONGEST, attachments=(), links=()))
    told = found.findings or {}
    sender = str(told.get("sender", ""))
    lines = [
        (_("From"), f"{told.get('name', '')} <{sender}>".strip()),
        (_("Which reads"), _as_read(sender)),
        (_("Answers go to"), str(told.get("reply_to", ""))),
        (_("Subject"), str(told.get("subject", "")) or _("without a subject")),
        (_("Date in the mail"), kept(str(told.get("date", "")))),
    ]
    return Shown([line for line in lines if line[1]], readable(check(found.content).message))


def _as_read(sender: str) -> str:
    """The address with its domain as people write it, where that differs."""
    local, _at, host = sender.rpartition("@")
    read = f"{local}@{idn.to_unicode(host)}"
    return read if read != sender else ""


def evidence(found: Mail, *, held: bool) -> Evidence:
    """The reasons in words, those that weigh most first. The details name domains, so only who holds it sees them."""
    reasons = [Reason(code) for code in found.reasons if code in REASONS]
    reasons.sort(key=lambda reason: reason not in PROVES_FORGERY)
    return Evidence(
        tone=STATES[Hint(found.hint)],
        hint=hint_of(found),
        against=[f"{REASONS[one]}." for one in reasons if one not in SPEAKS_FOR | SAYS_NOTHING],
        speaks_for=[f"{REASONS[one]}." for one in reasons if one in SPEAKS_FOR],
        beside=[f"{REASONS[one]}." for one in reasons if one in SAYS_NOTHING],
        details=_details(found.findings or {}) if held else [],
    )


def _details(told: dict[str, Any]) -> list[tuple[str, str]]:
    """The results of the checks, and what the domain name system answered at that moment."""
    checks = told.get("authentication", {})
    signatures = ", ".join(f"{one['domain']}: {one['result']}" for one in checks.get("signatures", ()))
    policy = f" ({checks['policy']})" if checks.get("policy") else ""
    lines = [
        ("DKIM", signatures or _("no signature")),
        ("SPF", f"{checks.get('spf_domain', '')}: {checks.get('spf', '')}".strip(": ")),
        ("DMARC", f"{checks.get('dmarc', '')}{policy}"),
        ("ARC", f"{checks.get('arc', '')} {checks.get('sealer', '')}".strip()),
    ]
    for asked, got in told.get("answers", {}).items():
        answer = _("no answer") if got is None else " · ".join(got) or _("nothing")
        lines.append((kept(asked)[:120], kept(answer)[:200]))
    return lines


def history(found: Mail) -> list[Line]:
    """What was done with the mail, the newest first."""
    people = {str(user.public_id): user.get_full_name() for user in User.objects.filter(public_id__in=_ids(found))}
    lines = [
        Line(datetime.fromisoformat(at), str(HISTORY.get(what, what)), people.get(by, ""))
        for at, what, by in found.history
    ]
    return [*reversed(lines), Line(found.received_at, _("Received"), "")]


def _ids(found: Mail) -> list[str]:
    return [by for _at, _what, by in found.history if by]
