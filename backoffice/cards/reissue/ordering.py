"""Ordering a new card, following its letter, activating or cancelling it: how our records follow what the issuer
did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, CardState, Shipping
from backoffice.cards.ports import IssuedCard, OrderRequest, Replacement, ShippingAddress
from backoffice.cards.reissue import blocking
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, Customer
from backoffice.refusals import Conflict
from backoffice.statements import update
from workflows.card_reissue.facts import LetterExpected

HOME_COUNTRY = "NL"
DELIVERY = 10
"""The number of business days after which a letter counts as lost."""


def reissue_of(case: Case) -> CardReissue:
    return CardReissue.of(case)


def order_request(case: Case) -> OrderRequest:
    """The request to the issuer. Raises `Conflict` when there is no postal address to send a card to."""
    reissue = reissue_of(case)
    return OrderRequest(
        reason=Replacement.of(reissue.reason),
        shipping=shipping_address(case.customer),
        case_id=str(case.id),
        replaces=reissue.card.issuer_token,
    )


def shipping_address(customer: Customer) -> ShippingAddress:
    point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
    if point is None:
        raise Conflict("no_postal_address", "The customer has no postal address.")
    street, *rest = point.value.splitlines()
    code, _, town = rest[0].rpartition(" ")
    return ShippingAddress(
        name=customer.name,
        line1=street,
        city=town,
        postal_code=code,
        country=customer.country,
        line2=rest[1] if len(rest) > 1 else "",
    )


def branch_request(case: Case) -> OrderRequest:
    """The same, sent to our branch, where the customer collects it. Raises `Conflict` when no branch is set."""
    parts = [part.strip() for part in settings.BRANCH_ADDRESS.split(",")]
    if len(parts) != 4:
        raise Conflict("no_branch_address", "BRANCH_ADDRESS is not set: “street, postal code, town, country”.")
    street, code, town, country = parts
    branch = ShippingAddress(
        name=settings.COMPANY_NAME, line1=street, city=town, postal_code=code, country=country.upper()
    )
    return replace(order_request(case), shipping=branch)


def ordered(case: Case, issued: IssuedCard, *, by: Actor, now: datetime) -> LetterExpected:
    """The issuer makes the new card, and has closed the old one for good if the number changes. Returns what the
    process needs to wait for the letter."""
    reissue = reissue_of(case)
    if not Replacement.of(reissue.reason).keeps_number:
        blocking.closed(case, by=by, now=now)
    new = _new_card(reissue, issued)
    reissue.new_card, reissue.postings = new, reissue.postings + 1
    update(reissue, ("new_card", "postings"))
    timeline.note(case, "card.ordered", by=by, data={"last_four": new.last_four}, at=now)
    return _expectation(case.customer, now)


def reshipped(case: Case, issued: IssuedCard, *, by: Actor, now: datetime) -> LetterExpected:
    """A new letter with a new card takes the place of the one that did not arrive."""
    reissue = reissue_of(case)
    lost = reissue.new_card
    if lost is not None and lost.issuer_token != issued.token:
        lost.state, lost.replaces = CardState.CLOSED, None
        update(lost, ("state", "replaces"))
    reissue.new_card, reissue.postings = _new_card(reissue, issued), reissue.postings + 1
    update(reissue, ("new_card", "postings"))
    data = {"last_four": reissue.new_card.last_four, "posting": str(reissue.postings)}
    timeline.note(case, "card.reshipped", by=by, data=data, at=now)
    return _expectation(case.customer, now)


def activated(case: Case, *, by: Actor, now: datetime) -> None:
    new = _existing(case)
    new.state = CardState.ACTIVE
    update(new, ("state",))
    timeline.note(case, "card.activated", by=by, data={"last_four": new.last_four}, at=now)


def cancelled(case: Case, *, by: Actor, now: datetime) -> None:
    new = _existing(case)
    new.state = CardState.CLOSED
    update(new, ("state",))
    timeline.note(case, "card.cancelled", by=by, data={"last_four": new.last_four}, at=now)


def business_days_after(start: date, days: int, country: str) -> date:
    """The date that many business days after `start`, by the public holidays of the country (ISO 3166-1)."""
    try:
        free = holidays.country_holidays(country)
    except NotImplementedError:
        free = holidays.HolidayBase()
    day = start
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            days -= 1
    return day


def _expectation(customer: Customer, now: datetime) -> LetterExpected:
    zone = ZoneInfo(customer.time_zone)
    last = business_days_after(now.astimezone(zone).date(), DELIVERY, customer.country)
    end = datetime.combine(last, time(20), tzinfo=zone)
    return LetterExpected(expected_by=end, abroad=customer.country != HOME_COUNTRY)


def _new_card(reissue: CardReissue, issued: IssuedCard) -> Card:
    """Enters the card of the issuer's token, or updates it if an earlier attempt has entered it."""
    told = {
        "customer_id": reissue.card.customer_id,
        "brand": issued.brand,
        "last_four": issued.last_four,
        "expiry_month": issued.expiry_month,
        "expiry_year": issued.expiry_year,
        "state": CardState.INACTIVE,
        "shipping": Shipping.PENDING,
        "replaces_id": reissue.card_id,
    }
    [card] = Card.objects.bulk_create(
        [Card(issuer_token=issued.token, **told)],
        update_conflicts=True,
        unique_fields=["issuer_token"],
        update_fields=[name.removesuffix("_id") for name in told],
    )
    return card


def _existing(case: Case) -> Card:
    new = reissue_of(case).new_card
    if new is None:
        raise Conflict("no_new_card", "No new card was ordered in this case.")
    return new
