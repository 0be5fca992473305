"""What the rules know of a top-up by telephone, read once for all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.money import Money
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.risk.facts import DAY, HOUR, WEEK, OfCard, OfCustomer, of_customer
from backoffice.payments.risk.limits import Limits
from backoffice.payments.risk.tightening import in_force
from backoffice.payments.top_up.models import MoneyState, TopUp, TopUpCall
from backoffice.payments.voice.models import VoicePayment
from backoffice.telephony.models import MenuCall
from backoffice.trust.phone_factor import Hindrance, hindrance


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller wants to add, before anything is asked of their card. `card` is None until one is chosen, and
    `keys_in` says that a whole card is about to be keyed in. `caller` is the keyed index of the number that their
    display shows, empty where it is withheld; it proves nothing."""

    customer: Customer
    amount: Money
    caller: str
    card: CardOnFile | None = None
    keys_in: bool = False


@dataclass(frozen=True, slots=True)
class OfCaller:
    """`on_file`: the shown number is one of the customer's in force. `swapped`: one of theirs was marked as swapped or
    ported. `age` is that of their youngest number, `shared` whether the shown one is also another customer's. `top_ups`
    are those of a day that were agreed to in calls that showed it, whoever's they were."""

    on_file: bool
    swapped: bool
    age: timedelta
    shared: bool
    top_ups: int


@dataclass(frozen=True, slots=True)
class TopUpFacts:
    """At `at` (aware), without the top-up itself. `card_age` is since when the card is kept: no time for one that is
    keyed in now."""

    at: datetime
    limits: Limits
    card: OfCard
    card_age: timedelta
    caller: OfCaller
    customer: OfCustomer


def read(request: Request, *, now: datetime, besides: UUID) -> TopUpFacts:
    """All facts of a request. `besides` is its own case, which does not count."""
    others = TopUp.objects.exclude(case_id=besides)
    counts = others.filter(case__customer=request.customer).aggregate(
        agreed=Count("pk", filter=Q(agreed_at__gt=now - HOUR)),
        declined=Count("pk", filter=Q(agreed_at__gt=now - WEEK, money=MoneyState.DECLINED)),
    )
    known = of_customer(request.customer, VoicePayment.objects.all(), besides, now)
    return TopUpFacts(
        at=now,
        limits=in_force(request.amount.currency),
        card=_card(request, besides, now),
        card_age=now - request.card.kept_at if request.card else timedelta(0),
        caller=_caller(request, besides, now),
        customer=replace(known, orders=counts["agreed"], declines=known.declines + counts["declined"]),
    )


def _card(request: Request, besides: UUID, now: datetime) -> OfCard:
    """Of a day, payments to shops and top-ups alike: a card is the same with each customer."""
    if request.card is None:
        return OfCard(orders=0, declines=0)
    print_of = request.card.fingerprint
    orders = VoicePayment.objects.filter(card__fingerprint=print_of, ordered_at__gt=now - DAY)
    top_ups = TopUp.objects.exclude(case_id=besides).filter(card__fingerprint=print_of, agreed_at__gt=now - DAY)
    counts = [
        one.aggregate(orders=Count("pk"), declines=Count("pk", filter=Q(money=MoneyState.DECLINED)))
        for one in (orders, top_ups)
    ]
    return OfCard(orders=sum(one["orders"] for one in counts), declines=sum(one["declines"] for one in counts))


def _caller(request: Request, besides: UUID, now: datetime) -> OfCaller:
    theirs = list(ContactPoint.objects.filter(customer=request.customer, kind=ContactKind.PHONE, superseded_at=None))
    shown = ContactPoint.objects.filter(value_index=request.caller, superseded_at=None)
    return OfCaller(
        on_file=bool(request.caller) and any(one.value_index == request.caller for one in theirs),
        swapped=any(hindrance(one, now) is Hindrance.SIM_SWAPPED for one in theirs),
        age=min((now - one.since for one in theirs), default=timedelta(0)),
        shared=bool(request.caller) and shown.exclude(customer=request.customer).exists(),
        top_ups=_agreed_from(request.caller, besides, now) if request.caller else 0,
    )


def _agreed_from(caller: str, besides: UUID, now: datetime) -> int:
    showed_it = MenuCall.objects.filter(contact__address_index=caller, contact__at__gt=now - DAY)
    agreed = TopUpCall.objects.filter(agreed_at__gt=now - DAY).exclude(top_up_id=besides)
    return agreed.filter(conversation__in=showed_it.values("conversation")).count()
