"""The rows of the policy table for top-ups, beside who may open one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.payments.cards_on_file import rights as cards_on_file
from backoffice.staff.rights import Right

SHOW_CODE = Right(
    act="show_top_up_code",
    what=_("Have the number for a top-up by telephone shown"),
    refusal=_("Only the customer sees this number, in the portal."),
    customers=True,
    besides=_("only their own"),
)
TELL_CALL = Right(
    act="tell_top_up_call",
    what=_("Tell what the caller of a top-up keyed in, and how far the call is"),
    refusal=_("Only our voice gateway tells how far a call is."),
    machines=True,
    besides=_("signed by the gateway; a late or repeated event changes nothing"),
)
ROWS = (SHOW_CODE, TELL_CALL, *cards_on_file.ROWS)
