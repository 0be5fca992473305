"""A customer's cards on file, for rules to choose from and for faces to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.records import Record, RecordKind
from backoffice.payments.cards_on_file.models import CardOnFile


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
    return [
        Record(customer, str(card), _t("until %(expiry)s") % {"expiry": expiry(card)}) for card in kept(customer)[:30]
    ]


KIND = RecordKind(
    name="cards_on_file",
    title=_("Payment cards on file"),
    mine=_("My payment cards"),
    of_customer=_of_customer,
    page=lambda customer: "portal:top_up:cards" if kept(customer).exists() else "",
    page_words=_("Look at your payment cards, or have one forgotten"),
)
