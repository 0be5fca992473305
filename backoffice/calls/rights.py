"""The rows of the policy table for what a call lets people do, beside its work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import WRITERS, Right

TAKE_CALLS = Right(
    act="take_calls",
    what=_("Use the call console, and open what a caller orders"),
    refusal=_("Only a support agent or a supervisor uses the call console."),
    roles=WRITERS,
    besides=_("one call at a time; an order only after the right code, by the agent of the call, and once"),
)
SHOW_CODE = Right(
    act="show_code",
    what=_("Have a code for a caller shown, or say that one is not talking to us"),
    refusal=_("Only the customer sees the code, in the portal."),
    customers=True,
)
ROWS = (TAKE_CALLS, SHOW_CODE)
