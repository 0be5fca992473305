"""Domain cession, declared: its stages, work items, effects, calls, notices, parties, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    Call,
    Effect,
    Ending,
    Evidence,
    ItemKind,
    MessageChannel,
    Nothing,
    Notice,
    PartyRole,
    Performer,
    Periods,
    ProcessSpec,
    Result,
    Stage,
    WhenDue,
)
from workflows.domain_cession.facts import (
    Agreed,
    Approved,
    CalledBack,
    Cautions,
    CessionOpening,
    Check,
    Checked,
    Handle,
    Received,
    Requested,
    Uploaded,
)


@dataclass(frozen=True)
class CessionPeriods(Periods):
    """How long is waited. The time to stop it and the lock afterwards are those of the registry's policy."""

    holder_confirms_the_request: timedelta = timedelta(days=7)
    both_confirm: timedelta = timedelta(days=7)
    both_confirm_by_letter: timedelta = timedelta(days=28)
    """The 21 days for which the code in the letter is good (NIST SP 800-63A), and the seven that everybody has."""
    both_confirm_by_letter_abroad: timedelta = timedelta(days=37)
    form_is_signed: timedelta = timedelta(days=14)
    letter_comes: timedelta = timedelta(days=30)
    form_is_checked: timedelta = timedelta(days=2)
    call_back: timedelta = timedelta(days=3)
    approval: timedelta = timedelta(days=1)


PERIODS = CessionPeriods()


class CessionStage(Stage):
    REQUESTED = "requested", N_("Requested"), N_("You confirm that you want it")
    LOCKED = "locked", N_("Edits locked"), N_("Nobody else can change the domain")
    AGREED = "agreed", N_("Both agree"), N_("You both agree")
    CHECKED = "checked", N_("Form checked"), N_("We check the form"), True
    APPROVAL = "approval", N_("Approval"), N_("We look at it once more"), True
    COOLING = "cooling", N_("Time to stop it"), N_("Time to stop it")
    EXECUTED = "executed", N_("Executed at the registry"), N_("The registry writes the new holder")
    POST_LOCK = "post_lock", N_("Locked after the change"), N_("It cannot go to another provider for some time"), True


class CessionEnding(Ending):
    NOT_CONFIRMED = "not_confirmed", Result.EXPIRED, N_("The holder did not confirm that they want it.")
    SILENT = "silent", Result.EXPIRED, N_("One of the two did not answer.")
    NOT_AGREED = "not_agreed", Result.REJECTED, N_("One of the two did not agree.")
    NO_FORM = "no_form", Result.EXPIRED, N_("The signed form did not come in time.")
    FORM_DOES_NOT_FIT = "form_does_not_fit", Result.REJECTED, N_("The signed form is not as it must be.")
    DENIED = "denied", Result.REJECTED, N_("The holder, called back, knows nothing of it.")
    NOT_REACHED = "not_reached", Result.REJECTED, N_("The holder was not reached on an old number.")
    NOT_APPROVED = "not_approved", Result.REJECTED, N_("The change of holder was not approved.")


NEW_HOLDER = PartyRole(name="new_holder", title=N_("the new holder"))

PARTIES = Evidence(name="parties", title=N_("Who gives the domain to whom"))
PROOFS = Evidence(name="proofs", title=N_("What was proven so far, and what asks for care"))
FORM = Evidence(name="form", title=N_("The signed form"))
OLD_PHONE = Evidence(name="old_phone", title=N_("A number that is older than thirty days"), on_request=True)

REQUEST = ItemKind(
    name="request",
    title=N_("The holder confirms that they want it"),
    customer_title=N_("Confirm that you give your domain away"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Requested,
    facts=Nothing,
    due=PERIODS.holder_confirms_the_request,
    when_due=WhenDue.EXPIRE,
)
CONFIRM_OLD = ItemKind(
    name="confirm_old",
    title=N_("The holder confirms the cession"),
    customer_title=N_("Sign that you give your domain away"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Agreed,
    facts=Nothing,
    due=PERIODS.both_confirm,
    when_due=WhenDue.EXPIRE,
)
CONFIRM_NEW = ItemKind(
    name="confirm_new",
    title=N_("The new holder confirms the cession"),
    customer_title=N_("Take over a domain"),
    performer=Performer.PARTY,
    party=NEW_HOLDER.name,
    level=2,
    outcomes=Agreed,
    facts=Nothing,
    due=PERIODS.both_confirm,
    when_due=WhenDue.EXPIRE,
)
UPLOAD = ItemKind(
    name="upload_form",
    title=N_("The form, signed electronically by both"),
    customer_title=N_("Send the form that you both signed"),
    performer=Performer.CUSTOMER,
    level=1,
    outcomes=Uploaded,
    facts=Nothing,
    due=PERIODS.form_is_signed,
    when_due=WhenDue.EXPIRE,
)
RECEIVE_FORM = ItemKind(
    name="receive_form",
    title=N_("Scan the signed form when its letter comes"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Received,
    facts=Nothing,
    due=PERIODS.letter_comes,
    when_due=WhenDue.EXPIRE,
)
CHECK_FORM = ItemKind(
    name="check_form",
    title=N_("Check the signed form"),
    performer=Performer.ROLE,
    role="support agent",
    part="checker",
    part_words=N_("You checked the form; another person must do this."),
    evidence=(PARTIES, FORM),
    outcomes=Checked,
    facts=Check,
    due=PERIODS.form_is_checked,
)
CHECK_AGAIN = ItemKind(
    name="check_again",
    title=N_("Check the signed form, as the second person"),
    performer=Performer.ROLE,
    role="approver",
    part="second_checker",
    part_words=N_("You checked the form; another person must do this."),
    sensitive=True,
    evidence=(PARTIES, FORM),
    outcomes=Checked,
    facts=Check,
    due=PERIODS.form_is_checked,
)
CALL_BACK = ItemKind(
    name="call_back",
    title=N_("Call the holder back on an old number"),
    performer=Performer.ROLE,
    role="supervisor",
    part="caller",
    part_words=N_("You called the holder back; another person must do this."),
    evidence=(PARTIES, OLD_PHONE),
    outcomes=CalledBack,
    facts=Nothing,
    due=PERIODS.call_back,
)
APPROVE = ItemKind(
    name="approve_cession",
    title=N_("Approve the change of holder"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    part_words=N_("You approved it; another person must do this."),
    sensitive=True,
    evidence=(PARTIES, PROOFS),
    outcomes=Approved,
    facts=Nothing,
    due=PERIODS.approval,
)

LOCK_EDITS = Effect(name="lock_edits", args=Nothing, answer=Nothing)
UNLOCK_EDITS = Effect(name="unlock_edits", args=Nothing, answer=Nothing, undoes=LOCK_EDITS.name)
MAKE_FORM = Effect(name="make_form", args=Nothing, answer=Nothing)
WEIGH = Effect(name="weigh_cession", args=Nothing, answer=Cautions)

REGISTRY = "registry"
LOCK_AT_REGISTRY = Call(name="lock_domain", system=REGISTRY, args=Nothing, answer=Nothing)
UNLOCK_AT_REGISTRY = Call(
    name="unlock_domain", system=REGISTRY, args=Nothing, answer=Nothing, undoes=LOCK_AT_REGISTRY.name
)
MAKE_CONTACT = Call(name="make_contact", system=REGISTRY, args=Nothing, answer=Handle)
CHANGE_HOLDER = Call(name="change_holder", system=REGISTRY, args=Handle, answer=Nothing)
RELEASE_TRANSFERS = Call(name="release_transfers", system=REGISTRY, args=Nothing, answer=Nothing)

_BOTH = (MessageChannel.MAIL, MessageChannel.SMS)
REQUESTED_NOTICE = Notice(
    name="cession_requested",
    about=N_("It says that somebody asked us to give a domain to a new holder."),
    asks=N_("It asks to sign in as always and to confirm it there, or to stop it."),
    channels=_BOTH,
    urgent=True,
    stops=True,
)
ASKED_NOTICE = Notice(
    name="cession_asked",
    about=N_("It says that both sides of a change of holder have to confirm it."),
)
FORM_NOTICE = Notice(
    name="cession_form",
    about=N_("It says that the form for a change of holder is ready to be signed."),
    asks=N_("It asks to sign in as always, to download the form, and to send it back signed by both."),
)
PAPER_NOTICE = Notice(
    name="cession_on_paper",
    about=N_("It says how a change of holder is signed on paper."),
    asks=N_("It asks to print the form from the case's page, and to post it to us signed by both."),
)
COOLING_NOTICE = Notice(
    name="cession_announced",
    about=N_("It says that a domain will get a new holder soon, and how to stop that."),
    asks=N_("It asks to do nothing, or to type its code on our page if the change is not wanted."),
    channels=_BOTH,
    urgent=True,
    stops=True,
    shows=("until",),
)
NEW_COOLING_NOTICE = Notice(
    name="cession_announced_to_new_holder",
    about=N_("It says when a domain goes to the reader, and until when that can be stopped."),
    asks=ASKS_NOTHING,
    to=NEW_HOLDER.name,
    shows=("until",),
)
DONE_NOTICE = Notice(
    name="cession_done",
    about=N_("It says that a domain has a new holder."),
    asks=N_("It asks to call us at once if the reader did not want that."),
    channels=_BOTH,
    urgent=True,
)
NEW_DONE_NOTICE = Notice(
    name="cession_done_for_new_holder",
    about=N_("It says that the reader is the holder of a domain now."),
    asks=ASKS_NOTHING,
    to=NEW_HOLDER.name,
)
NEW_ENDED_NOTICE = Notice(
    name="cession_ended_for_new_holder",
    about=N_("It says that a domain does not go to the reader."),
    asks=ASKS_NOTHING,
    to=NEW_HOLDER.name,
)

DOMAIN_CESSION = ProcessSpec(
    name="domain_cession",
    title=N_("Change of a domain's holder"),
    customer_title=N_("Your domain for a new holder"),
    stages=CessionStage,
    endings=CessionEnding,
    kinds=(REQUEST, CONFIRM_OLD, CONFIRM_NEW, UPLOAD, RECEIVE_FORM, CHECK_FORM, CHECK_AGAIN, CALL_BACK, APPROVE),
    parties=(NEW_HOLDER,),
    effects=(LOCK_EDITS, UNLOCK_EDITS, MAKE_FORM, WEIGH),
    calls=(LOCK_AT_REGISTRY, UNLOCK_AT_REGISTRY, MAKE_CONTACT, CHANGE_HOLDER, RELEASE_TRANSFERS),
    notices=(
        REQUESTED_NOTICE,
        ASKED_NOTICE,
        FORM_NOTICE,
        PAPER_NOTICE,
        COOLING_NOTICE,
        NEW_COOLING_NOTICE,
        DONE_NOTICE,
        NEW_DONE_NOTICE,
        NEW_ENDED_NOTICE,
    ),
    periods=PERIODS,
    opening=CessionOpening,
    stopping=N_("The domain stays yours, and everything is as before."),
    shows=("domain",),
)
