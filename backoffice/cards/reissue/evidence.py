"""What the people who decide about a reissue need to see of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.cards.models import CardReissue
from backoffice.cases import catalogue, words
from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.models import Case, WorkItem
from workflows.card_reissue.spec import SURVEY


def risk(case: Case, item: WorkItem) -> Lines:
    """Why the case is risky; empty when it is not."""
    why = _why_risky(case)
    return [("", why)] if why else []


def risk_panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """The same, for the page of the case at the desk."""
    why = _why_risky(case)
    return ("card_reissue/desk_risk.html", {"why": why}) if why else None


def _why_risky(case: Case) -> str:
    reissue = CardReissue.objects.filter(case=case, risk="high").first()
    return words.of_codes(catalogue.process(case.process), "why", reissue.risk_why) if reissue else ""


def survey(case: Case, item: WorkItem) -> Lines:
    """What the customer answered last, in the words of the form."""
    return lines_of_answer(case, SURVEY.name)
