"""What the rules know of an order, read once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from backoffice.cases.models import Case, CaseState, WorkItem
from backoffice.customers.contact_points import RISK_AGE
from backoffice.customers.models import ContactPoint, Customer, NationalId
from backoffice.money import Money
from backoffice.payments.merchants import standing
from backoffice.payments.risk import minutes
from backoffice.payments.risk.limits import Limits
from backoffice.payments.risk.orders import Order
from backoffice.payments.risk.tightening import in_force
from backoffice.payments.voice.models import MoneyState, VoiceCall, VoicePayment
from backoffice.trust.phone_factor import Hindrance, hindrance
from backoffice.trust.quiet_hours import zone
from workflows.home_visit.spec import HOME_VISIT, VisitStage
from workflows.suspicious_contact.spec import SUSPICIOUS_CONTACT
from workflows.voice_payment.facts import DocumentChecked
from workflows.voice_payment.spec import CHECK_DOCUMENT

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
LONGEST_UNDER_WAY = timedelta(days=31)
"""No order is paid so long after it was made; its case ends days before."""
IN_PERSON = "branch"
"""How an address says that its customer was seen (`contact_changes.applying`)."""
_PAID = (MoneyState.AUTHORISED, MoneyState.CAPTURED, MoneyState.REFUNDED)
_EVER = datetime.min.replace(tzinfo=UTC)
_Orders = QuerySet[VoicePayment]


@dataclass(frozen=True, slots=True)
class OfCard:
    """Orders with this card: within a day those that were made, and those that its bank declined."""

    orders: int
    declines: int


@dataclass(frozen=True, slots=True)
class OfNumber:
    """`unpaid` are orders for which this number was rung or may be, and which came to nothing: nobody answered, or the
    customer did not want to. It is `shared` where it is also another customer's."""

    hindrance: Hindrance | None
    age: timedelta
    shared: bool
    unpaid: int
    unpaid_a_week: int


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """`verified`: seen by us, or by a document. `identified`: that, or with a national id on file. `moved`: an address
    changed within 30 days. `suspicious`: a case is paused, or a strange contact is looked into. `orders` are those of
    an hour, `declines` those of a week."""

    known_for: timedelta
    verified: bool
    identified: bool
    moved: bool
    suspicious: bool
    has_paid: bool
    orders: int
    declines: int


@dataclass(frozen=True, slots=True)
class Facts:
    """At `at` (aware), without the order itself. `standing` says why the merchant takes no such payment, in words for
    its agent; empty when it does. `agent_unpaid` are the agent's orders of an hour since the last that was paid, and
    `merchant_unpaid` those of all agents of the merchant within a day. `line_minutes` are those that the merchant's
    calls have taken within a day, with the call for this order."""

    at: datetime
    limits: Limits
    standing: str
    agent_unpaid: int
    merchant_unpaid: int
    line_minutes: int
    card: OfCard
    number: OfNumber
    customer: OfCustomer


def read(order: Order, *, now: datetime, besides: UUID | None) -> Facts:
    """All facts of an order. `besides` is the case of the order itself, which does not count."""
    orders = VoicePayment.objects.exclude(case_id=besides) if besides else VoicePayment.objects.all()
    return Facts(
        at=now,
        limits=in_force(order.amount.currency),
        standing=_standing(order, orders, now),
        agent_unpaid=_unpaid(orders.filter(agent=order.agent, ordered_at__gt=now - HOUR)),
        merchant_unpaid=_unpaid(orders.filter(merchant=order.merchant, ordered_at__gt=now - DAY)),
        line_minutes=minutes.needed(order.merchant, now=now),
        card=_card(order, orders, now),
        number=_number(order, orders, now),
        customer=of_customer(order.customer, orders, besides, now),
    )


def _standing(order: Order, orders: _Orders, now: datetime) -> str:
    """Days and months are those of the merchant's company. What was refunded was taken all the same, and what is under
    way counts now, whenever it was ordered."""
    merchant = order.merchant
    midnight = now.astimezone(zone(merchant.company.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    day, month = midnight.astimezone(UTC), midnight.replace(day=1).astimezone(UTC)
    asked = Q(money__in=(MoneyState.AUTHORISING, MoneyState.AUTHORISED))
    under_way = asked | Q(money=MoneyState.NOTHING) & ~Q(case__state=CaseState.CLOSED)
    of_merchant = orders.filter(merchant=merchant, currency=merchant.currency)
    taken = of_merchant.filter(ordered_at__gte=month - LONGEST_UNDER_WAY).aggregate(
        today=Sum("amount", filter=under_way | Q(captured_at__gte=day), default=0),
        this_month=Sum("amount", filter=under_way | Q(captured_at__gte=month), default=0),
    )
    today, this_month = (Money(int(taken[one]), merchant.currency) for one in ("today", "this_month"))
    return standing.why_not_take(merchant, order.amount, taken_today=today, taken_this_month=this_month)


def _unpaid(orders: _Orders) -> int:
    """How many since the last that was paid, without those that the merchant's own limits refused: they say nothing of
    whoever ordered them."""
    refused = Q(risk__contains=["merchant"]) | Q(risk__contains=["merchant_minutes"])
    paid = orders.filter(money__in=_PAID).order_by("-ordered_at").values("ordered_at")[:1]
    return orders.filter(ordered_at__gt=Coalesce(Subquery(paid), _EVER)).exclude(refused).count()


def _card(order: Order, orders: _Orders, now: datetime) -> OfCard:
    """A card on file is the same with each customer; of one that is keyed in we know the last four digits only."""
    if order.card is not None:
        same = orders.filter(card__fingerprint=order.card.fingerprint)
    else:
        same = orders.filter(case__customer=order.customer, last_four=order.last_four)
    counts = same.filter(ordered_at__gt=now - DAY).aggregate(
        orders=Count("pk"), declines=Count("pk", filter=Q(money=MoneyState.DECLINED))
    )
    return OfCard(**counts)


def _number(order: Order, orders: _Orders, now: datetime) -> OfNumber:
    number = order.point.value_index
    others = ContactPoint.objects.filter(value_index=number, superseded_at=None).exclude(customer=order.customer)
    refused = Q(money__in=(MoneyState.NOTHING, MoneyState.RELEASED))
    rings = Q(Exists(VoiceCall.objects.filter(payment=OuterRef("pk")))) | ~Q(case__state=CaseState.CLOSED)
    counts = orders.filter(refused, rings, point__value_index=number, ordered_at__gt=now - WEEK).aggregate(
        unpaid=Count("pk", filter=Q(ordered_at__gt=now - DAY)), unpaid_a_week=Count("pk")
    )
    return OfNumber(hindrance(order.point, now), now - order.point.since, shared=others.exists(), **counts)


def of_customer(customer: Customer, orders: _Orders, besides: UUID | None, now: datetime) -> OfCustomer:
    """What is known of a customer, and counted of their orders among these. `besides` is a case that says nothing."""
    points = list(ContactPoint.objects.filter(customer=customer).only("since", "superseded_at", "verified_how"))
    seen, numbered, suspicious = _known(customer, besides)
    verified = seen or any(one.verified_how == IN_PERSON for one in points)
    theirs = orders.filter(case__customer=customer)
    counts = theirs.aggregate(
        orders=Count("pk", filter=Q(ordered_at__gt=now - HOUR)),
        declines=Count("pk", filter=Q(ordered_at__gt=now - WEEK, money=MoneyState.DECLINED)),
        paid=Count("pk", filter=Q(money=MoneyState.CAPTURED)),
    )
    return OfCustomer(
        known_for=now - min((one.since for one in points), default=now),
        verified=verified,
        identified=verified or numbered,
        moved=any(one.superseded_at is None and one.since > now - RISK_AGE for one in points),
        suspicious=suspicious,
        has_paid=counts["paid"] > 0,
        orders=counts["orders"],
        declines=counts["declines"],
    )


def _known(customer: Customer, besides: UUID | None) -> tuple[bool, bool, bool]:
    """Whether one of us saw them or their document; whether a national id is on file; whether something is looked into
    now: in one statement."""
    cases = Case.objects.filter(customer=OuterRef("pk"))
    visits = cases.filter(process=HOME_VISIT.name, stage=VisitStage.PASSED.value, state=CaseState.CLOSED)
    checked = WorkItem.objects.filter(
        case__customer=OuterRef("pk"), kind=CHECK_DOCUMENT.name, outcome=DocumentChecked.FITS.value
    )
    strange = Q(process=SUSPICIOUS_CONTACT.name) & ~Q(state=CaseState.CLOSED)
    looked_into = cases.filter(strange | Q(state=CaseState.FROZEN))
    found = Customer.objects.values(
        by_visit=Exists(visits),
        by_document=Exists(checked),
        numbered=Exists(NationalId.objects.filter(customer=OuterRef("pk"))),
        suspicious=Exists(looked_into.exclude(pk=besides) if besides else looked_into),
    ).get(pk=customer.pk)
    return found["by_visit"] or found["by_document"], found["numbered"], found["suspicious"]
