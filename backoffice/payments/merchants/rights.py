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
PROPOSE_TERMS = Right(
    act="propose_payout_terms",
    what=_("Propose to which account a merchant is paid, when, and for which fee"),
    refusal=_("Your role does not propose how merchants are paid."),
    roles=frozenset({Role.SUPPORT, Role.SUPERVISOR}),
    besides=_("nothing changes before another person has decided"),
)
DECIDE_TERMS = Right(
    act="decide_payout_terms",
    what=_("Decide to which account a merchant is paid, when, and for which fee"),
    refusal=_("Your role does not decide how merchants are paid."),
    roles=frozenset({Role.APPROVER, Role.SUPERVISOR}),
    besides=_("never who proposed it"),
)
ROWS = (SUSPEND, REINSTATE, PROPOSE_TERMS, DECIDE_TERMS)
