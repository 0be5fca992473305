"""The rows of the policy table for invoices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import Right

ENTER_INVOICE = Right(
    act="enter_invoice",
    what=_("Enter an invoice that was issued"),
    refusal=_("Only our accounting enters invoices."),
    machines=True,
    process=True,
)
RECORD_PAYMENT = Right(
    act="record_payment",
    what=_("Record what was paid of an invoice, or take such a record back"),
    refusal=_("Only our accounting and supervisors record payments."),
    roles=frozenset({Role.SUPERVISOR}),
    machines=True,
    process=True,
)
ROWS = (ENTER_INVOICE, RECORD_PAYMENT)
