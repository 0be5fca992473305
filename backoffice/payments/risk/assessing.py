"""What is asked of an order before anything rings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backoffice.actors import system
from backoffice.payments.merchants import suspending
from backoffice.payments.merchants.models import SuspendedFor, Suspension
from backoffice.payments.risk import facts
from backoffice.payments.risk.facts import Facts
from backoffice.payments.risk.orders import Order, StepUp
from backoffice.payments.risk.rules import DENY, NOT_BY_TELEPHONE, RULES, SUSPEND
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

    Orders of one merchant that are made at the same moment see each other only where the merchant is locked, or once
    their rows are committed.
    """
    return judge(order, facts.read(order, now=now, besides=besides))


def judge(order: Order, known: Facts) -> Assessment:
    """What the rules say, by these facts."""
    spoke = [rule for rule in RULES.values() if rule.holds(order, known)]
    codes = tuple(rule.code for rule in spoke)
    return Assessment(
        denied=tuple(rule.code for rule in spoke if rule.result == DENY),
        steps=steps_of(codes),
        codes=codes,
        standing=known.standing,
    )


def alarm(*, order: Order, assessment: Assessment, now: datetime) -> Suspension | None:
    """Suspends the merchant where a rule that spoke up demands it; None where none does. For the step in which the
    order is decided on, and in its unit of work: where an order is refused while it is made, nothing would stay of it.
    Raises `Conflict` for a merchant that has ended meanwhile."""
    if not any(RULES[code].result == SUSPEND for code in assessment.codes):
        return None
    return suspending.suspend(merchant=order.merchant, reason=SuspendedFor.RISK, by=system(), now=now)


def steps_of(codes: Iterable[str]) -> frozenset[StepUp]:
    """What rules with these codes ask for first. So a later change of an order can be measured against what was asked
    before anything rang."""
    results = (RULES[code].result for code in codes if code in RULES)
    return frozenset(result for result in results if isinstance(result, StepUp))


def words(code: str) -> tuple[Text, Text]:
    """What a rule says: for staff, and for the merchant's agent. A code in an old record may be of a rule that is no
    more."""
    rule = RULES.get(code)
    return (rule.what, rule.tells) if rule else (_("A rule that is no longer in force"), NOT_BY_TELEPHONE)
