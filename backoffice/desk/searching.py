"""The box in the header: a case, a customer, a card or a domain by whatever one knows of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from backoffice.cards.models import Card
from backoffice.cases.models import Case
from backoffice.customers import searching
from backoffice.customers.models import Customer
from backoffice.domains.models import Domain
from backoffice.references import tidy_reference

MOST = 20
CASE_SIGNS = 7
REFERENCE = re.compile(r"^[A-Z0-9]{3}-[A-Z0-9]{3}-?[A-Z0-9]$", re.IGNORECASE)
"""Written with hyphens it is meant as a reference, whether its check character fits or not."""


@dataclass(frozen=True)
class Found:
    """At most twenty of each; `more` where there were more. `misread` is a reference with a wrong sign."""

    case: Case | None = None
    reference: str = ""
    misread: bool = False
    customers: Sequence[Customer] = ()
    cards: Sequence[Card] = ()
    domains: Sequence[Domain] = ()
    more: frozenset[str] = field(default_factory=frozenset)

    @property
    def nothing(self) -> bool:
        return not (self.case or self.customers or self.cards or self.domains)


def find(text: str) -> Found:
    """A reference is read as one before anything else; four digits are the end of a card."""
    typed = text.strip()
    reference = tidy_reference(typed)
    if reference and len(reference.replace("-", "")) == CASE_SIGNS:
        case = Case.objects.filter(reference=reference).first()
        if case or "-" in typed:
            return Found(case=case, reference=reference)
    elif REFERENCE.match(typed):
        return Found(reference=typed.upper(), misread=True)
    customers = list(searching.find(text=typed)[: MOST + 1])
    cards = list(_cards(typed)[: MOST + 1]) if re.fullmatch(r"\d{4}", typed) else []
    domains = list(Domain.objects.filter(name=typed.lower()).select_related("customer")) if "." in typed else []
    more = {name for name, rows in (("customers", customers), ("cards", cards)) if len(rows) > MOST}
    return Found(customers=customers[:MOST], cards=cards[:MOST], domains=domains, more=frozenset(more))


def _cards(last_four: str) -> QuerySet[Card]:
    return Card.objects.filter(last_four=last_four).select_related("customer").order_by("-created_at", "id")
