"""The rows of the policy table for reports of strange contacts, beside their work items."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.staff.models import Role
from backoffice.staff.rights import EVERYBODY, READERS, Right

RECEIVE = Right(
    act="receive_suspicious_contact",
    what=_("Report a strange contact: it is matched, grouped, and what is sensitive is paused"),
    refusal=_("This report cannot be made here."),
    roles=EVERYBODY,
    customers=True,
    process=True,
    besides=_("customers for themselves; what nobody vouches for pauses a customer's cases once in thirty days"),
)
TELL = Right(
    act="tell_what_was_given",
    what=_("Say what was told or given to somebody who pretended to be us"),
    refusal=_("Only the customer or our staff can say that."),
    roles=READERS,
    customers=True,
    besides=_("customers for themselves"),
)
LIFT = Right(
    act="lift_pause_of_strangers",
    what=_("Let one's own cases go on that a report of strangers paused"),
    refusal=_("Only the customer can say that a report in their name was not theirs."),
    customers=True,
    besides=_("at level 2, and nothing that is paused for another reason"),
)
LIST = Right(
    act="list_suspicions",
    what=_("See the list of reported contacts: reference, time, count and state"),
    refusal=_("Your role does not see reported contacts."),
    roles=READERS,
)
READ = Right(
    act="read_suspicion",
    what=_("Take reported contacts and read them, give them back"),
    refusal=_("Your role does not read reported contacts."),
    roles=frozenset({Role.COMPLIANCE, Role.SUPERVISOR}),
    besides=_("only who holds them; noted"),
)
DECIDE = Right(
    act="decide_suspicion",
    what=_("Decide on reported contacts, and publish the warning"),
    refusal=_("Only compliance or a supervisor decides on reported contacts."),
    roles=frozenset({Role.COMPLIANCE, Role.SUPERVISOR}),
    besides=_("only who holds them, and not who reported one of them"),
)
WITHDRAW_WARNING = Right(
    act="withdraw_warning",
    what=_("Withdraw a published warning"),
    refusal=_("Only compliance or a supervisor withdraws a warning."),
    roles=frozenset({Role.COMPLIANCE, Role.SUPERVISOR}),
)
WIPE = Right(
    act="wipe_reports",
    what=_("Delete the texts of reports when their time is over"),
    refusal=_("Only the process deletes the texts of reports."),
    process=True,
)
ROWS = (RECEIVE, TELL, LIFT, LIST, READ, DECIDE, WITHDRAW_WARNING, WIPE)
