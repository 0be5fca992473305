"""The register of recurring payments: what is found, what is added by hand, and what is over or somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cards.autopay import lines
from backoffice.cards.autopay.inventory import Recurring
from backoffice.cards.autopay.models import (
    Biller,
    Category,
    FoundFrom,
    LineState,
    Mandate,
    MandateState,
    MovedBy,
    Reach,
    Whose,
)
from backoffice.cards.autopay.rights import KEEP_BILLERS, KEEP_MANDATES
from backoffice.cards.models import Card
from backoffice.cases import no_card_numbers
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
    """Notes what the payments of `card` show; what is known on one of these `cards` already gets the newest dates and
    amounts. What the customer called over stays so, unless it was debited since."""
    biller, amounts = biller_of_network(found, by=by), _amounts(found)
    known = Mandate.objects.select_for_update().filter(card__in=cards, biller=biller).order_by("pk").first()
    if known is None:
        return Mandate.objects.create(
            customer=card.customer,
            card=card,
            biller=biller,
            found_from=FoundFrom.ISSUER,
            last_debit=found.last,
            next_debit=found.next,
            amounts=amounts,
        )
    again = known.last_debit is None or found.last > known.last_debit
    if known.state == MandateState.OVER and again:
        known.state = MandateState.LIVE
    known.last_debit, known.next_debit = found.last, found.next
    known.amounts = amounts
    known.save(update_fields=["state", "last_debit", "next_debit", "amounts"])
    return known


@needs(KEEP_BILLERS)
@transaction.atomic
def biller_of_network(found: Recurring, *, by: Actor) -> Biller:
    """The biller of these payments. One that we do not know yet is entered as the network calls it; nobody has said
    yet how it is reached."""
    if not found.network_id:
        biller = Biller.objects.filter(network_id=None, name__iexact=found.name).order_by("pk").first()
        return biller or Biller.objects.create(name=found.name, category=Category(found.category))
    biller, _new = Biller.objects.get_or_create(
        network_id=found.network_id, defaults={"name": found.name, "category": Category(found.category)}
    )
    return biller


@needs(KEEP_BILLERS)
def enter_biller(*, name: str, by: Actor, **said: Any) -> Biller:
    """A biller, and how it is reached. Raises `Invalid` where the way and the address do not fit."""
    biller = Biller(name=kept(name)[:LONGEST_NAME], **said)
    needed = {Reach.WEBHOOK: "endpoint", Reach.MAIL: "mail", Reach.LETTER: "address"}
    field = needed.get(Reach(biller.reach))
    if field and not getattr(biller, field):
        raise Invalid({field: [_("Say where to reach it, or choose another way.")]})
    biller.save()
    return biller


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
    who pays somebody else's bill cannot know it. While the payments of this card are being moved, it joins the
    customer's list. Raises `NotFound` on `card`, `Invalid` on `biller` and `reference`, and `Conflict` for one that is
    there already."""
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
    who = Biller.objects.filter(name__iexact=name).order_by("pk").first() or Biller.objects.create(name=name)
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
    lines.join(mandate, now=now)
    return mandate


@needs(KEEP_MANDATES)
def say_over(*, mandate: Mandate, by: Actor, now: datetime) -> Mandate:
    """It is no longer debited, so nothing must be moved. Said twice is said once. Raises `NotFound`."""
    return _say(mandate, MandateState.OVER, LineState.OVER, by=by, now=now)


@needs(KEEP_MANDATES)
def say_not_mine(*, mandate: Mandate, by: Actor, now: datetime) -> Mandate:
    """The customer knows nothing of it. It is moved no more. Raises `NotFound`."""
    return _say(mandate, MandateState.NOT_MINE, LineState.NOT_MINE, by=by, now=now)


@transaction.atomic
def _say(mandate: Mandate, state: MandateState, line: LineState, *, by: Actor, now: datetime) -> Mandate:
    if not _is_theirs(mandate.customer, by):
        raise NotFound("unknown_mandate", _("There is no such payment."))
    open_lines = list(lines.open_ones_of(mandate))
    for one in open_lines:
        with lines.changing_line(one) as locked:
            lines.settle(locked, line, how=MovedBy.CUSTOMER, by=by, now=now)
    mandate = Mandate.objects.select_for_update().get(pk=mandate.pk)
    if mandate.state != state:
        mandate.state = state
        mandate.save(update_fields=["state"])
    return mandate


def _amounts(found: Recurring) -> Any:
    return [found.low, found.high, found.currency]


def _is_theirs(customer: Customer, by: Actor) -> bool:
    return by.kind is not ActorKind.CUSTOMER or by.id == str(customer.public_id)
