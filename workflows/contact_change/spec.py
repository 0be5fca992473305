"""Contact change, declared: its stages, work items, effects, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    N_,
    Child,
    Effect,
    Ending,
    Evidence,
    ItemKind,
    MessageChannel,
    Nothing,
    Notice,
    Performer,
    Periods,
    ProcessSpec,
    Result,
    Stage,
    WhenDue,
)
from workflows.contact_change.facts import (
    Applied,
    Approved,
    Assessed,
    ChangeOpening,
    CodeEntered,
    Confirmed,
    Identified,
    NumberLookedAt,
    Visited,
    What,
)


@dataclass(frozen=True)
class ChangePeriods(Periods):
    """`code_by_…` is how long a code is good (NIST SP 800-63A, enrolment codes); `enter_…` is how long we wait for one,
    in which another can be sent. `time_to_stop_it` comes after the announcement (processes, contact change)."""

    confirmation: timedelta = timedelta(days=7)
    code_by_mail: timedelta = timedelta(hours=24)
    code_by_phone: timedelta = timedelta(minutes=10)
    code_by_post: timedelta = timedelta(days=21)
    code_by_post_abroad: timedelta = timedelta(days=30)
    enter_code_from_mail: timedelta = timedelta(days=3)
    enter_code_from_phone: timedelta = timedelta(days=1)
    enter_code_from_post: timedelta = timedelta(days=35)
    enter_code_from_post_abroad: timedelta = timedelta(days=45)
    identified_at_the_branch: timedelta = timedelta(days=14)
    identified_remotely: timedelta = timedelta(days=7)
    time_to_stop_it: timedelta = timedelta(hours=72)
    approval: timedelta = timedelta(days=1)

    def code_lasts(self, what: What, *, abroad: bool) -> timedelta:
        if what is What.POSTAL:
            return self.code_by_post_abroad if abroad else self.code_by_post
        return self.code_by_mail if what is What.MAIL else self.code_by_phone

    def code_awaited(self, what: What, *, abroad: bool) -> timedelta:
        if what is What.POSTAL:
            return self.enter_code_from_post_abroad if abroad else self.enter_code_from_post
        return self.enter_code_from_mail if what is What.MAIL else self.enter_code_from_phone


PERIODS = ChangePeriods()


class ChangeStage(Stage):
    CONFIRMED = "confirmed", N_("Customer confirms"), N_("You confirm it")
    NEW_PROVEN = "new_proven", N_("Code from the new address"), N_("You prove the new address")
    IDENTITY = "identity", N_("Identity check"), N_("You show who you are"), True
    ANNOUNCED = "announced", N_("Time to stop it"), N_("Time to stop it")
    APPROVAL = "approval", N_("Approval"), N_("A second person checks"), True
    APPLIED = "applied", N_("New address in force"), N_("It is changed")


class ChangeEnding(Ending):
    NOT_CONFIRMED = "not_confirmed", Result.EXPIRED, N_("The customer did not confirm the change.")
    NOT_PROVEN = "not_proven", Result.EXPIRED, N_("The code sent to the new address was not entered in time.")
    IDENTITY_NOT_SHOWN = "identity_not_shown", Result.REJECTED, N_("The customer's identity was not shown.")
    NOT_APPROVED = "not_approved", Result.REJECTED, N_("The change was not approved.")
    OVERTAKEN = "overtaken", Result.REJECTED, N_("The old address was replaced in another way meanwhile.")
    COSTS_EXTRA = "costs_extra", Result.REJECTED, N_("It costs extra to ring the new number, so we do not.")


RISK = Evidence(name="risk", title=N_("Why it is risky"))
CHANGE = Evidence(name="change", title=N_("What is to be changed"))

CONFIRM = ItemKind(
    name="confirm_change",
    title=N_("The customer confirms the change"),
    customer_title=N_("Confirm the change"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Confirmed,
    facts=Nothing,
    due=PERIODS.confirmation,
    when_due=WhenDue.EXPIRE,
)
ENTER_CODE = ItemKind(
    name="enter_code",
    title=N_("The customer enters the code from the new address"),
    customer_title=N_("Enter the code that we sent to your new address"),
    performer=Performer.CUSTOMER,
    outcomes=CodeEntered,
    facts=Nothing,
    due=PERIODS.enter_code_from_mail,
    when_due=WhenDue.EXPIRE,
)
IDENTIFY_AT_BRANCH = ItemKind(
    name="identify_at_branch",
    title=N_("Identify the customer at the branch"),
    performer=Performer.ROLE,
    role="support agent",
    part="identifier",
    part_words=N_("You identified the customer in this case; another person must do this."),
    outcomes=Identified,
    facts=Nothing,
    due=PERIODS.identified_at_the_branch,
    evidence=(CHANGE,),
)
IDENTIFY_REMOTELY = ItemKind(
    name="identify_remotely",
    title=N_("Identify the customer by video"),
    performer=Performer.ROLE,
    role="support agent",
    part="identifier",
    part_words=N_("You identified the customer in this case; another person must do this."),
    outcomes=Identified,
    facts=Nothing,
    due=PERIODS.identified_remotely,
    evidence=(CHANGE,),
)
APPROVE = ItemKind(
    name="approve_change",
    title=N_("Approve the change of an address"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    part_words=N_("You approved in this case; another person must do this."),
    sensitive=True,
    outcomes=Approved,
    facts=Nothing,
    due=PERIODS.approval,
    evidence=(RISK, CHANGE),
)

LOOK_AT_NUMBER = Effect(name="look_at_number", args=Nothing, answer=NumberLookedAt)
SEND_CODE = Effect(name="send_code", args=Nothing, answer=Nothing)
ASSESS = Effect(name="assess", args=Nothing, answer=Assessed)
APPLY = Effect(name="apply", args=Nothing, answer=Applied)
"""Puts the new address in force, which is the point of no return."""

HOME_VISIT = Child(process="home_visit", facts=Visited)

MAIL_AND_SMS = (MessageChannel.MAIL, MessageChannel.SMS)
ASKED_NOTICE = Notice(
    name="change_asked",
    about=N_("It says that somebody asked us to change an address or a telephone number."),
    asks=N_("It asks to sign in as always and to confirm there, or to stop it."),
    channels=MAIL_AND_SMS,
    stops=True,
)
CODE_NOTICE = Notice(
    name="code_to_new_address",
    about=N_("It brings the code that shows that a new address or number is its owner's."),
    asks=N_("It asks to sign in as always and to type the code there, and to tell it to nobody."),
    channels=(MessageChannel.MAIL, MessageChannel.SMS, MessageChannel.LETTER),
    shows=("code", "until"),
    proves_address=True,
)
IDENTITY_NOTICE = Notice(
    name="identity_needed",
    about=N_("It says that somebody must see who the customer is before an address is changed."),
    asks=N_("It asks to come to a branch with an identity document, or to wait for our video call."),
    shows=("way",),
)
ANNOUNCED_NOTICE = Notice(
    name="change_announced",
    about=N_("It says that an address or a telephone number will be changed soon, and how to stop that."),
    asks=N_("It asks to do nothing, or to stop the change if it is not wanted."),
    channels=MAIL_AND_SMS,
    stops=True,
    shows=("until",),
)
ANNOUNCED_LETTER = Notice(
    name="change_announced_letter",
    about=N_("It is a letter to the old address that says that an address will be changed soon."),
    asks=N_("It asks to do nothing, or to stop the change if it is not wanted."),
    channels=(MessageChannel.LETTER,),
    stops=True,
)
APPLIED_NOTICE = Notice(
    name="change_applied",
    about=N_("It says that an address or a telephone number was changed."),
    asks=N_("It asks to call us at once if the customer did not change it."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
ENDED_NOTICE = Notice(
    name="change_ended",
    about=N_("It says that an address or a telephone number stays as it was."),
    asks=N_("It asks to call us if the customer did not ask for a change."),
    channels=MAIL_AND_SMS,
    urgent=True,
    shows=("how",),
)

CONTACT_CHANGE = ProcessSpec(
    name="contact_change",
    title=N_("Contact change"),
    customer_title=N_("Your new address or number"),
    stages=ChangeStage,
    endings=ChangeEnding,
    kinds=(CONFIRM, ENTER_CODE, IDENTIFY_AT_BRANCH, IDENTIFY_REMOTELY, APPROVE),
    effects=(LOOK_AT_NUMBER, SEND_CODE, ASSESS, APPLY),
    children=(HOME_VISIT,),
    notices=(
        ASKED_NOTICE,
        CODE_NOTICE,
        IDENTITY_NOTICE,
        ANNOUNCED_NOTICE,
        ANNOUNCED_LETTER,
        APPLIED_NOTICE,
        ENDED_NOTICE,
    ),
    periods=PERIODS,
    opening=ChangeOpening,
    shows=("what", "again", "first", "because"),
    stopping=N_("The address or number that we have of you stays in force, and nothing is changed."),
)
