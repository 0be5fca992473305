"""The register of recurring payments: what is found, what is added by hand, and what is over or somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.actors import Actor, ActorKind
from backoffice.cards.autopay import lines
from backoffice.cards.autopay.inventory import Recurring
from backoffice.cards.autopay.models import (
    Biller,
    Category,
    FoundFrom,
    Line,
    LineState,
    Mandate,
    MandateState,
    MovedBy,
    Whose,
)
from backoffice.cards.autopay.rights import KEEP_BILLERS, KEEP_MANDATES
from backoffice.cards.models import Card
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.rights import needs
from backoffice.text import kept

MOST = 500
"""Recurring payments that a customer may add by hand."""
LONGEST_NAME, LONGEST_REFERENCE = 80, 40


@needs(KEEP_MANDATES)
@transaction.atomic
def found_in_payments(*, card: Card, cards: Sequence[Card], found: Recurring, by: Actor) -> Mandate:
    """Notes what the payments show, the last of which was on `card`. What is known on one of these `cards` (the newest
    first) already gets newer dates and amounts. What somebody called over stays so, unless it was debited after that
    day."""
    biller = biller_of_network(found, by=by)
    known = of_biller(biller, cards)
    if known is None:
        return Mandate.objects.create(
            customer=card.customer,
            card=card,
            biller=biller,
            found_from=FoundFrom.ISSUER,
            last_debit=found.last,
            next_debit=found.next,
            amounts=_amounts(found),
        )
    if known.state == MandateState.OVER and known.over_on is not None and found.last > known.over_on:
        known.state, known.over_on = MandateState.LIVE, None
    if known.last_debit is None or found.last >= known.last_debit:
        known.last_debit, known.next_debit, known.amounts = found.last, found.next, _amounts(found)
    places = {one.pk: place for place, one in enumerate(cards)}
    if places[card.pk] < places[known.card_id]:
        known.card = card
    known.save(update_fields=["state", "over_on", "last_debit", "next_debit", "amounts", "card"])
    return known


@needs(KEEP_BILLERS)
@transaction.atomic
def biller_of_network(found: Recurring, *, by: Actor) -> Biller:
    """The biller of these payments. One that we do not know yet is entered as the network calls it; nobody has said
    yet how it is reached."""
    return biller_called(found.network_id, found.name, Category(found.category))


def biller_called(network_id: str, name: str, category: Category = Category.OTHER) -> Biller:
    """The biller with this number at the network, or with this name where it has none; a new one where there is none
    yet. One without a name is called by its number. Within a transaction."""
    entered = {"name": name[:LONGEST_NAME] or network_id, "category": category}
    if not network_id:
        same = Biller.objects.filter(network_id=None, only_for=None, name__iexact=name).order_by("pk").first()
        return same or Biller.objects.create(**entered)
    return Biller.objects.get_or_create(network_id=network_id, defaults=entered)[0]


def of_biller(biller: Biller, cards: Sequence[Card]) -> Mandate | None:
    """The payment to this biller on one of these cards of a customer, that on the newest card first, locked. One that
    the customer added under the same name is the same payment, and gets the biller that we know now."""
    theirs = Q(biller=biller) | Q(biller__only_for=cards[0].customer_id, biller__name__iexact=biller.name)
    places = {one.pk: place for place, one in enumerate(cards)}
    found = list(Mandate.objects.select_for_update(of=("self",)).filter(theirs, card__in=places))
    known = min(found, key=lambda one: (one.biller_id != biller.pk, places[one.card_id], one.pk), default=None)
    if known is not None and known.biller_id != biller.pk:
        known.biller = biller
        known.save(update_fields=["biller"])
    return known


@needs(KEEP_MANDATES)
@transaction.atomic
def add(
    *,
    customer: Customer,
    card: Card,
    biller: str,
    by: Actor,
    now: datetime,
    whose: Whose = Whose.OWN,
    reference: str = "",
    next_debit: date | None = None,
    found_from: FoundFrom = FoundFrom.CUSTOMER,
) -> Mandate:
    """One that somebody knows of. `biller` is its name as it is on a bill. The number at the biller may stay empty:
    who pays somebody else's bill cannot know it. Staff may note what a biller told us (`found_from`), which must be one
    that is entered. While the payments of this card are being moved, it joins the customer's list. Raises `NotFound` on
    `card`, `Invalid` on `biller` and `reference`, and `Conflict` for one that is there already."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    if card.customer_id != customer.pk or not _is_theirs(customer, by):
        raise NotFound("unknown_card", _("There is no such card."), field="card")
    name, number = " ".join(kept(biller).split()), " ".join(kept(reference).split())
    if not 2 <= len(name) <= LONGEST_NAME:
        raise Invalid({"biller": [_("Write who takes the money, in 2 to 80 characters.")]})
    if len(number) > LONGEST_REFERENCE:
        raise Invalid({"reference": [_("Use at most 40 characters.")]})
    for field, text in (("biller", name), ("reference", number)):
        no_card_numbers.refuse(text, field=field)
    theirs = Mandate.objects.filter(customer=customer)
    if theirs.count() >= MOST:
        raise Conflict("too_many", _("You have added very many payments. Call us to add more."), field="biller")
    who = _biller_named(name, customer, told_by_biller=found_from == FoundFrom.BILLER)
    same = theirs.filter(card=card, biller=who, state=MandateState.LIVE)
    if any((one.reference or "") == number for one in same):
        raise Conflict("known", _("This payment is on the list already."), field="biller")
    mandate = Mandate.objects.create(
        customer=customer,
        card=card,
        biller=who,
        reference=number,
        whose=whose,
        found_from=found_from,
        next_debit=next_debit,
    )
    lines.join(mandate, by=by, now=now)
    return mandate


def _biller_named(name: str, customer: Customer, *, told_by_biller: bool) -> Biller:
    """The one of this name that is entered, or else the customer's own, which nobody else sees."""
    named = Biller.objects.filter(name__iexact=name).order_by("pk")
    entered = named.filter(only_for=None).first()
    if entered is None and told_by_biller:
        sentence = _("No company of this name is entered. A supervisor enters it first, under “Billers”.")
        raise Invalid({"biller": [sentence]})
    return entered or named.filter(only_for=customer).first() or Biller.objects.create(name=name, only_for=customer)


@needs(KEEP_MANDATES)
def say_over(*, mandate: Mandate, by: Actor, now: datetime) -> Mandate:
    """It is no longer debited, so nothing must be moved. Said twice is said once. Raises `NotFound`."""
    return _say(mandate, MandateState.OVER, LineState.OVER, by=by, now=now)


@needs(KEEP_MANDATES)
def say_not_mine(*, mandate: Mandate, by: Actor, now: datetime) -> Mandate:
    """The customer knows nothing of it. It is moved no more. Raises `NotFound`."""
    return _say(mandate, MandateState.NOT_MINE, LineState.NOT_MINE, by=by, now=now)


@needs(KEEP_MANDATES)
@transaction.atomic
def say_live(*, mandate: Mandate, by: Actor, now: datetime) -> Mandate:
    """It goes on after all: what was said before was a mistake. While the payments of its card are being moved, it is
    moved again too. Raises `NotFound`."""
    _refuse_strangers(mandate, by)
    for one in Line.objects.filter(mandate=mandate, state__in=lines.CALLED_OFF, update__live=True).order_by("pk"):
        with lines.changing_line(one) as locked:
            lines.reopen(locked, by=by, now=now)
    mandate = Mandate.objects.select_for_update().get(pk=mandate.pk)
    mandate.state, mandate.over_on = MandateState.LIVE, None
    mandate.save(update_fields=["state", "over_on"])
    return mandate


@transaction.atomic
def _say(mandate: Mandate, state: MandateState, line: LineState, *, by: Actor, now: datetime) -> Mandate:
    _refuse_strangers(mandate, by)
    for one in lines.open_ones_of(mandate):
        with lines.changing_line(one) as locked:
            lines.settle(locked, line, how=MovedBy.CUSTOMER, by=by, now=now)
    mandate = Mandate.objects.select_for_update().get(pk=mandate.pk)
    if mandate.state != state:
        mandate.state, mandate.over_on = state, now.date()
        mandate.save(update_fields=["state", "over_on"])
    return mandate


def _refuse_strangers(mandate: Mandate, by: Actor) -> None:
    if not _is_theirs(mandate.customer, by):
        raise NotFound("unknown_mandate", _("There is no such payment."))


def _amounts(found: Recurring) -> Any:
    return [found.low, found.high, found.currency]


def _is_theirs(customer: Customer, by: Actor) -> bool:
    return by.kind is not ActorKind.CUSTOMER or by.id == str(customer.public_id)
