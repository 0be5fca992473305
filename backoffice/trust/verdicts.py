"""What "is this ours?" answers: the verdict, what we sent, what to tell the customer word for word, what to ask next.

*Ours* needs a match of reference and content. *Not ours* needs a sign of fraud, or a well-formed reference that we
never made. Everything else is *cannot tell*, with what to ask: a false yes costs an account, a false no costs the trust
in a genuine message (complaint 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.messages.catalogue import kind_of
from backoffice.trust.models import Contact, Direction
from backoffice.trust.quiet_hours import zone


class Verdict(StrEnum):
    OURS = "ours"
    NOT_OURS = "not_ours"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Seen:
    """A contact as the desk may read it out: without a name, and with the address masked. `at` is in UTC."""

    reference: str
    case_reference: str
    channel: str
    direction: str
    at: datetime
    to: str
    subject: str
    about: str
    asks: str


@dataclass(frozen=True)
class Recognition:
    """`why` is for the agent, `tell` is for the customer word for word, `ask_next` is what to ask them for."""

    verdict: Verdict
    contacts: Sequence[Seen] = ()
    why: Sequence[str] = ()
    tell: Sequence[str] = ()
    ask_next: Sequence[str] = ()
    report: bool = False
    """Whether a report of a suspicious contact should be opened."""
    compare: bool = False
    """Whether the agent can settle it: they compare one of the contacts with what the customer reads out."""


def ours(contact: Contact, *, why: Sequence[str] = (), ask_next: Sequence[str] = ()) -> Recognition:
    seen = seen_of(contact)
    to = _("We sent it to %(to)s on %(day)s.") % {"to": seen.to, "day": day_of(contact)}
    tell = [
        _("Yes, that is from us."),
        f"{seen.about} {seen.asks}",
        to if seen.to else _("It is from %(day)s.") % {"day": day_of(contact)},
        _("It asks nobody to tell or send us a password, a PIN, a CVC or a code. If yours does, it is not ours."),
        _("You need not trust this call either: sign in as you always do; the case is on the first page."),
    ]
    return Recognition(Verdict.OURS, [seen], why=why, tell=tell, ask_next=ask_next)


def not_ours(why: Sequence[str], *, contacts: Sequence[Contact] = (), ask_next: Sequence[str] = ()) -> Recognition:
    tell = [
        _("No, that is not from us. You did well to ask."),
        _("Do not answer it, do not open its links, and do not call a number that it names."),
        _("If you have already typed or told something, say so now: we then protect your account at once."),
    ]
    next_ones = [*ask_next, _("Ask how and when it came, and whether they have answered it or opened a link.")]
    return Recognition(
        Verdict.NOT_OURS, list(map(seen_of, contacts)), why=why, tell=tell, ask_next=next_ones, report=True
    )


def cannot_tell(why: Sequence[str], *, ask_next: Sequence[str], contacts: Sequence[Contact] = ()) -> Recognition:
    """Without a reference that we know."""
    tell = [_not_yet(), _("Every message of ours shows a reference like K7Q-4MX-2. Can you read it to me?")]
    return Recognition(Verdict.CANNOT_TELL, list(map(seen_of, contacts)), why=why, tell=tell, ask_next=ask_next)


def to_compare(why: Sequence[str], *, contacts: Sequence[Contact], ask_next: Sequence[str] = ()) -> Recognition:
    """With a reference that we know, while its content is not known or differs."""
    tell = [_not_yet(), _("Please tell me, in your own words, what it says and what it asks you to do.")]
    questions = [
        *ask_next,
        _("Ask what it says and what it asks. Do not read ours out first."),
        _("Ask when it came, and to which address or number."),
        _("Ask whether it has a link to press, or wants to be told a password, a PIN, a CVC or a code. Ours does not."),
    ]
    seen = list(map(seen_of, contacts))
    return Recognition(Verdict.CANNOT_TELL, seen, why=why, tell=tell, ask_next=questions, compare=True)


def seen_of(contact: Contact) -> Seen:
    purpose = kind_of(contact.purpose)
    return Seen(
        reference=contact.reference,
        case_reference=contact.case_reference,
        channel=contact.get_channel_display(),
        direction=str(Direction(contact.direction).label),
        at=contact.at,
        to=contact.address_masked,
        subject=contact.subject,
        about=str(purpose.about),
        asks=str(purpose.asks),
    )


def day_of(contact: Contact) -> str:
    """The day of a contact, by its customer's own clock."""
    local = contact.at.astimezone(zone(contact.customer.time_zone if contact.customer else "UTC"))
    return date_format(local, "l j F Y")


def _not_yet() -> str:
    return _("I cannot tell yet whether that is from us. Please do nothing that it asks until we know.")
