"""The rows of the policy table for merchants, beside the work items of their admission."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import Right

SUSPEND = Right(
    act="suspend_merchant",
    what=_("Suspend a merchant at once"),
    refusal=_("Your role does not suspend merchants. Tell a supervisor at once."),
    roles=frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    process=True,
    besides=_("by risk without a person, or with a reason"),
)
REINSTATE = Right(
    act="reinstate_merchant",
    what=_("Decide on a suspended merchant"),
    refusal=_("Your role does not decide on suspended merchants."),
    roles=frozenset({Role.SUPERVISOR}),
    besides=_("never who suspended it"),
)
ROWS = (SUSPEND, REINSTATE)
