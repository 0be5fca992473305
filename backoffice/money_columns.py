"""Money in the database: a whole number of the smallest unit, beside the code of its currency."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backoffice.money import MOST_MINOR

CODE = r"^[A-Z]{3}$"


def is_currency(column: str = "currency") -> Q:
    """What a check constraint says of a column with the code of a currency (ISO 4217)."""
    return Q(**{f"{column}__regex": CODE})


def is_amount(*, minor: str = "amount", currency: str = "currency", name: str) -> models.CheckConstraint:
    """The two columns hold one payment's amount: more than zero, and no more than one payment can have."""
    condition = is_currency(currency) & Q(**{f"{minor}__gt": 0, f"{minor}__lte": MOST_MINOR})
    return models.CheckConstraint(condition=condition, name=name)
