"""A customer's recurring payments, as the faces show and find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay.models import Line, Mandate, MandateState, Whose
from backoffice.cards.models import Card, CardState
from backoffice.customers.models import Customer
from backoffice.customers.records import Detail, Record, RecordKind, Row, Section
from backoffice.money import EXPONENTS, Money, number_of

MOST = 60
WHOSE_TO_CUSTOMER = {
    Whose.OWN: _("My own bill"),
    Whose.HOUSEHOLD: _("A bill of my household"),
    Whose.OTHER: _("Somebody else's bill"),
}


def of_customer(customer: Customer) -> Sequence[Record]:
    return [_record(one) for one in mandates_of(customer).exclude(state=MandateState.NOT_MINE)[:MOST]]


def mandates_of(customer: Customer) -> QuerySet[Mandate]:
    """By the names of their billers."""
    found = Mandate.objects.filter(customer=customer).select_related("biller", "card", "customer")
    return found.order_by("biller__name", "pk")


def detail_for_customer(customer: Customer, key: str) -> Detail | None:
    found = of_key(customer, key)
    return Detail(_record(found), [_section(found, for_staff=False)]) if found else None


def detail_for_staff(customer: Customer, key: str) -> Detail | None:
    found = of_key(customer, key)
    return Detail(_record(found), [_section(found, for_staff=True)]) if found else None


def of_key(customer: Customer, key: str) -> Mandate | None:
    return next((one for one in mandates_of(customer) if str(one.public_id) == key), None)


def page(customer: Customer) -> str:
    """Where they keep them: for everybody who has a card."""
    return "portal:autopay_update:payments" if Card.objects.filter(customer=customer).exists() else ""


def _record(mandate: Mandate) -> Record:
    return Record(mandate.customer, mandate.biller.name, state(mandate), (), str(mandate.public_id))


def state(mandate: Mandate) -> str:
    """ "goes on, with VISA ····4242, next on 3 December 2026"."""
    said = [str(mandate.get_state_display())]
    if mandate.state == MandateState.LIVE:
        is_closed = mandate.card.state == CardState.CLOSED
        with_card = _t("still with %(card)s, which is closed") if is_closed else _t("with %(card)s")
        said.append(with_card % {"card": mandate.card})
        if mandate.next_debit and mandate.next_debit >= timezone.now().date():
            said.append(_t("next about %(day)s") % {"day": _day(mandate.next_debit)})
    return ", ".join(said)


def amounts(mandate: Mandate) -> str:
    """ "between 12.00 and 15.50 EUR"; empty where none is known, or in no currency that we know."""
    low, high, currency = mandate.amounts or (0, 0, "")
    code = str(currency).upper()
    if code not in EXPONENTS:
        return ""
    told = {"low": number_of(Money(low, code)), "high": number_of(Money(high, code)), "currency": code}
    if low == high:
        return _t("%(high)s %(currency)s") % told
    return _t("between %(low)s and %(high)s %(currency)s") % told


def in_words(card: Card) -> str:
    """A card, and why it cannot be paid with."""
    return str(card) if card.state == CardState.ACTIVE else f"{card} ({card.get_state_display()})"


def whose_to_customer(mandate: Mandate) -> str:
    return str(WHOSE_TO_CUSTOMER[Whose(mandate.whose)])


def _section(mandate: Mandate, *, for_staff: bool) -> Section:
    rows = [
        Row(_t("What it is"), str(mandate.biller.get_category_display())),
        Row(_t("Card"), str(mandate.card)),
        Row(_t("Whose bill"), mandate.get_whose_display() if for_staff else whose_to_customer(mandate)),
        Row(_t("Known from"), str(mandate.get_found_from_display())),
    ]
    if told := amounts(mandate):
        rows.append(Row(_t("Amounts"), told))
    if mandate.last_debit:
        rows.append(Row(_t("Last debit"), _day(mandate.last_debit)))
    if mandate.next_debit and mandate.next_debit >= timezone.now().date():
        rows.append(Row(_t("Next debit, as we expect it"), _day(mandate.next_debit)))
    if mandate.reference and not for_staff:
        rows.append(Row(_t("Number at the company"), mandate.reference))
    if mandate.biller.how_to_change:
        rows.append(Row(_t("How to change the card there"), mandate.biller.how_to_change))
    rows += [_of_line(line) for line in mandate.lines.select_related("update__case").order_by("-pk")[:10]]
    return Section(_t("This payment"), rows)


def _of_line(line: Line) -> Row:
    return Row(_t("Move to a new card"), str(line.get_state_display()), line.update.case.reference)


def _day(day: date) -> str:
    return date_format(day, "j F Y")


KIND = RecordKind(
    name="mandates",
    title=_("Recurring payments"),
    mine=_("My recurring payments"),
    of_customer=of_customer,
    detail_for_customer=detail_for_customer,
    detail_for_staff=detail_for_staff,
    page=page,
    page_words=_("Add one, or say that one is over or not mine"),
)
