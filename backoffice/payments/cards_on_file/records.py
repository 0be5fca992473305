"""A customer's cards on file, for rules to choose from and for faces to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.records import Detail, Record, RecordKind, Row, Section
from backoffice.payments.cards_on_file import history
from backoffice.payments.cards_on_file.models import CardOnFile

MOST_SHOWN = 30


def kept(customer: Customer) -> QuerySet[CardOnFile]:
    """The newest first, also those that have expired."""
    return CardOnFile.objects.filter(customer=customer, forgotten_at=None).order_by("-kept_at", "-pk")


def usable(customer: Customer, *, now: datetime) -> QuerySet[CardOnFile]:
    """Those that have not expired at `now` (aware): a card is good until its month has ended everywhere, which is
    twelve hours after it has ended in UTC."""
    here = now.astimezone(ZoneInfo("Etc/GMT+12"))
    later = Q(expiry_year__gt=here.year) | Q(expiry_year=here.year, expiry_month__gte=here.month)
    return kept(customer).filter(later)


def expiry(card: CardOnFile) -> str:
    """ "09/2028", as it stands on the card but with all digits of the year."""
    return f"{card.expiry_month:02d}/{card.expiry_year}"


def _of_customer(customer: Customer) -> Sequence[Record]:
    return [_record(card) for card in kept(customer)[:MOST_SHOWN]]


def _record(card: CardOnFile) -> Record:
    state = _t("forgotten") if card.forgotten_at else _t("until %(expiry)s") % {"expiry": expiry(card)}
    return Record(card.customer, str(card), state, key=str(card.public_id))


def _detail_for_staff(customer: Customer, key: str) -> Detail | None:
    """What became of a card, and who did it, and the customer's other cards with theirs: whoever took an account over
    keeps one card, and has another one forgotten."""
    cards = list(CardOnFile.objects.filter(customer=customer).select_related("customer")[:MOST_SHOWN])
    chosen = next((one for one in cards if str(one.public_id) == key), None)
    if chosen is None:
        return None
    others = [Row(f"{event.card}: {event.label}", event.words) for event in history.of_customer(customer)]
    return Detail(_record(chosen), [Section(_t("What became of the customer's payment cards"), others)])


KIND = RecordKind(
    name="cards_on_file",
    title=_("Payment cards on file"),
    mine=_("My payment cards"),
    of_customer=_of_customer,
    detail_for_staff=_detail_for_staff,
    page=lambda customer: "portal:top_up:cards" if CardOnFile.objects.filter(customer=customer).exists() else "",
    page_words=_("Look at your payment cards, or have one forgotten"),
)
