"""Handover of a locker, declared: its stages, work items, effects, calls, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.sample.facts import Agreed, Agreement, Checked, HandedOver, HandoverOpening, Locker, Visited
from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    Call,
    Child,
    Effect,
    Ending,
    Evidence,
    ItemKind,
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


@dataclass(frozen=True)
class HandoverPeriods(Periods):
    both_agree: timedelta = timedelta(days=7)
    approval: timedelta = timedelta(days=1)
    time_to_stop_it: timedelta = timedelta(days=5)


PERIODS = HandoverPeriods()


class HandoverStage(Stage):
    HELD = "held", N_("Locker held"), N_("Nobody else can get it")
    AGREED = "agreed", N_("Both agree"), N_("You both agree")
    VISIT = "visit", N_("Identity visit"), N_("We visit you"), True
    CHECKED = "checked", N_("Checked"), N_("We check it")
    ANNOUNCED = "announced", N_("Announced"), N_("Time to stop it")
    HANDED_OVER = "handed_over", N_("Handed over"), N_("Handed over")


class HandoverEnding(Ending):
    SILENT = "silent", Result.EXPIRED, N_("One of the two did not answer.")
    NOT_AGREED = "not_agreed", Result.REJECTED, N_("One of the two did not agree.")
    NOT_IDENTIFIED = "not_identified", Result.REJECTED, N_("The visit did not show who the holder is.")
    NOT_APPROVED = "not_approved", Result.REJECTED, N_("The handover was not approved.")


NEW_HOLDER = PartyRole(name="new_holder", title=N_("the new holder"))

ANSWERS = Evidence(name="answers", title=N_("What the holder answered"))

AGREE = ItemKind(
    name="agree",
    title=N_("The holder agrees"),
    customer_title=N_("Hand over your locker"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Agreed,
    facts=Agreement,
    due=PERIODS.both_agree,
    when_due=WhenDue.EXPIRE,
)
TAKE_OVER = ItemKind(
    name="take_over",
    title=N_("The new holder agrees"),
    customer_title=N_("Take over a locker"),
    performer=Performer.PARTY,
    party=NEW_HOLDER.name,
    level=2,
    outcomes=Agreed,
    facts=Agreement,
    due=PERIODS.both_agree,
    when_due=WhenDue.EXPIRE,
)
CHECK = ItemKind(
    name="check_handover",
    title=N_("Approve the handover"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    sensitive=True,
    evidence=(ANSWERS,),
    outcomes=Checked,
    facts=Nothing,
    due=PERIODS.approval,
)

KEEP = Effect(name="keep_handover", args=HandedOver, answer=Nothing)

LOCKERS = "lockers"
HOLD = Call(name="hold_locker", system=LOCKERS, args=Locker, answer=Nothing)
RELEASE = Call(name="release_locker", system=LOCKERS, args=Locker, answer=Nothing, undoes=HOLD.name)
ASSIGN = Call(name="assign_locker", system=LOCKERS, args=Locker, answer=Nothing)

VISIT = Child(process="home_visit", facts=Visited)

ASKED_NOTICE = Notice(
    name="handover_asked",
    about=N_("It says that somebody asked us to hand over a locker."),
    asks=N_("It asks to sign in as always and to agree there, or to stop it."),
)
ANNOUNCED_NOTICE = Notice(
    name="handover_announced",
    about=N_("It says that a locker will be handed over soon, and how to stop that."),
    asks=N_("It asks to do nothing, or to type its code on our page if the handover is not wanted."),
    urgent=True,
    shows=("until", "stop_page"),
)
DONE_NOTICE = Notice(
    name="handover_done", about=N_("It says that a locker was handed over."), asks=ASKS_NOTHING, urgent=True
)

LOCKER_HANDOVER = ProcessSpec(
    name="locker_handover",
    title=N_("Handover of a locker"),
    customer_title=N_("Your locker for somebody else"),
    stages=HandoverStage,
    endings=HandoverEnding,
    kinds=(AGREE, TAKE_OVER, CHECK),
    parties=(NEW_HOLDER,),
    effects=(KEEP,),
    calls=(HOLD, RELEASE, ASSIGN),
    children=(VISIT,),
    notices=(ASKED_NOTICE, ANNOUNCED_NOTICE, DONE_NOTICE),
    periods=PERIODS,
    opening=HandoverOpening,
    stopping=N_("The locker stays yours, and nobody else gets a key."),
)
