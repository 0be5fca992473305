"""The rows of the policy table for claims about payments, beside their work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import READERS, Right

LIST = Right(
    act="list_payment_claims",
    what=_("See the list of claims about payments: number, merchant, amount and dates"),
    refusal=_("Your role does not see claims about payments."),
    roles=READERS,
)
ROWS = (LIST,)
