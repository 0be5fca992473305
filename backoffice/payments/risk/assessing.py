"""What is asked of an order before anything rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor
from backoffice.payments.merchants import suspending
from backoffice.payments.merchants.models import SuspendedFor, Suspension
from backoffice.payments.risk import facts
from backoffice.payments.risk.facts import Facts
from backoffice.payments.risk.orders import Order, StepUp
from backoffice.payments.risk.rules import DENY, NOT_BY_TELEPHONE, RULES
from backoffice.staff.rights import Text


@dataclass(frozen=True, slots=True)
class Assessment:
    """`denied` are the codes of the rules that refuse the order, `codes` those of all that hold. `steps` come first
    where it is not refused. `standing` is the sentence for the merchant's agent that says which limit or state of their
    own merchant is in the way; empty where none is."""

    denied: tuple[str, ...]
    steps: frozenset[StepUp]
    codes: tuple[str, ...]
    standing: str = ""


def assess(order: Order, *, now: datetime, besides: UUID | None = None) -> Assessment:
    """What the rules say of an order at `now` (aware UTC). It only reads. `besides` is the case of the order itself,
    which is not counted.

    Orders that are made at the same moment see each other once their rows are committed: assess one after that.
    """
    return judge(order, facts.read(order, now=now, besides=besides))


def judge(order: Order, known: Facts) -> Assessment:
    """What the rules say, by these facts."""
    spoke = [rule for rule in RULES.values() if rule.holds(order, known)]
    return Assessment(
        denied=tuple(rule.code for rule in spoke if rule.result == DENY),
        steps=frozenset(rule.result for rule in spoke if isinstance(rule.result, StepUp)),
        codes=tuple(rule.code for rule in spoke),
        standing=known.standing,
    )


def alarm(order: Order, assessment: Assessment, *, by: Actor, now: datetime) -> Suspension | None:
    """Suspends the merchant where a rule that spoke up demands it; None where none does. Call it where the order is
    decided on, in its unit of work. Raises what `suspending.suspend` raises."""
    if not any(RULES[code].suspends for code in assessment.codes):
        return None
    return suspending.suspend(merchant=order.merchant, reason=SuspendedFor.RISK, by=by, now=now)


def words(code: str) -> tuple[Text, Text]:
    """What a rule says: for staff, and for the merchant's agent. A code in an old record may be of a rule that is no
    more."""
    rule = RULES.get(code)
    return (rule.what, rule.tells) if rule else (_("A rule that is no longer in force"), NOT_BY_TELEPHONE)
