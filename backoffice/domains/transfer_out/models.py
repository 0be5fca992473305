"""The particulars of a transfer-out, beside its case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from backoffice.cases.models import Case
from backoffice.sealed import SealedTextField

if TYPE_CHECKING:
    from backoffice.domains.models import Domain


class TransferOut(models.Model):
    """What a case about a domain that leaves us knows. Times are UTC.

    `code` is the transfer code, sealed, from when it is made until its holder has seen it; `code_key` is the key of the
    call that sets it, and `code_set_at` when the registry had it. `registry_state`, `asked_by` (the other registrar's
    id) and `decides_at` are what the registry last said of the transfer. `guarded_at` is when we locked the domain
    again at the registry because the case was frozen, until it is unlocked anew.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="transfer_out")
    domain: models.ForeignKey[Domain, Domain] = models.ForeignKey(
        "domains.Domain", models.PROTECT, related_name="transfers_out"
    )
    live = models.BooleanField(default=True)
    """Whether the case is not closed yet."""
    relocks = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """The states that we take away to unlock the domain, and set again if it stays."""
    code = SealedTextField(null=True, blank=True)
    code_key = models.CharField(max_length=120, blank=True)
    code_set_at = models.DateTimeField(null=True, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    code_shown_at = models.DateTimeField(null=True, blank=True)
    wanted_in_step = models.CharField(max_length=60, blank=True)
    """The step in which the holder proved who they are, to see the code."""
    wanted_at = models.DateTimeField(null=True, blank=True)
    registry_state = models.CharField(max_length=10, blank=True)
    asked_by = models.CharField(max_length=40, blank=True)
    decides_at = models.DateTimeField(null=True, blank=True)
    guarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain"], condition=Q(live=True), name="one_transfer_out_of_a_domain")
        ]

    def __str__(self) -> str:
        return str(self.case_id)
