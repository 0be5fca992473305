"""Transfer-out, declared: its stages, work items, effects, calls, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    CUSTOMER_PHONE,
    N_,
    Call,
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
    Signal,
    Stage,
    WhenDue,
)
from workflows.domain_transfer_out.facts import (
    Approved,
    Assessed,
    CodeIssued,
    CodeTaken,
    CodeWanted,
    Confirmed,
    Decision,
    LockedMeanwhile,
    Refused,
    RegistryTransfer,
    Released,
)

REGISTRY = "registry"


@dataclass(frozen=True)
class TransferPeriods(Periods):
    """How long every old address can stop it before the code is shown stands in each registry's policy: hours where
    the code is due forthwith. ICANN's Transfer Policy (I.A.5.2) gives us five days in all for generic names: the
    longest time to stop it and the approval fit into them.

    A freeze does not stop a registry's clock. A transfer whose case is still frozen so long before the registry decides
    is refused (`refused_if_still_frozen`)."""

    holder_confirms: timedelta = timedelta(days=7)
    time_to_stop_of_high_value: timedelta = timedelta(days=3)
    approval: timedelta = timedelta(days=1)
    code_taken: timedelta = timedelta(days=14)
    registry_decides: timedelta = timedelta(days=5)
    registry_is_asked_again: timedelta = timedelta(days=1)
    refused_if_still_frozen: timedelta = timedelta(days=1)


PERIODS = TransferPeriods()


class TransferStage(Stage):
    CONFIRMED = "confirmed", N_("Holder confirms"), N_("You confirm it")
    ANNOUNCED = "announced", N_("Announced"), N_("Time to stop it")
    APPROVAL = "approval", N_("Approval"), N_("A second person checks"), True
    UNLOCKED = "unlocked", N_("Unlocked"), N_("We unlock the domain")
    AUTHINFO = "authinfo", N_("Transfer code issued"), N_("You get the transfer code")
    PENDING = "pending", N_("Transfer pending"), N_("Another registrar has asked")
    STAYED = "stayed", N_("Stayed"), N_("The domain stays with us"), True
    GONE = "gone", N_("Gone"), N_("The domain has left us")


class TransferEnding(Ending):
    NOT_CONFIRMED = "not_confirmed", Result.EXPIRED, N_("The holder did not confirm.")
    NOT_ELIGIBLE = "not_eligible", Result.REJECTED, N_("The domain may not be transferred now.")
    NOT_APPROVED = "not_approved", Result.REJECTED, N_("The transfer was not approved.")
    NOT_USED = "not_used", Result.EXPIRED, N_("No other registrar asked for the domain in time.")
    REFUSED_BY_HOLDER = "refused_by_holder", Result.REJECTED, N_("The holder refused the transfer.")
    NOT_TRANSFERRED = "not_transferred", Result.REJECTED, N_("The registry did not carry out the transfer.")
    REFUSED_WHILE_FROZEN = (
        "refused_while_frozen",
        Result.REJECTED,
        N_("The case was still frozen when the registry was about to decide, so we refused the transfer."),
    )


# --- work items -------------------------------------------------------------------------------------------------------

WHY_CAREFUL = Evidence(name="why_careful", title=N_("Why a second person looks at it"))

CONFIRM = ItemKind(
    name="confirm_transfer_out",
    title=N_("The holder confirms that the domain may leave us"),
    customer_title=N_("Confirm that you want to move your domain to another registrar"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Confirmed,
    facts=Nothing,
    due=PERIODS.holder_confirms,
    when_due=WhenDue.EXPIRE,
)
RELEASE = ItemKind(
    name="release_domain",
    title=N_("Approve that the domain may leave us"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    part_words=N_("You approved in this case; another person must do this."),
    sensitive=True,
    outcomes=Released,
    facts=Nothing,
    due=PERIODS.approval,
    evidence=(WHY_CAREFUL, CUSTOMER_PHONE),
)
TAKE_CODE = ItemKind(
    name="take_transfer_code",
    title=N_("The holder looks at the transfer code"),
    customer_title=N_("Get the transfer code of your domain"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=CodeTaken,
    facts=Nothing,
    due=PERIODS.code_taken,
    when_due=WhenDue.EXPIRE,
)
REFUSE = ItemKind(
    name="refuse_transfer",
    title=N_("The holder may refuse the transfer"),
    customer_title=N_("Keep your domain: refuse the transfer"),
    press=N_("Refuse: keep the domain"),
    performer=Performer.CUSTOMER,
    outcomes=Refused,
    facts=Nothing,
    due=PERIODS.registry_decides,
    when_due=WhenDue.EXPIRE,
)
APPROVE = ItemKind(
    name="approve_transfer",
    title=N_("The holder may let the transfer happen at once"),
    customer_title=N_("Let your domain go now: approve the transfer"),
    press=N_("Approve: let it go now"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Approved,
    facts=Nothing,
    due=PERIODS.registry_decides,
    when_due=WhenDue.EXPIRE,
)

# --- what it does, asks of the registry, and waits for ----------------------------------------------------------------

ASSESS = Effect(name="assess_transfer", args=Nothing, answer=Assessed)
LET_GO = Effect(name="let_domain_go", args=Nothing, answer=Nothing)

UNLOCK = Call(name="unlock_domain", system=REGISTRY, args=Nothing, answer=Nothing)
RELOCK = Call(name="relock_domain", system=REGISTRY, args=Nothing, answer=Nothing, undoes=UNLOCK.name)
SET_CODE = Call(name="set_transfer_code", system=REGISTRY, args=Nothing, answer=CodeIssued)
UNSET_CODE = Call(name="unset_transfer_code", system=REGISTRY, args=Nothing, answer=Nothing, undoes=SET_CODE.name)
OPEN_AGAIN = Call(name="open_domain_again", system=REGISTRY, args=Nothing, answer=RegistryTransfer)
ASK_TRANSFER = Call(name="ask_transfer", system=REGISTRY, args=Nothing, answer=RegistryTransfer)
APPROVE_TRANSFER = Call(name="approve_transfer", system=REGISTRY, args=Nothing, answer=RegistryTransfer)
REJECT_TRANSFER = Call(name="reject_transfer", system=REGISTRY, args=Nothing, answer=RegistryTransfer)

REGISTRY_TRANSFER = Signal(name="registry_transfer", facts=RegistryTransfer)
CODE_WANTED = Signal(name="code_wanted", facts=CodeWanted)
LOCKED_MEANWHILE = Signal(name="locked_meanwhile", facts=LockedMeanwhile)
HOLDER_DECIDED = Signal(name="holder_decided", facts=Decision)

# --- notices ----------------------------------------------------------------------------------------------------------

MAIL_AND_SMS = (MessageChannel.MAIL, MessageChannel.SMS)
REQUESTED_NOTICE = Notice(
    name="transfer_out_requested",
    about=N_("It says that somebody asked to move a domain to another registrar."),
    asks=N_("It asks to sign in as always and to confirm it there, or to call us if it is not wanted."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
ANNOUNCED_NOTICE = Notice(
    name="transfer_out_announced",
    about=N_("It says that a domain will soon be unlocked for another registrar, and how to stop that."),
    asks=N_("It asks to do nothing, or to stop it if it is not wanted."),
    channels=MAIL_AND_SMS,
    urgent=True,
    stops=True,
    shows=("until",),
)
CODE_READY_NOTICE = Notice(
    name="transfer_code_ready",
    about=N_("It says that a domain is unlocked, and that its transfer code can be seen on our pages."),
    asks=N_("It asks to sign in as always and to look at the code there; the message does not hold it."),
    channels=MAIL_AND_SMS,
    urgent=True,
    stops=True,
    shows=("until",),
)
PENDING_NOTICE = Notice(
    name="transfer_pending",
    about=N_("It says that another registrar has asked for a domain, and how to keep the domain."),
    asks=N_("It asks to do nothing, or to sign in as always and to refuse the transfer there."),
    channels=MAIL_AND_SMS,
    urgent=True,
    stops=True,
    shows=("until",),
)
GONE_NOTICE = Notice(
    name="domain_gone",
    about=N_("It says that a domain has moved to another registrar."),
    asks=N_("It asks to call us at once if that was not wanted."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
ENDED_NOTICE = Notice(
    name="transfer_out_ended",
    about=N_("It says that a domain stays with us, and how things stand with it."),
    asks=ASKS_NOTHING,
    channels=MAIL_AND_SMS,
    urgent=True,
    shows=("how",),
)

DOMAIN_TRANSFER_OUT = ProcessSpec(
    name="domain_transfer_out",
    title=N_("Transfer-out"),
    customer_title=N_("Your domain moves to another registrar"),
    stages=TransferStage,
    endings=TransferEnding,
    kinds=(CONFIRM, RELEASE, TAKE_CODE, REFUSE, APPROVE),
    notices=(REQUESTED_NOTICE, ANNOUNCED_NOTICE, CODE_READY_NOTICE, PENDING_NOTICE, GONE_NOTICE, ENDED_NOTICE),
    effects=(ASSESS, LET_GO),
    calls=(UNLOCK, RELOCK, SET_CODE, UNSET_CODE, OPEN_AGAIN, ASK_TRANSFER, APPROVE_TRANSFER, REJECT_TRANSFER),
    signals=(REGISTRY_TRANSFER, CODE_WANTED, LOCKED_MEANWHILE, HOLDER_DECIDED),
    periods=PERIODS,
    shows=("domain", "stands"),
    stopping=N_(
        "The domain stays with us. We refuse a transfer that another registrar has asked for, take the transfer code "
        "away, and lock the domain again."
    ),
)
