"""Is it ours? What was reported is matched against the contact register, by the desk's own recognition.

*Ours* is said to a customer only of what was sent to them, and to anybody else of a whole message of ours, with its
code of 63 bits and its words: whoever has that learns nothing new. A message of ours proves nothing of the voice or the
visitor who speaks of it: of a call or a visit our own calls say whether it was one of us (`calls.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backoffice.customers.models import Customer
from backoffice.refusals import Invalid
from backoffice.suspicions import calls
from backoffice.suspicions.calls import Came
from backoffice.suspicions.models import Match
from backoffice.trust.likeness import Likeness
from backoffice.trust.models import Contact, ContactChannel, Direction
from backoffice.trust.recognising import recognised
from backoffice.trust.verdicts import Verdict
from backoffice.trust.warnings import of_likeness

SPOKEN = frozenset({ContactChannel.CALL, ContactChannel.IN_PERSON})


@dataclass(frozen=True)
class Matched:
    """`ours` is the contact that it is."""

    match: Match
    ours: Contact | None = None


@dataclass(frozen=True)
class Reported:
    """What is known of a contact: each may be empty. `is_on_now` means that somebody is on the telephone meanwhile, and
    `is_another` that the customer has compared them with whoever of us is calling, and they differ. `came` is when a
    call came, as far as the customer knows."""

    text: str
    sender: str
    channel: str
    is_on_now: bool = False
    is_another: bool = False
    came: Came | None = None

    @property
    def pasted(self) -> str:
        """As the recognition reads it: who sent it, and what it says."""
        return "\n".join(part for part in (self.sender, self.text) if part)


def match(reported: Reported, found: Likeness, *, customer: Customer | None, now: datetime) -> Matched:
    """`customer` is who says that it came to them, where they have proven who they are. `now` is UTC. A sign of fraud
    comes first: a call of ours that is on meanwhile does not take it back."""
    if customer is not None and reported.is_another:
        return Matched(Match.NOT_OURS)
    if of_likeness(found, now=now) is not None:
        return Matched(Match.NOT_OURS)
    by_text = _by_text(reported, customer, now)
    if by_text.match is not Match.CANNOT_TELL or customer is None:
        return by_text
    if reported.is_on_now:
        return Matched(*calls.going_on(customer, now=now))
    if reported.channel == ContactChannel.CALL:
        return Matched(calls.past(customer, reported.came, now=now))
    return by_text


def _by_text(reported: Reported, customer: Customer | None, now: datetime) -> Matched:
    try:
        found = recognised(reported.pasted, now=now)
    except Invalid:
        return Matched(Match.CANNOT_TELL)
    if found.verdict is Verdict.NOT_OURS:
        return Matched(Match.NOT_OURS)
    if found.verdict is Verdict.OURS and not (reported.is_on_now or reported.channel in SPOKEN):
        references = [seen.reference for seen in found.contacts]
        ours = Contact.objects.filter(reference__in=references, direction=Direction.OUT)
        sent = (ours if customer is None else ours.filter(customer=customer)).first()
        if sent is not None:
            return Matched(Match.OURS, sent)
    return Matched(Match.CANNOT_TELL)
