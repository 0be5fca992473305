"""A change of a domain's safeguards, declared: its stages, work items, effects, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
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
from workflows.domain_safeguard.facts import Applied, Approved, Confirmed, SafeguardOpening


@dataclass(frozen=True)
class SafeguardPeriods(Periods):
    """The time to stop it is longer than any change of a domain waits: who gets into an account cannot loosen a
    safeguard and use that before the holder is back from a week's holiday."""

    holder_confirms: timedelta = timedelta(days=7)
    approval: timedelta = timedelta(days=3)
    time_to_stop_it: timedelta = timedelta(days=7)


PERIODS = SafeguardPeriods()


class SafeguardStage(Stage):
    CONFIRMED = "confirmed", N_("Holder confirms"), N_("You confirm it"), True
    APPROVAL = "approval", N_("Approval"), "", True
    ANNOUNCED = "announced", N_("Announced"), N_("Time to stop it"), True
    IN_FORCE = "in_force", N_("In force"), N_("In force")


class SafeguardEnding(Ending):
    NOT_CONFIRMED = "not_confirmed", Result.EXPIRED, N_("The holder did not confirm.")
    NOT_APPROVED = "not_approved", Result.REJECTED, N_("The second person did not approve.")
    OVERTAKEN = (
        "overtaken",
        Result.REJECTED,
        N_("The domain has another holder now, cannot be changed, or is so already."),
    )


WHAT_IS_LOOSENED = Evidence(name="what_is_loosened", title=N_("What is asked for, and why"))

CONFIRM = ItemKind(
    name="confirm_safeguard",
    title=N_("The holder confirms that the domain is protected less"),
    customer_title=N_("Confirm that your domain is protected less"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Confirmed,
    facts=Nothing,
    due=PERIODS.holder_confirms,
    when_due=WhenDue.EXPIRE,
)
APPROVE = ItemKind(
    name="approve_safeguard",
    title=N_("Approve that a domain loses its value mark"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    part_words=N_("You approved in this case; another person must do this."),
    sensitive=True,
    outcomes=Approved,
    facts=Nothing,
    due=PERIODS.approval,
    evidence=(WHAT_IS_LOOSENED,),
)

APPLY = Effect(name="apply_safeguard", args=Nothing, answer=Applied)

MAIL_AND_SMS = (MessageChannel.MAIL, MessageChannel.SMS)
ASKED_NOTICE = Notice(
    name="safeguard_asked",
    about=N_("It says that somebody asked to protect a domain less."),
    asks=N_("It asks to sign in as always and to confirm it there, or to call us if it is not wanted."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
ANNOUNCED_NOTICE = Notice(
    name="safeguard_announced",
    about=N_("It says that a domain will soon be protected less, and how to stop that."),
    asks=N_("It asks to do nothing, or to stop it if it is not wanted."),
    channels=MAIL_AND_SMS,
    urgent=True,
    stops=True,
    shows=("until",),
)
CHANGED_NOTICE = Notice(
    name="safeguard_changed",
    about=N_("It says that a domain is protected in another way now."),
    asks=N_("It asks to do nothing, or to call us if it is not wanted."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
ENDED_NOTICE = Notice(
    name="safeguard_ended",
    about=N_("It says that the protection of a domain stays as it is."),
    asks=ASKS_NOTHING,
    channels=MAIL_AND_SMS,
    urgent=True,
)

DOMAIN_SAFEGUARD = ProcessSpec(
    name="domain_safeguard",
    title=N_("Protection of a domain"),
    customer_title=N_("How your domain is protected"),
    stages=SafeguardStage,
    endings=SafeguardEnding,
    kinds=(CONFIRM, APPROVE),
    notices=(ASKED_NOTICE, ANNOUNCED_NOTICE, CHANGED_NOTICE, ENDED_NOTICE),
    effects=(APPLY,),
    periods=PERIODS,
    opening=SafeguardOpening,
    shows=("domain", "change"),
    stopping=N_("Nothing is changed: the domain stays protected as it is."),
)
