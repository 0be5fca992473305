"""The rows of the policy table for telephone calls. They hold for every process: `apps.py` names them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import MENDERS, WRITERS, Right

SEE_GATEWAY = Right(
    act="see_voice_gateway",
    what=_("See how the voice gateway does: how many calls go on, and what it refused"),
    refusal=_("Only a supervisor or an administrator sees how the voice gateway does."),
    roles=MENDERS,
    besides=_("numbers only, nothing of any call"),
)
MAKE_CALLS = Right(
    act="make_telephone_call",
    what=_("Announce a telephone call to a customer, open its sheet and dial"),
    refusal=_("Only a support agent or a supervisor calls customers."),
    roles=WRITERS,
    process=True,
    besides=_("one call at a time and in one's own name; a number on file that may be used; the budget of calls"),
)
SAY_STATE = Right(
    act="say_call_state",
    what=_("Say how far a telephone call is"),
    refusal=_("Your role does not say how far a telephone call is."),
    roles=WRITERS,
    customers=True,
    machines=True,
    process=True,
    besides=_("one's own call; a supervisor ends others' calls; the customer says only that we have proven ourselves"),
)
WRAP_UP = Right(
    act="wrap_up_call",
    what=_("Write down what came of a telephone call"),
    refusal=_("Only a support agent or a supervisor writes down what came of a call."),
    roles=WRITERS,
    besides=_("one's own call once it is over, or a supervisor"),
)
TAKE_IN = Right(
    act="take_in_call",
    what=_("Note a call that comes in, and see whose number it shows"),
    refusal=_("Only a support agent or a supervisor takes calls."),
    roles=WRITERS,
    besides=_("one call at a time; the number that a display shows proves nothing"),
)
PROVE_COMPANY = Right(
    act="prove_company_on_the_line",
    what=_("Have the digits made by which we prove who we are in a telephone call"),
    refusal=_("Only a support agent or a supervisor proves who we are in a call."),
    roles=WRITERS,
    besides=_("one's own call"),
)
COMPARE_HALF = Right(
    act="compare_half_on_the_line",
    what=_("Compare the digits that an agent says in a telephone call"),
    refusal=_("Only the customer compares them, in the portal."),
    customers=True,
    besides=_("three tries"),
)
SHOW_CALL_CODE = Right(
    act="show_call_code",
    what=_("Have the code shown that one reads out in a telephone call"),
    refusal=_("Only the customer sees the code, in the portal."),
    customers=True,
    besides=_("once we have proven who we are"),
)
TYPE_CALL_CODE = Right(
    act="type_call_code",
    what=_("Type the code that a customer reads out in a telephone call"),
    refusal=_("Only a support agent or a supervisor types a customer's code."),
    roles=WRITERS,
    besides=_("one's own call; three tries"),
)
REPORT_CALL = Right(
    act="report_call",
    what=_("Report how far a telephone call is at its provider"),
    refusal=_("Only the provider of our telephone calls reports this."),
    machines=True,
    process=True,
    besides=_("signed by the provider; a late or repeated report never takes a call back"),
)
ROWS = (
    *(PROVE_COMPANY, COMPARE_HALF, SHOW_CALL_CODE, TYPE_CALL_CODE),
    *(MAKE_CALLS, SAY_STATE, WRAP_UP, TAKE_IN, REPORT_CALL, SEE_GATEWAY),
)
ENDS_OTHERS = frozenset({Role.SUPERVISOR})
"""Who ends and wraps up calls of others, such as of an agent who fell ill."""
