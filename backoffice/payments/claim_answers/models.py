"""What merchants answer to claims about payments to them. All times are UTC."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.payments.claims.models import PaymentClaim
from backoffice.sealed import SealedTextField


class ClaimAnswer(models.Model):
    """One case of a merchant beside one claim. `text` is what the merchant says, its documents lie with the case.
    `how` is what it was told of the decision (`facts.How`), empty until then."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="claim_answer")
    claim = models.OneToOneField(PaymentClaim, models.PROTECT, related_name="answer_of_merchant")
    evidence_by = models.DateTimeField(_("evidence by"))
    text = SealedTextField(_("what the merchant says"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    how = models.CharField(_("told how it was decided"), max_length=12, blank=True)
    told_at = models.DateTimeField(_("told of the decision"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken from the merchant"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer of a merchant to a claim")
        verbose_name_plural = _("answers of merchants to claims")

    def __str__(self) -> str:
        return self.case.reference
