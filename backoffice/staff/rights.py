"""The policy table: one row for each act, which says who may do it. Rules, faces, groups and docs/rights.md ask it.

A rule function stands under its row with `@needs(ROW)`, and so refuses everybody else before it looks at anything,
whatever route led to it. A face asks the same row (`why_not`) what to show. Each process adds its own rows: who opens
its cases, who answers each kind of work item, and what else it lets people do (`cases/permissions.py`).

A role is what a group of this name gives to an active member of staff. `is_superuser` is no role. Customers act only on
what is their own; an outside system only through the address that was made for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.actors import Actor, ActorKind
from backoffice.refusals import Forbidden
from backoffice.staff.models import Role

Text = str | Promise
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True, eq=False)
class Right:
    """One row. `act` is its name, `what` says it in words, and `refusal` is the sentence for everybody else.

    `customers` may do it to what is their own, `machines` are outside systems, `process` is the process itself.
    `besides` says what the rule asks in addition. `grants` are Django's permissions that open pages of the admin.
    """

    act: str
    what: Text
    refusal: Text
    roles: frozenset[Role] = frozenset()
    customers: bool = False
    machines: bool = False
    process: bool = False
    besides: Text = ""
    code: str = "not_your_role"
    field: str = ""
    grants: frozenset[str] = frozenset()

    def allows(self, by: Actor) -> bool:
        if by.kind is ActorKind.STAFF:
            return bool(self.roles & by.roles)
        return {
            ActorKind.CUSTOMER: self.customers,
            ActorKind.OUTSIDE: self.machines,
            ActorKind.SYSTEM: self.process,
        }[by.kind]

    def why_not(self, by: Actor) -> str:
        """The sentence that says why this actor may not; empty when they may."""
        return "" if self.allows(by) else str(self.refusal)

    def check(self, by: Actor) -> None:
        """Raises `Forbidden` with the row's code and sentence."""
        if refusal := self.why_not(by):
            raise Forbidden(self.code, refusal, field=self.field)


_rules: dict[str, Right] = {}


def needs(right: Right, *, notes_refusals: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Puts a rule function, which takes `by`, under a row: it raises `Forbidden` for everybody whom the row leaves
    out, before anything else. One that `notes_refusals` checks the row itself."""

    def under(rule: Callable[P, R]) -> Callable[P, R]:
        _rules[f"{rule.__module__}.{rule.__qualname__}"] = right
        if notes_refusals:
            return rule

        @wraps(rule)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            by = kwargs["by"]
            assert isinstance(by, Actor)
            right.check(by)
            return rule(*args, **kwargs)

        return checked

    return under


def rules() -> Mapping[str, Right]:
    """The rule functions of all loaded modules, by their dotted names, with the row that each stands under."""
    return dict(_rules)


EVERYBODY = frozenset(Role)
READERS = frozenset({Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE})
"""Who works with cases at the desk."""
WRITERS = frozenset({Role.SUPPORT, Role.SUPERVISOR})
"""Who talks to customers, and changes cases at their request."""
MENDERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

# --- pages ------------------------------------------------------------------------------------------------------------

USE_DESK = Right(
    act="use_desk",
    what=_("Use the desk"),
    refusal=_("Your role does not work at the desk."),
    roles=READERS | {Role.ADMINISTRATOR},
    grants=frozenset({"staff.use_desk"}),
)
USE_FIELD = Right(
    act="use_field",
    what=_("Use the pages for the field"),
    refusal=_("Your role makes no visits."),
    roles=frozenset({Role.FIELD}),
    besides=_("only their own work"),
    grants=frozenset({"staff.use_field"}),
)
USE_PORTAL = Right(
    act="use_portal",
    what=_("Use the portal"),
    refusal=_("The portal is for customers."),
    customers=True,
)

# --- reading ----------------------------------------------------------------------------------------------------------

LIST = Right(
    act="list",
    what=_("See lists of cases and of what belongs to them: reference, process, state and times"),
    refusal=_("Your role does not see cases."),
    roles=READERS,
    grants=frozenset(
        {"cases.view_case", "cases.view_workitem", "cases.view_event", "trust.view_contact", "outgoing.view_message"}
    ),
)
WORKLIST = Right(
    act="worklist",
    what=_("See the open work items for one's own roles"),
    refusal=_("Work items are for our staff."),
    roles=EVERYBODY,
)
READ = Right(
    act="read",
    what=_("Read a case, or a customer's record"),
    refusal=_("Your role does not read customers' records."),
    roles=READERS,
    besides=_("only for a case in one's own hands, or with a reason; noted, and the customer sees who looked"),
    code="no_reading",
    grants=frozenset(f"customers.view_{one}" for one in ("customer", "contactpoint", "nationalid", "representative")),
)
REVEAL = Right(
    act="reveal",
    what=_("See evidence that is shown on request"),
    refusal=_("Your role does not read customers' records."),
    roles=READERS,
    besides=_("only who may answer the work item, and with a reason"),
    code="no_reading",
)
SEE_TOKEN = Right(
    act="see_issuer_token",
    what=_("See the issuer's token of a card"),
    refusal=_("Your role does not see the issuer's token of a card."),
    roles=frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    grants=frozenset({"staff.see_issuer_token"}),
)
SEE_ACCESSES = Right(
    act="see_accesses",
    what=_("See who opened whose record"),
    refusal=_("Your role does not see who opened a record."),
    roles=frozenset({Role.COMPLIANCE}),
    grants=frozenset({"customers.view_access"}),
)
WATCH_ENGINE = Right(
    act="watch_engine",
    what=_("See what was sent to the engine, and the checkpoints"),
    refusal=_("Your role does not watch the engine."),
    roles=MENDERS | {Role.COMPLIANCE},
    grants=frozenset({"cases.view_command", "cases.view_checkpoint"}),
)
SEE_ACCOUNTS = Right(
    act="see_accounts",
    what=_("See the accounts of staff"),
    refusal=_("Your role does not see accounts."),
    roles=frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR}),
    grants=frozenset({"staff.view_user"}),
)
SEE_PROFILES = Right(
    act="see_profiles",
    what=_("See the profiles of staff"),
    refusal=_("Your role does not see profiles."),
    roles=MENDERS | {Role.COMPLIANCE},
    grants=frozenset({"staff.view_staffprofile"}),
)

# --- cases ------------------------------------------------------------------------------------------------------------

OPEN = Right(
    act="open",
    what=_("Open a case"),
    refusal=_("Your role does not open such a case."),
    roles=EVERYBODY,
    customers=True,
    machines=True,
    process=True,
    besides=_("whom the process names below"),
    code="may_not_open",
    field="process",
)
ANSWER = Right(
    act="answer",
    what=_("Answer a work item, or keep a draft of the answer"),
    refusal=_("Work items are for people."),
    roles=EVERYBODY,
    customers=True,
    besides=_("whom the process names below; nobody takes two parts in a case"),
)
CLAIM = Right(
    act="claim",
    what=_("Claim a work item, give it back, hand it over"),
    refusal=_("Only our staff claims work items."),
    roles=EVERYBODY,
    besides=_("who may answer it; supervisors give back and hand over for others"),
)
REMIND = Right(
    act="remind",
    what=_("Remind the customer of a work item"),
    refusal=_("Your role does not write to customers."),
    roles=WRITERS,
    besides=_("an hour after the last message at the earliest"),
)
FREEZE = Right(
    act="freeze",
    what=_("Freeze a case, and those with it"),
    refusal=_("Your role does not freeze cases."),
    roles=READERS,
    process=True,
)
UNFREEZE = Right(
    act="unfreeze",
    what=_("Unfreeze a case"),
    refusal=_("Only a supervisor can unfreeze a case."),
    roles=frozenset({Role.SUPERVISOR}),
    besides=_("not who froze it"),
)
WITHDRAW = Right(
    act="withdraw",
    what=_("Stop a case"),
    refusal=_("Your role does not stop cases."),
    roles=WRITERS,
    customers=True,
    process=True,
    besides=_("until the point of no return; a frozen case only a supervisor"),
)
STOP_BY_NOTICE = Right(
    act="stop_by_notice",
    what=_("Stop a case by the message that announces it"),
    refusal=_("This is done on our page for stopping, by the person who got the message."),
    machines=True,
    besides=_("anybody with the code of the message and the last digits of a telephone number; nobody signs in"),
)
RETRY = Right(
    act="retry",
    what=_("Try again what failed in a case"),
    refusal=_("Only a supervisor or an administrator can try this again."),
    roles=MENDERS,
)
LOOK_INTO = Right(
    act="look_into",
    what=_("Look into an incident, and end it"),
    refusal=_("Only a supervisor or an administrator can look into this."),
    roles=MENDERS,
)
INVITE_AGAIN = Right(
    act="invite_again",
    what=_("Ask for another invitation as a party to a case"),
    refusal=_("A new invitation is asked for on our page for invitations."),
    machines=True,
    besides=_("anybody, on the page for invitations; the code goes only to the address that was invited"),
)
JOIN = Right(
    act="join",
    what=_("Take part in somebody else's case, with the code of an invitation"),
    refusal=_("Only customers take part in other customers' cases."),
    customers=True,
    besides=_("who was named, with the code; never who opened the case"),
)
HAND_OVER = Right(
    act="hand_over",
    what=_("Make the code that invites the other party, or have its letter sent again"),
    refusal=_("Only the customer whose case it is makes this code."),
    customers=True,
    besides=_("in their own case, while the other party has not joined; the code after showing who they are for it"),
)
WRITE = Right(
    act="write",
    what=_("Write to the customer what another act has done"),
    refusal=_("Nobody writes to this customer."),
    roles=EVERYBODY,
    customers=True,
    machines=True,
    process=True,
    besides=_("only as a part of that act"),
)

# --- customers --------------------------------------------------------------------------------------------------------

REGISTER = Right(
    act="register",
    what=_("Enter a new customer"),
    refusal=_("Your role does not enter customers."),
    roles=frozenset({Role.SUPERVISOR}),
    process=True,
    grants=frozenset({"customers.add_customer"}),
)
SUPERSEDE = Right(
    act="supersede",
    what=_("Put a new address of a customer in force, or note that one was proven"),
    refusal=_("Nobody changes how we reach a customer by hand. Open a contact change for it."),
    process=True,
    besides=_("a contact change alone, after all its proofs and the time to stop it"),
)
CHECK_PARTS = Right(
    act="check_parts",
    what=_("Put right the parts of a postal address that were split by a guess"),
    refusal=_("Your role does not check the parts of addresses."),
    roles=frozenset({Role.SUPERVISOR}),
    besides=_("the same words only, after showing the second factor again"),
    grants=frozenset({"customers.check_parts"}),
)
REPRESENT = Right(
    act="enter_representative",
    what=_("Enter who acts for an organisation, or note that they no longer do"),
    refusal=_("Your role does not enter who acts for an organisation."),
    roles=frozenset({Role.SUPERVISOR}),
    process=True,
    besides=_("from an extract of its register, after showing the second factor again"),
    grants=frozenset({"customers.add_representative"}),
)
MARK_SIM = Right(
    act="mark_sim_swapped",
    what=_("Note that a number's SIM was swapped"),
    refusal=_("Your role does not note changes of a number."),
    roles=WRITERS,
    customers=True,
    machines=True,
    process=True,
    grants=frozenset({"customers.mark_sim_swapped"}),
)
RENEW_PHRASE = Right(
    act="renew_phrase",
    what=_("Give a customer another phrase"),
    refusal=_("Only the customer or our staff can renew the phrase."),
    roles=WRITERS,
    customers=True,
    process=True,
)
RECOGNISE = Right(
    act="recognise",
    what=_("Look into the contact register: is this ours?"),
    refusal=_("Your role does not look into the contact register."),
    roles=READERS,
)
REPORT = Right(
    act="report_suspicious",
    what=_("Note a contact in our name that is not ours"),
    refusal=_("Your role does not note such reports."),
    roles=READERS,
)
TELL_ADDED = Right(
    act="tell_added",
    what=_("Add a way to sign in to one's own account"),
    refusal=_("Only the owner of an account adds a way to sign in."),
    roles=EVERYBODY,
    customers=True,
)

# --- staff ------------------------------------------------------------------------------------------------------------

CHANGE_ACCOUNTS = Right(
    act="change_accounts",
    what=_("Make and change accounts of staff, and give roles"),
    refusal=_("Only an administrator can give roles."),
    roles=frozenset({Role.ADMINISTRATOR}),
    besides=_("nobody their own roles"),
    code="not_administrator",
    grants=frozenset({"staff.add_user", "staff.change_user", "staff.add_staffprofile", "staff.change_staffprofile"})
    | {"admin.view_logentry"},
)

COMMON = (
    *(USE_DESK, USE_FIELD, USE_PORTAL, LIST, WORKLIST, READ, REVEAL, SEE_TOKEN, SEE_ACCESSES, WATCH_ENGINE),
    *(SEE_ACCOUNTS, SEE_PROFILES, OPEN, ANSWER, CLAIM, REMIND, FREEZE, UNFREEZE, WITHDRAW, STOP_BY_NOTICE, RETRY),
    *(LOOK_INTO, INVITE_AGAIN, JOIN, HAND_OVER, WRITE, REGISTER, SUPERSEDE, CHECK_PARTS, REPRESENT, MARK_SIM),
    *(RENEW_PHRASE, RECOGNISE, REPORT, TELL_ADDED, CHANGE_ACCOUNTS),
)
"""The rows that hold for every process."""
