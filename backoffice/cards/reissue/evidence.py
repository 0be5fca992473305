"""What those who decide about a reissue need to see of it."""

from __future__ import annotations

from backoffice.cards.models import CardReissue
from backoffice.cases.evidence import Lines, lines_of_answer
from backoffice.cases.models import Case, WorkItem
from workflows.card_reissue.spec import SURVEY


def risk(case: Case, item: WorkItem) -> Lines:
    """Why the case is risky; nothing where it is not."""
    reissue = CardReissue.objects.filter(case=case, risk="high").first()
    return [("", reissue.risk_why)] if reissue else []


def survey(case: Case, item: WorkItem) -> Lines:
    """What the customer answered last, in the words of the form."""
    return lines_of_answer(case, SURVEY.name)
