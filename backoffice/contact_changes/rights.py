"""The rows of the policy table for contact changes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import Right

SEND_AGAIN = Right(
    act="send_code_again",
    what=_("Have the code for a new address sent again"),
    refusal=_("Only the customer can ask for another code, in the portal."),
    customers=True,
    besides=_("only while the case waits for it, and only so often"),
)
ROWS = (SEND_AGAIN,)
