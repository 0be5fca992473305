"""How risky a reissue is, from what we know and what the customer told us. High: identify him, and approve it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from backoffice.actors import Actor
from backoffice.cards.models import CardReissue
from backoffice.cases import timeline
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.customers import contact_points
from workflows.card_reissue.facts import Risk

WHY = {
    "phone": gettext_noop("telephone number changed less than 30 days ago"),
    "mail": gettext_noop("mail address changed less than 30 days ago"),
    "postal": gettext_noop("postal address changed less than 30 days ago"),
    "contacted": gettext_noop("somebody asked the customer for secrets"),
    "address_wrong": gettext_noop("the address on file was wrong"),
}


@dataclass(frozen=True)
class Assessed:
    level: Risk
    why: tuple[str, ...]


def assess(case: Case, *, now: datetime) -> Assessed:
    """Rules of the processes file: a contact point that changed within 30 days (threat 3: contact change, then reissue
    through it), a SIM swap, somebody who asked for secrets, a wrong address."""
    found: list[str] = [kind.value for kind in contact_points.changed_within(customer=case.customer, now=now)]
    survey = (
        WorkItem.objects.filter(case=case, kind="email_survey", state=ItemState.ANSWERED).order_by("-opened_at").first()
    )
    told = (survey.answer if survey else None) or {}
    if told.get("asked_for_secrets") == "yes":
        found.append("contacted")
    if told.get("address_right") == "no":
        found.append("address_wrong")
    return Assessed(Risk.HIGH if found else Risk.LOW, tuple(sorted(set(found))))


def assessed(case: Case, *, by: Actor, now: datetime) -> Assessed:
    """Assesses and writes it down."""
    risk = assess(case, now=now)
    why = "; ".join(WHY[reason] for reason in risk.why)
    CardReissue.objects.filter(case=case).update(risk=risk.level, risk_why=why[:200])
    timeline.note(case, "card.risk", by=by, data={"risk": risk.level, "why": why or "–"}, at=now)
    return risk
