"""How risky a reissue is, from what we know and what the customer told us. When the risk is high, the customer must be
identified and the reissue approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backoffice.actors import Actor
from backoffice.cards.models import CardReissue
from backoffice.cards.reissue import answers
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers import contact_points
from backoffice.statements import update
from workflows.card_reissue.facts import Risk


@dataclass(frozen=True)
class Assessed:
    level: Risk
    why: tuple[str, ...]


def assess(case: Case, *, now: datetime) -> Assessed:
    """Rules of the processes file: a contact point that changed within 30 days (threat 3: contact change, then reissue
    through it), a SIM swap, somebody who asked for secrets or was told one, a wrong address."""
    found: list[str] = [kind.value for kind in contact_points.changed_within(customer=case.customer, now=now)]
    told = answers.latest(case)
    if told.get("asked_for_secrets") in ("yes", "refused"):
        found.append("contacted")
    if answers.told_secret(told):
        found.append("told_secret")
    if told.get("address_right") == "no":
        found.append("address_wrong")
    return Assessed(Risk.HIGH if found else Risk.LOW, tuple(sorted(set(found))))


def assessed(case: Case, *, by: Actor, now: datetime) -> Assessed:
    """Assesses the risk and records it."""
    risk = assess(case, now=now)
    why = ",".join(risk.why)
    update(CardReissue(case=case, risk=risk.level.value, risk_why=why), ("risk", "risk_why"))
    timeline.note(case, "card.risk", by=by, data={"risk": risk.level.value, "why": why}, at=now)
    return risk
