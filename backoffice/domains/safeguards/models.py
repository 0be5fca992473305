"""The particulars of a change of a domain's safeguards, beside its case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from backoffice.cases.models import Case

if TYPE_CHECKING:
    from backoffice.domains.models import Domain


class SafeguardChange(models.Model):
    """`change` is one of `Safeguard`; `by_us` says that one of us asked for it, with `reason`, which staff alone
    see."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="safeguard_change")
    domain: models.ForeignKey[Domain, Domain] = models.ForeignKey(
        "domains.Domain", models.PROTECT, related_name="safeguard_changes"
    )
    change = models.CharField(max_length=12)
    by_us = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    live = models.BooleanField(default=True)
    """Whether the case is not closed yet."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], condition=Q(live=True), name="one_change_of_safeguards_of_a_domain"
            )
        ]

    def __str__(self) -> str:
        return str(self.case_id)
