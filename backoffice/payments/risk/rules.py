"""The risk rules: what holds an order up before anything rings, and in which words (complaint 3; processes.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.risk.facts import Facts
from backoffice.payments.risk.orders import Order, StepUp
from backoffice.staff.rights import Text
from backoffice.trust.phone_factor import Hindrance
from workflows.voice_payment.facts import Mode

DENY: Final = "deny"
"""The order is refused."""
SUSPEND: Final = "suspend"
"""The merchant is suspended, where the order is decided on (`assessing.alarm`). Every other result is a `StepUp`."""

NOT_BY_TELEPHONE = _("This customer cannot pay this order by telephone now. They can ask us why.")
ASKED_FIRST = _("Before we ring, we ask the customer to confirm the order.")
BY_CALL_OUT = _("This order cannot be paid in the same call. Choose that we ring the customer.")
ANOTHER_CARD = _("This card cannot be used. Ask the customer for another one.")
NOT_THE_MERCHANT = _("Your company cannot take this payment now. Its own account with us says why.")
TOO_MUCH = _("It is more than can be paid by telephone at once.")
TOO_MANY = _("Too many of your orders came to nothing. Wait an hour before you order again.")
TOO_LONG = _(
    "We have telephoned for your business as long as we do within a day. Order again tomorrow, or have it paid in"
    " another way."
)
"""What the merchant's agent is told. Of a customer nothing can be learned from it: rules that look at the customer say
the same, whatever they found, and no number is in it."""


Asked = TypeVar("Asked")
Known = TypeVar("Known")


@dataclass(frozen=True)
class Rule(Generic[Asked, Known]):
    """One reason to hold an order up. `what` is for staff, `tells` for the merchant's agent. `limit` is the name of its
    number in `limits.Amounts` or `limits.Counts`; empty for a rule without one."""

    code: str
    what: Text
    tells: Text
    result: str | StepUp
    holds: Callable[[Asked, Known], bool]
    limit: str = ""


def _in_same_call(holds: Callable[[Order, Facts], bool]) -> Callable[[Order, Facts], bool]:
    return lambda order, facts: order.mode is Mode.SAME_CALL and holds(order, facts)


def _is_expired(card: CardOnFile, at: datetime) -> bool:
    """A card is good until its month is over."""
    return (card.expiry_year, card.expiry_month) < (at.year, at.month)


_OF_MERCHANT: tuple[Rule[Order, Facts], ...] = (
    Rule(
        "merchant",
        _("The merchant takes no such payment: it is suspended or has ended, or it would pass its own limits"),
        NOT_THE_MERCHANT,
        DENY,
        lambda order, facts: bool(facts.standing),
    ),
    Rule(
        "agent_unpaid",
        _("Orders of this agent within an hour, since their last one that was paid"),
        TOO_MANY,
        DENY,
        lambda order, facts: facts.agent_unpaid > facts.limits.counts.unpaid_orders_of_an_agent_an_hour,
        limit="unpaid_orders_of_an_agent_an_hour",
    ),
    Rule(
        "merchant_unpaid",
        _("Orders of this merchant within a day, since its last one that was paid"),
        TOO_MANY,
        SUSPEND,
        lambda order, facts: facts.merchant_unpaid > facts.limits.counts.unpaid_orders_of_a_merchant_a_day,
        limit="unpaid_orders_of_a_merchant_a_day",
    ),
    Rule(
        "merchant_minutes",
        _("Minutes for which telephones ring or are connected for this merchant within a day"),
        TOO_LONG,
        DENY,
        lambda order, facts: facts.line_minutes > facts.limits.counts.line_minutes_of_a_merchant_a_day,
        limit="line_minutes_of_a_merchant_a_day",
    ),
)
_OF_AMOUNT: tuple[Rule[Order, Facts], ...] = (
    Rule(
        "amount_highest",
        _("More than anybody pays by telephone at once"),
        TOO_MUCH,
        DENY,
        lambda order, facts: order.amount > facts.limits.amounts.highest,
        limit="highest",
    ),
    Rule(
        "amount_document",
        _("So much that we see a document of the customer first"),
        ASKED_FIRST,
        StepUp.DOCUMENT,
        lambda order, facts: order.amount > facts.limits.amounts.document,
        limit="document",
    ),
    Rule(
        "amount_identity",
        _("So much that the customer confirms the order first"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda order, facts: order.amount > facts.limits.amounts.identity,
        limit="identity",
    ),
    Rule(
        "amount_same_call",
        _("Too much for the same call"),
        BY_CALL_OUT,
        StepUp.CALL_OUT_ONLY,
        _in_same_call(lambda order, facts: order.amount > facts.limits.amounts.same_call),
        limit="same_call",
    ),
)
_OF_CARD: tuple[Rule[Order, Facts], ...] = (
    Rule(
        "card_of_another",
        _("The card on file is another customer's"),
        ANOTHER_CARD,
        DENY,
        lambda order, facts: order.card is not None and order.card.customer_id != order.customer.pk,
    ),
    Rule(
        "card_forgotten",
        _("The customer has removed the card"),
        ANOTHER_CARD,
        DENY,
        lambda order, facts: order.card is not None and order.card.forgotten_at is not None,
    ),
    Rule(
        "card_expired",
        _("The card has expired"),
        ANOTHER_CARD,
        DENY,
        lambda order, facts: order.card is not None and _is_expired(order.card, facts.at),
    ),
    Rule(
        "card_declines",
        _("The bank declined this card within a day"),
        ANOTHER_CARD,
        DENY,
        lambda order, facts: facts.card.declines > facts.limits.counts.card_declines_a_day,
        limit="card_declines_a_day",
    ),
    Rule(
        "card_orders",
        _("Orders with this card within a day"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda order, facts: facts.card.orders > facts.limits.counts.card_orders_a_day,
        limit="card_orders_a_day",
    ),
)
_OF_NUMBER: tuple[Rule[Order, Facts], ...] = (
    Rule(
        "number_swapped",
        _("The number was marked as swapped or ported"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda order, facts: facts.number.hindrance is Hindrance.SIM_SWAPPED,
    ),
    Rule(
        "number_unfit",
        _("The number may not be rung: it costs extra, was replaced, never verified, or changed within seven days"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda order, facts: facts.number.hindrance not in (None, Hindrance.SIM_SWAPPED),
    ),
    Rule(
        "number_unpaid",
        _("Orders within a day for which this number was rung, and which nobody answered or wanted to pay"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda order, facts: facts.number.unpaid > facts.limits.counts.unpaid_orders_to_a_number_a_day,
        limit="unpaid_orders_to_a_number_a_day",
    ),
    Rule(
        "number_unpaid_week",
        _("Orders within a week for which this number was rung, and which nobody answered or wanted to pay"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda order, facts: facts.number.unpaid_a_week > facts.limits.counts.unpaid_orders_to_a_number_a_week,
        limit="unpaid_orders_to_a_number_a_week",
    ),
    Rule(
        "number_young",
        _("The number became the customer's less than so many days ago"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda order, facts: facts.number.age < timedelta(days=facts.limits.counts.number_days),
        limit="number_days",
    ),
    Rule(
        "number_shared",
        _("The number is also another customer's"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda order, facts: facts.number.shared,
    ),
)
_OF_CUSTOMER: tuple[Rule[Order, Facts], ...] = (
    Rule(
        "customer_suspicious",
        _("A case of the customer is paused, or a strange contact is looked into"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda order, facts: facts.customer.suspicious,
    ),
    Rule(
        "customer_moved",
        _("An address of the customer changed within 30 days"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda order, facts: facts.customer.moved,
    ),
    Rule(
        "customer_unidentified",
        _("More than a customer pays of whom we know neither a national id nor a document"),
        ASKED_FIRST,
        StepUp.DOCUMENT,
        lambda order, facts: not facts.customer.identified and order.amount > facts.limits.amounts.unidentified,
        limit="unidentified",
    ),
    Rule(
        "customer_orders",
        _("Orders for this customer within an hour"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda order, facts: facts.customer.orders > facts.limits.counts.customer_orders_an_hour,
        limit="customer_orders_an_hour",
    ),
    Rule(
        "customer_declines",
        _("Banks declined the customer's cards within a week"),
        ASKED_FIRST,
        StepUp.DOCUMENT,
        lambda order, facts: facts.customer.declines > facts.limits.counts.customer_declines_a_week,
        limit="customer_declines_a_week",
    ),
    Rule(
        "customer_new",
        _("In the same call: a customer for less than so many days"),
        BY_CALL_OUT,
        StepUp.CALL_OUT_ONLY,
        _in_same_call(
            lambda order, facts: facts.customer.known_for < timedelta(days=facts.limits.counts.customer_days)
        ),
        limit="customer_days",
    ),
    Rule(
        "customer_unverified",
        _("In the same call: a customer whom we never saw, and whose document neither"),
        BY_CALL_OUT,
        StepUp.CALL_OUT_ONLY,
        _in_same_call(lambda order, facts: not facts.customer.verified),
    ),
    Rule(
        "customer_first",
        _("In the same call: a customer who has paid nothing by telephone before"),
        BY_CALL_OUT,
        StepUp.CALL_OUT_ONLY,
        _in_same_call(lambda order, facts: not facts.customer.has_paid),
    ),
)
RULES: Mapping[str, Rule[Order, Facts]] = {
    one.code: one for one in (*_OF_MERCHANT, *_OF_AMOUNT, *_OF_CARD, *_OF_NUMBER, *_OF_CUSTOMER)
}
"""By code, in the order in which the desk shows them."""
