"""Ordering a new card, following its letter, activating or cancelling it: how our records follow what the issuer
did."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, CardState, Shipping
from backoffice.cards.ports import IssuedCard, OrderRequest, Replacement, ShippingAddress
from backoffice.cards.reissue import blocking
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers import addressees, contact_points, postal
from backoffice.customers.business_days import business_days_after
from backoffice.customers.models import ContactKind, Customer
from backoffice.customers.postal import PostalAddress
from backoffice.refusals import Conflict, Invalid
from backoffice.statements import update
from workflows.card_reissue.facts import LetterExpected

HOME_COUNTRY = "NL"
DELIVERY = 10
"""The number of business days after which a letter counts as lost."""


def reissue_of(case: Case) -> CardReissue:
    return CardReissue.of(case)


def order_request(case: Case) -> OrderRequest:
    """The request to the issuer. Raises `Conflict` when there is no postal address that a card can be sent to."""
    reissue = reissue_of(case)
    return OrderRequest(
        reason=Replacement.of(reissue.reason),
        shipping=shipping_address(case.customer),
        case_id=str(case.id),
        replaces=reissue.card.issuer_token,
    )


def shipping_address(customer: Customer) -> ShippingAddress:
    """The label of the letter with the card. Raises `Conflict` when there is no postal address, or when its parts were
    split from a text by a guess and nobody has looked at them."""
    point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
    if point is None:
        raise Conflict("no_postal_address", _("The customer has no postal address."))
    address = point.address
    if address is None or point.parts_checked_at is None:
        raise Conflict("postal_address_unchecked", _("Nobody has checked the parts of the postal address yet."))
    label = addressees.label(customer, address)
    return _shipping(address, name=label.name, line1=label.line1, line2=label.line2)


def can_ship(customer: Customer) -> bool:
    """Whether a card can be posted to the customer. Asked before the point of no return; afterwards it stays true,
    because every new address is checked when it is entered."""
    try:
        shipping_address(customer)
    except Conflict:
        return False
    return True


def letter_country(customer: Customer) -> str:
    """The country (ISO 3166-1) to which a letter goes."""
    point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
    return point.address.country if point and point.address else customer.country


def _shipping(address: PostalAddress, *, name: str, line1: str, line2: str) -> ShippingAddress:
    return ShippingAddress(
        name=name,
        line1=line1,
        line2=line2,
        city=address.place,
        postal_code=address.postal_code,
        state=address.region,
        country=address.country,
    )


def branch_request(case: Case) -> OrderRequest:
    """The same, sent to our branch, where the customer collects it. Raises `Conflict` when no branch is set."""
    reissue = reissue_of(case)
    return OrderRequest(
        reason=Replacement.of(reissue.reason),
        shipping=branch_address(),
        case_id=str(case.id),
        replaces=reissue.card.issuer_token,
    )


def branch_address() -> ShippingAddress:
    """Where cards wait that the post could not deliver, from the setting BRANCH_ADDRESS: street, postal code, town,
    country. Raises `Conflict` when it is not an address."""
    parts = [part.strip() for part in settings.BRANCH_ADDRESS.split(",")]
    try:
        street, code, town, country = parts
        branch = postal.check(PostalAddress(country=country, lines=(street,), postal_code=code, town=town))
    except (ValueError, Invalid) as wrong:
        sentence = _("BRANCH_ADDRESS is not set, or is no address: “street, postal code, town, country”.")
        raise Conflict("no_branch_address", sentence) from wrong
    name = addressees.fitted("", settings.COMPANY_NAME)
    return _shipping(branch, name=name, line1=branch.lines[0], line2="")


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


def _expectation(customer: Customer, now: datetime) -> LetterExpected:
    zone = ZoneInfo(customer.time_zone)
    country = letter_country(customer)
    last = business_days_after(now.astimezone(zone).date(), DELIVERY, country)
    end = datetime.combine(last, time(20), tzinfo=zone)
    return LetterExpected(expected_by=end, abroad=country != HOME_COUNTRY)


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
