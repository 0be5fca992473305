"""Is it ours? What was reported is matched against the contact register, by the desk's own recognition.

*Ours* is said to a customer only of what was sent to them, and to anybody else of a whole message of ours, with its
code of 63 bits and its words: whoever has that learns nothing new. A call is looked for among our calls: while one of
ours to this customer is going on, it is ours; a call of which the register has none lately is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.customers.models import Customer
from backoffice.refusals import Invalid
from backoffice.suspicions.models import Match
from backoffice.telephony.models import Call
from backoffice.trust.likeness import Likeness
from backoffice.trust.models import Contact, ContactChannel, Direction
from backoffice.trust.recognising import recognised
from backoffice.trust.verdicts import Verdict
from backoffice.trust.warnings import of_likeness

FRESH = timedelta(seconds=15)
"""So long after its console last said so a call of ours counts as going on."""
LATELY = timedelta(days=3)
"""A call or visit in these days may be the one that the customer means."""


@dataclass(frozen=True)
class Matched:
    """`ours` is the contact that it is."""

    match: Match
    ours: Contact | None = None


@dataclass(frozen=True)
class Reported:
    """What is known of a contact: each may be empty. `is_on_now` means that somebody is on the telephone meanwhile."""

    text: str
    sender: str
    channel: str
    is_on_now: bool = False

    @property
    def pasted(self) -> str:
        """As the recognition reads it: who sent it, and what it says."""
        return "\n".join(part for part in (self.sender, self.text) if part)


def match(reported: Reported, found: Likeness, *, customer: Customer | None, now: datetime) -> Matched:
    """`customer` is who says that it came to them, where they have proven who they are. `now` is UTC."""
    if reported.is_on_now and customer is not None:
        return _by_calls(customer, now)
    if of_likeness(found, now=now) is not None:
        return Matched(Match.NOT_OURS)
    by_text = _by_text(reported.pasted, customer, now)
    if by_text.match is Match.CANNOT_TELL and reported.channel == ContactChannel.CALL and customer is not None:
        return by_text if _called_lately(customer, now) else Matched(Match.NOT_OURS)
    return by_text


def _by_text(pasted: str, customer: Customer | None, now: datetime) -> Matched:
    try:
        found = recognised(pasted, now=now)
    except Invalid:
        return Matched(Match.CANNOT_TELL)
    if found.verdict is Verdict.NOT_OURS:
        return Matched(Match.NOT_OURS)
    if found.verdict is Verdict.OURS:
        references = [seen.reference for seen in found.contacts]
        ours = Contact.objects.filter(reference__in=references, direction=Direction.OUT)
        sent = (ours if customer is None else ours.filter(customer=customer)).first()
        if sent is not None:
            return Matched(Match.OURS, sent)
    return Matched(Match.CANNOT_TELL)


def _by_calls(customer: Customer, now: datetime) -> Matched:
    """Of a call of ours of which its console has not said lately that it goes on nobody can tell: it fails closed."""
    ours = Call.objects.filter(customer=customer, direction=Direction.OUT, ended_at=None, dialled_at__gte=now - LATELY)
    call = ours.select_related("contact").order_by("-announced_at").first()
    if call is None:
        return Matched(Match.NOT_OURS)
    is_fresh = call.seen_at is not None and call.seen_at >= now - FRESH
    return Matched(Match.OURS, call.contact) if is_fresh else Matched(Match.CANNOT_TELL)


def _called_lately(customer: Customer, now: datetime) -> bool:
    calls = Contact.objects.filter(customer=customer, channel=ContactChannel.CALL, direction=Direction.OUT)
    return calls.filter(at__gte=now - LATELY).exists()
