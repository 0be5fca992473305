"""Which process a customer is talked to about."""

from __future__ import annotations

import uuid
from functools import lru_cache

from backoffice.cases.models import Case


@lru_cache(maxsize=4096)
def topmost_process(case_id: uuid.UUID) -> str:
    """The name of the process of the topmost case above this one, which never changes; empty without such a case."""
    case = Case.objects.select_related("root").only("process", "root__process").filter(id=case_id).first()
    return (case.root or case).process if case else ""
