"""What the people who decide about a reissue need to see of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from backoffice.cards.models import CardReissue
from backoffice.cards.reissue import unread
from backoffice.cases import catalogue, words
from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.models import Case, WorkItem
from workflows.card_reissue.spec import SURVEY


def risk(case: Case, item: WorkItem) -> Lines:
    """Why the case is risky; empty when it is not."""
    why = _why_risky(case)
    return [("", why)] if why else []


def panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """The same for the page of the case at the desk, and that signals said something that we could not read."""
    why = _why_risky(case)
    rest = reverse("admin:card_reissue:unread", args=[case.reference]) if unread.of_case(case).exists() else ""
    return ("card_reissue/desk_panel.html", {"why": why, "unread": rest}) if why or rest else None


def _why_risky(case: Case) -> str:
    reissue = CardReissue.objects.filter(case=case, risk="high").first()
    return words.of_codes(catalogue.process(case.process), "why", reissue.risk_why) if reissue else ""


def survey(case: Case, item: WorkItem) -> Lines:
    """What the customer answered last, in the words of the form."""
    return lines_of_answer(case, SURVEY.name)
