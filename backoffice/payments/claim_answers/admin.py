"""What merchants answered to claims, in the admin, to look at. What a merchant says stands on the page of its case and
of the claim, where it is read with a need to know; here is only whether it answered, and what it was told."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.cases.admin import ByReference, case_link
from backoffice.payments.claim_answers.models import ClaimAnswer
from backoffice.payments.claim_answers.words import TOLD


@admin.register(ClaimAnswer)
class ClaimAnswerAdmin(ByReference[ClaimAnswer]):
    list_display = ["reference_shown", "evidence_by", "answered_at", "told_at"]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the merchant's case")
    ordering = ["-evidence_by", "case_id"]
    fields = ["case_reference", "claim_case", "evidence_by", "answered_at", "told", "told_at", "taken_at"]
    readonly_fields = ["case_reference", "claim_case", "told"]

    @admin.display(description=_("case"), ordering="case__reference")
    def reference_shown(self, answer: ClaimAnswer) -> str:
        return answer.case.reference

    @admin.display(description=_("claim"))
    def claim_case(self, answer: ClaimAnswer) -> SafeString:
        return case_link(answer.claim.case)

    @admin.display(description=_("how it was decided"))
    def told(self, answer: ClaimAnswer) -> str:
        return str(TOLD[answer.how]) if answer.how else "—"
