"""The rows of the policy table for the ledger. They hold for every process."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import Right

POST = Right(
    act="post_to_ledger",
    what=_("Post a movement of money to the ledger"),
    refusal=_("Nobody writes to the ledger by hand. A process does it."),
    process=True,
    besides=_("once for each step of a case, and no more than the case has to give"),
)
NOTE_FEES = Right(
    act="note_fees",
    what=_("Post what the payment provider keeps of top-ups and of bills"),
    refusal=_("This happens by itself."),
    process=True,
    besides=_("once for each payment"),
)
SEE_LEDGER = Right(
    act="see_ledger",
    what=_("See the ledger: accounts, postings and balances"),
    refusal=_("Your role does not see the ledger."),
    roles=frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    besides=_("what belongs to a customer only for a case in one's own hands, or with a reason"),
    grants=frozenset(f"payments.view_{one}" for one in ("account", "posting", "entry")),
)
ROWS = (POST, NOTE_FEES, SEE_LEDGER)
