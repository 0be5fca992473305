"""The form of a person who has paid somebody by a transfer, or says why not."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.forms import OutcomeForm
from backoffice.needed_fields import needed
from workflows.base.spec import Outcome

LONGEST_REFERENCE = 40


class TransferForm(OutcomeForm):
    """`transferred` is the outcome that goes with a transfer, and no other one does: `no_transfer` says so."""

    transferred: ClassVar[Outcome]
    no_transfer: ClassVar[str | Promise]
    submit = _("It is done")
    transfer = needed(
        forms.CharField(
            label=_("Reference of the transfer"),
            help_text=_("As our bank shows it. No account number. Needed where you have paid it to their account."),
            required=False,
            max_length=LONGEST_REFERENCE,
        )
    )
    field_order: tuple[str, ...] = ("outcome", "transfer", "reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        outcome, reference = cleaned.get("outcome"), cleaned.get("transfer")
        if outcome == self.transferred and not reference and "transfer" not in self.errors:
            self.add_error("transfer", _t("Write the reference of the transfer that our bank shows."))
        if outcome and outcome != self.transferred and reference:
            self.add_error("transfer", str(self.no_transfer))
        return cleaned
