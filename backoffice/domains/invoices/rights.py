"""The rows of the policy table for invoices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

ENTER_INVOICE = Right(
    act="enter_invoice",
    what=_("Enter an invoice that was issued"),
    refusal=_("Only our accounting enters invoices."),
    machines=True,
    process=True,
)
ROWS = (ENTER_INVOICE,)
