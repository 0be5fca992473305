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
SIGNAL_NUMBER = Right(
    act="signal_number",
    what=_("Report that a number's SIM was swapped or the number ported, which pauses what is open"),
    refusal=_("Only the telephone companies' signed signals report this. Mark the number on the customer's page."),
    machines=True,
    besides=_("each signal once; the customer is told on every other channel"),
)
ROWS = (SEND_AGAIN, SIGNAL_NUMBER)
