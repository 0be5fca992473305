"""Who has proven what to whom, in a case and those under it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import ActorKind
from backoffice.cases.models import Event, ItemState, WorkItem
from backoffice.cases.timeline_view import CHANNELS, proof_words
from backoffice.cases.words import outcome_of, title_of
from backoffice.messages.models import MessageState
from backoffice.trust.models import Contact, ContactChannel

MOST = 8
"""Lines in a panel of the page."""


@dataclass(frozen=True)
class Proof:
    direction: str
    words: str
    at: datetime | None


def proofs(family: Sequence[uuid.UUID]) -> list[Proof]:
    """Both directions: how we proved ourselves to the customer, and how they proved themselves to us."""
    return [*_our_proofs(family), *_their_proofs(family)]


def _our_proofs(family: Sequence[uuid.UUID]) -> list[Proof]:
    """Our proofs are our messages: each shows the customer's phrase and its own check code."""
    sent = Contact.objects.filter(case_id__in=family, message__state=MessageState.SENT)
    found = list(sent.order_by("-at").values_list("channel", "at"))
    if not found:
        return []
    counts = {channel: sum(1 for other, _at in found if other == channel) for channel, _at in found}
    said = ", ".join(f"{count} × {ContactChannel(channel).label}" for channel, count in counts.items())
    words = _("the phrase and a check code in %(messages)s") % {"messages": said}
    return [Proof(_("we → customer"), words, found[0][1])]


def _their_proofs(family: Sequence[uuid.UUID]) -> list[Proof]:
    events = Event.objects.filter(case_id__in=family, actor_kind=ActorKind.CUSTOMER).exclude(proof="").order_by("-at")
    shown: dict[tuple[str, str], Proof] = {}
    for event in events[:50]:
        words = _("%(proof)s, at the %(channel)s") % {
            "proof": proof_words(event.proof),
            "channel": CHANNELS.get(event.channel, event.channel),
        }
        shown.setdefault((event.proof, event.channel), Proof(_("customer → us"), words, event.at))
    seen = WorkItem.objects.filter(case_id__in=family, state=ItemState.ANSWERED, part__in=("identifier", "reviewer"))
    for item in seen.select_related("case").order_by("-answered_at"):
        words = f"{title_of(item)}: {outcome_of(item)}"
        shown[(item.step, "")] = Proof(_("customer → us"), words, item.answered_at)
    return list(shown.values())[:MOST]
