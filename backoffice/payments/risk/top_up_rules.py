"""The risk rules of top-ups by telephone: what holds one up before anything is asked of a card (complaint 3).

Nobody of ours is on the line, so there are two results: it is refused, or the customer first confirms in the portal
that it is they who add this. `tells` is what the caller hears: nothing about the customer can be learned from it, since
whoever calls may have been given the digits by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backoffice.payments.risk import top_up_facts
from backoffice.payments.risk.orders import StepUp
from backoffice.payments.risk.rules import DENY, Rule
from backoffice.payments.risk.top_up_facts import Request, TopUpFacts
from backoffice.staff.rights import Text

NOT_BY_TELEPHONE = _(
    "This cannot be done by telephone now. Nothing was taken. The page of your case says more. Goodbye."
)
CARD_NOT_TAKEN = _("This card was not taken. Nothing was charged. You can call us again with another card. Goodbye.")
ASKED_FIRST = _(
    "Before we take this, we ask you in the portal whether it is you. Nothing was taken. Sign in as always, confirm it,"
    " and call us again. Goodbye."
)
_RULES: tuple[Rule[Request, TopUpFacts], ...] = (
    Rule(
        "amount_highest",
        _("More than anybody pays by telephone at once"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda asked, facts: asked.amount > facts.limits.amounts.highest,
        limit="highest",
    ),
    Rule(
        "amount_identity",
        _("So much that the customer confirms it first"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: asked.amount > facts.limits.amounts.identity,
        limit="identity",
    ),
    Rule(
        "card_declines",
        _("The bank declined this card within a day"),
        CARD_NOT_TAKEN,
        DENY,
        lambda asked, facts: facts.card.declines > facts.limits.counts.card_declines_a_day,
        limit="card_declines_a_day",
    ),
    Rule(
        "card_orders",
        _("Payments with this card within a day"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: facts.card.orders > facts.limits.counts.card_orders_a_day,
        limit="card_orders_a_day",
    ),
    Rule(
        "card_new",
        _("A card that is kept for less than so many days, or keyed in now, and more than is paid in the same call"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: (
            (asked.card is not None or asked.keys_in)
            and facts.card_age < timedelta(days=facts.limits.counts.card_on_file_days)
            and asked.amount > facts.limits.amounts.same_call
        ),
        limit="card_on_file_days",
    ),
    Rule(
        "number_swapped",
        _("A number of the customer was marked as swapped or ported"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda asked, facts: facts.caller.swapped,
    ),
    Rule(
        "number_top_ups",
        _("Top-ups within a day in calls that showed this number, of all customers"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda asked, facts: facts.caller.top_ups > facts.limits.counts.top_ups_from_a_number_a_day,
        limit="top_ups_from_a_number_a_day",
    ),
    Rule(
        "number_not_on_file",
        _("The call showed no number, or none of the customer's"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: not facts.caller.on_file,
    ),
    Rule(
        "number_young",
        _("A number became the customer's less than so many days ago"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: facts.caller.age < timedelta(days=facts.limits.counts.number_days),
        limit="number_days",
    ),
    Rule(
        "number_shared",
        _("The number that the call showed is also another customer's"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: facts.caller.shared,
    ),
    Rule(
        "customer_suspicious",
        _("A case of the customer is paused, or a strange contact is looked into"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda asked, facts: facts.customer.suspicious,
    ),
    Rule(
        "customer_moved",
        _("An address of the customer changed within 30 days"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: facts.customer.moved,
    ),
    Rule(
        "customer_unidentified",
        _("More than a customer adds of whom we know neither a national id nor a document"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda asked, facts: not facts.customer.identified and asked.amount > facts.limits.amounts.unidentified,
        limit="unidentified",
    ),
    Rule(
        "customer_top_ups",
        _("Top-ups of the customer within an hour"),
        ASKED_FIRST,
        StepUp.IDENTITY,
        lambda asked, facts: facts.customer.orders > facts.limits.counts.top_ups_an_hour,
        limit="top_ups_an_hour",
    ),
    Rule(
        "customer_declines",
        _("Banks declined the customer's cards within a week"),
        NOT_BY_TELEPHONE,
        DENY,
        lambda asked, facts: facts.customer.declines > facts.limits.counts.customer_declines_a_week,
        limit="customer_declines_a_week",
    ),
)
RULES: Mapping[str, Rule[Request, TopUpFacts]] = {one.code: one for one in _RULES}
"""By code, in the order in which the desk shows them."""


@dataclass(frozen=True, slots=True)
class Screened:
    """`denied` are the codes of the rules that refuse it, `asks` those that have the customer confirm it first."""

    denied: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        return (*self.denied, *self.asks)


def screen(asked: Request, *, now: datetime, besides: UUID) -> Screened:
    """What the rules say of a request at `now` (aware UTC). It only reads. `besides` is its own case."""
    return judge(asked, top_up_facts.read(asked, now=now, besides=besides))


def judge(asked: Request, known: TopUpFacts) -> Screened:
    """What the rules say, by these facts."""
    spoke = [rule for rule in RULES.values() if rule.holds(asked, known)]
    return Screened(
        denied=tuple(rule.code for rule in spoke if rule.result == DENY),
        asks=tuple(rule.code for rule in spoke if rule.result is StepUp.IDENTITY),
    )


def words(code: str) -> Text:
    """What a rule says, for staff. A code in an old record may be of a rule that is no more."""
    return RULES[code].what if code in RULES else _("A rule that is no longer in force")
