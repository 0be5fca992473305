"""The rows of the policy table for payouts to merchants."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import Right

FREE = Right(
    act="free_payouts",
    what=_("Let a held payout go on once what held it is gone"),
    refusal=_("This happens by itself."),
    process=True,
)
CATCH_UP = Right(
    act="catch_up_payouts",
    what=_("Pay merchants for delivered payments that ended before merchants were paid out"),
    refusal=_("This happens by itself."),
    process=True,
)
SEE_PAYOUTS = Right(
    act="see_payouts",
    what=_("See what was paid out to merchants, and what is held"),
    refusal=_("Your role does not see payouts."),
    roles=frozenset({Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE}),
    besides=_("one's own, for the agents of a merchant"),
)
ROWS = (FREE, CATCH_UP, SEE_PAYOUTS)
