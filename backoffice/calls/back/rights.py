"""The rows of the policy table for what a call-back lets people do, beside its work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import WRITERS, Right

CALL_BACK = Right(
    act="call_back",
    what=_("Prepare and make a call that was agreed, and take the call of a customer who rings back"),
    refusal=_("Only a support agent or a supervisor calls customers back."),
    roles=WRITERS,
    besides=_("whose work item it is; one call at a time; the sheet before the dialling; in the agreed window"),
)
MOVE_CALL = Right(
    act="move_call",
    what=_("Move a call of ours to another time"),
    refusal=_("Your role does not move calls."),
    roles=WRITERS,
    customers=True,
    besides=_("until it is dialled"),
)
CALL_OFF_CALL = Right(
    act="call_off_call",
    what=_("Call off a call of ours, or say that no call is wanted"),
    refusal=_("Your role does not call off calls."),
    roles=WRITERS,
    customers=True,
    besides=_("until it is dialled"),
)
ASK_FOR_CALL = Right(
    act="ask_for_call",
    what=_("Ask on the public page for a call about a case"),
    refusal=_("This is for the public page."),
    machines=True,
    besides=_("only to the number on file, within the contact budget; nobody learns whether there is a case"),
)
STAFF_HOURS = Right(
    act="staff_hours",
    what=_("Say how many of us call in each quarter of an hour, and see the numbers of each week"),
    refusal=_("Only a supervisor says how many of us call, and sees the numbers."),
    roles=frozenset({Role.SUPERVISOR}),
)
ROWS = (CALL_BACK, MOVE_CALL, CALL_OFF_CALL, ASK_FOR_CALL, STAFF_HOURS)
