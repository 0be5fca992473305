"""A customer's cards, for faces to show and to find."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards.models import Card, CardState
from backoffice.cards.reissue.opening import reissuable
from backoffice.customers.models import Customer
from backoffice.customers.records import Record, RecordKind, Start
from workflows.card_reissue.spec import CARD_REISSUE


def of_customer(customer: Customer) -> Sequence[Record]:
    return [_record(card) for card in Card.objects.filter(customer=customer).order_by("-created_at", "id")]


def find(typed: str, most: int) -> Sequence[Record]:
    """Finds cards by their last four digits."""
    if not re.fullmatch(r"[0-9]{4}", typed):
        return ()
    cards = Card.objects.filter(last_four=typed).select_related("customer").order_by("-created_at", "id")
    return [_record(card) for card in cards[:most]]


def _record(card: Card) -> Record:
    start = Start(
        CARD_REISSUE.name, _t("Something is wrong with this card"), {"card": str(card.public_id)}, reissuable(card)
    )
    return Record(card.customer, str(card), _state(card), (start,))


def _state(card: Card) -> str:
    """ "active, until 09/2028, delivered". Who activates a card tells its date, so it is not told to them before."""
    said = [str(card.get_state_display())]
    if card.state != CardState.INACTIVE:
        said.append(_t("until %(month)02d/%(year)d") % {"month": card.expiry_month, "year": card.expiry_year})
    if card.shipping:
        said.append(str(card.get_shipping_display()))
    return ", ".join(said)


KIND = RecordKind(
    name="cards",
    title=_("Cards"),
    mine=_("My cards"),
    of_customer=of_customer,
    find=find,
    sought=_("the last four digits of a card"),
)
