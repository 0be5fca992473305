"""What became of a customer's cards on file: an event for each card that is kept or forgotten, and a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.timeline_view import CHANNELS
from backoffice.customers.models import Customer
from backoffice.messages import telling
from backoffice.payments.cards_on_file.models import CardEvent, CardEventKind, CardOnFile
from backoffice.payments.cards_on_file.notices import FORGOTTEN, KEPT
from backoffice.ui.times import in_full

MOST_SHOWN = 50
_TOLD: Mapping[CardEventKind, str] = {CardEventKind.KEPT: KEPT.name, CardEventKind.FORGOTTEN: FORGOTTEN.name}
"""That a card gave way to the same card is told by the message that this one is kept."""


@dataclass(frozen=True)
class Happened:
    """An event as a page shows it. `at` is aware, `how` the channel in words for staff, and `to_you` for the customer;
    `words` are the time, on our clock, and how."""

    card: str
    label: str
    at: datetime
    how: str
    to_you: str

    @property
    def words(self) -> str:
        return ", ".join(filter(None, (in_full(self.at), self.how)))


def note(card: CardOnFile, kind: CardEventKind, *, by: Actor, now: datetime) -> None:
    """Within the transaction of its cause: writes the event, and tells the customer by mail, also at the addresses that
    they had in the last 30 days."""
    CardEvent.objects.create(
        card=card,
        kind=kind,
        at=now,
        actor_kind=by.kind.value,
        actor_id=by.id,
        channel=by.channel.value,
        proof=by.proof,
        request_id=by.request_id,
    )
    if kind not in _TOLD:
        return
    telling.tell_all(
        customer=card.customer,
        case_id=None,
        case_reference="",
        notices=(telling.Notice(_TOLD[kind], {"card": str(card)}, urgent=True, to_old=True),),
        by=by,
        now=now,
    )


def of_customer(customer: Customer) -> Sequence[Happened]:
    """The newest first."""
    found = CardEvent.objects.filter(card__customer=customer).select_related("card")[:MOST_SHOWN]
    return [Happened(str(one.card), str(one.get_kind_display()), one.at, *_how(one)) for one in found]


def _how(event: CardEvent) -> tuple[str, str]:
    """For staff, and for the customer."""
    channel = str(CHANNELS.get(event.channel, ""))
    if event.actor_kind == ActorKind.CUSTOMER and channel:
        told = {"channel": channel}
        return _("by the customer, %(channel)s") % told, _("by you, %(channel)s") % told
    return channel, channel
