"""What the customer answered to the survey of a case."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.statements import Select
from workflows.card_reissue.spec import SURVEY

TOLD = "told"
"""The answer to "did anybody ask you for a secret?" that says that they got one."""
_LATEST = Select(
    lambda case_id: WorkItem.objects.filter(case_id=case_id, kind=SURVEY.name, state=ItemState.ANSWERED).order_by(
        "-opened_at"
    )[:1],
    uuid.UUID(int=1),
)


def latest(case: Case) -> Mapping[str, Any]:
    """The last answers by the names of their fields; empty before there are any."""
    survey = _LATEST.first(case.id)
    return (survey.answer if survey else None) or {}


def told_secret(given: Mapping[str, Any]) -> bool:
    """Whether the customer says that they told somebody a secret."""
    return bool(given.get("asked_for_secrets") == TOLD)
