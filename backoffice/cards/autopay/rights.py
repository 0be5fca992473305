"""The rows of the policy table for recurring payments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import WRITERS, Right

KEEP_MANDATES = Right(
    act="keep_mandates",
    what=_("Add a recurring payment, or say that it is over, somebody else's, or goes on after all"),
    refusal=_("Your role does not change a customer's recurring payments."),
    roles=WRITERS,
    customers=True,
    process=True,
)
KEEP_BILLERS = Right(
    act="keep_billers",
    what=_("Enter a biller, and how it is reached"),
    refusal=_("Your role does not enter billers."),
    roles=frozenset({Role.SUPERVISOR}),
    process=True,
    besides=_("after showing the second factor again; the process itself only those that a card's payments show"),
    grants=frozenset({"cards.add_biller", "cards.change_biller"}),
)
TICK_OFF = Right(
    act="tick_off",
    what=_("Tick off a payment that was moved to a new card"),
    refusal=_("The customer ticks this off, in the portal."),
    customers=True,
    besides=_("only their own"),
)
REPORT_UPDATES = Right(
    act="report_updates",
    what=_("Answer for the card networks who has a new number"),
    refusal=_("Only the account updater reports this."),
    machines=True,
    process=True,
    besides=_("signed by the account updater, or from its file by the command line"),
)
CONFIRM_MOVE = Right(
    act="confirm_move",
    what=_("Confirm that a biller has a new card"),
    refusal=_("Only the biller itself confirms this."),
    machines=True,
    besides=_("signed by that biller, and only its own payments"),
)
ROWS = (KEEP_MANDATES, KEEP_BILLERS, TICK_OFF, REPORT_UPDATES, CONFIRM_MOVE)
