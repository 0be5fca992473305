"""The rows of the policy table for what a visit lets people do, beside its work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.rights import EVERYBODY, WRITERS, Right

MOVE = Right(
    act="move",
    what=_("Move a visit to another time"),
    refusal=_("Your role does not move visits."),
    roles=WRITERS,
    customers=True,
    besides=_("until a day before"),
)
CANCEL = Right(
    act="cancel",
    what=_("Cancel a visit for another way to be identified"),
    refusal=_("Your role does not cancel visits."),
    roles=WRITERS,
    customers=True,
    besides=_("until the visitor is at the door"),
)
CALL_OFF = Right(
    act="call_off",
    what=_("Say that nobody is expected, and call the visitor off"),
    refusal=_("Your role does not call off visits."),
    roles=WRITERS,
    customers=True,
)
COMPARE = Right(
    act="compare",
    what=_("Compare the visitor's half for a customer who calls"),
    refusal=_("Only a support agent or a supervisor can compare for a customer who calls."),
    roles=WRITERS,
)
FEEL_UNSAFE = Right(
    act="feel_unsafe",
    what=_("End a visit at once, because it is not safe"),
    refusal=_("Only the visitor can end a visit at the door."),
    roles=EVERYBODY,
    besides=_("the visitor of this visit"),
)
ROWS = (MOVE, CANCEL, CALL_OFF, COMPARE, FEEL_UNSAFE)
