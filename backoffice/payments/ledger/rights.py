"""The rows of the policy table for writing to the ledger. Who sees it stands in the common table (`SEE_LEDGER`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

POST = Right(
    act="post_to_ledger",
    what=_("Post a movement of money to the ledger"),
    refusal=_("Nobody writes to the ledger by hand. A process does it."),
    process=True,
    besides=_("once for each step of a case, and no more than the case has to give"),
)
ROWS = (POST,)
