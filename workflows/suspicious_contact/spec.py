"""Suspicious contact, declared: its stages, work items, effects, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    CUSTOMER_PHONE,
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
    Signal,
    Stage,
    WhenDue,
)
from workflows.suspicious_contact.facts import (
    Decided,
    MadeSafe,
    Rematched,
    SuspicionOpening,
    ToldMore,
    WasItYou,
    Weighed,
)


@dataclass(frozen=True)
class SuspicionPeriods(Periods):
    an_analyst_decides: timedelta = timedelta(hours=1)
    customer_tells_more: timedelta = timedelta(days=3)
    customer_says_whether_it_was_they: timedelta = timedelta(days=14)
    account_made_safe: timedelta = timedelta(hours=4)
    strangers_pause_again_after: timedelta = timedelta(days=30)
    warning_lasts: timedelta = timedelta(days=30)
    text_is_kept_after_the_decision: timedelta = timedelta(days=90)


PERIODS = SuspicionPeriods()


class SuspicionStage(Stage):
    OURS = "ours", N_("It is ours"), N_("It is from us"), True
    ASKED = "asked", N_("Customer asked for more"), N_("You tell us more"), True
    LOOKED_INTO = "looked_into", N_("Looked into"), N_("We look into it"), True
    CONFIRMED = "confirmed", N_("Confirmed, and warned of"), N_("It is not from us"), True
    MADE_SAFE = "made_safe", N_("Account made safe"), N_("We make sure that all is safe"), True
    CLEARED = "cleared", N_("Cleared"), N_("It was harmless"), True


class SuspicionEnding(Ending):
    BY_STRANGERS = "by_strangers", Result.REJECTED, N_("Somebody else reported it in the customer's name.")


WHAT_WAS_GIVEN = Evidence(name="what_was_given", title=N_("What the customer gave away, and what is paused"))

SAY_MORE = ItemKind(
    name="say_more",
    title=N_("The customer tells more of the contact"),
    customer_title=N_("Tell us more, so that we can see whether it is from us"),
    performer=Performer.CUSTOMER,
    level=1,
    outcomes=ToldMore,
    facts=Rematched,
    due=PERIODS.customer_tells_more,
    when_due=WhenDue.EXPIRE,
)
WAS_IT_YOU = ItemKind(
    name="was_it_you",
    title=N_("The customer says whether the report was theirs"),
    customer_title=N_("Did you report this? If not, let your cases go on"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=WasItYou,
    facts=Nothing,
    due=PERIODS.customer_says_whether_it_was_they,
    when_due=WhenDue.EXPIRE,
)
MAKE_SAFE = ItemKind(
    name="make_safe",
    title=N_("Make sure that the account is safe, and let what is paused go on"),
    performer=Performer.ROLE,
    role="supervisor",
    part="releaser",
    part_words=N_("You reported this contact; another person must let the paused cases go on."),
    evidence=(WHAT_WAS_GIVEN, CUSTOMER_PHONE),
    outcomes=MadeSafe,
    facts=Nothing,
    due=PERIODS.account_made_safe,
    while_frozen=True,
)

WEIGH = Effect(name="weigh_suspicion", args=Nothing, answer=Weighed)
LET_GO_ON = Effect(name="let_go_on", args=Nothing, answer=Nothing)
RAISE_LATE = Effect(name="raise_undecided", args=Nothing, answer=Nothing)
SETTLE_LATE = Effect(name="settle_undecided", args=Nothing, answer=Nothing)
DECIDED = Signal(name="suspicion_decided", facts=Decided)

PAUSED_NOTICE = Notice(
    name="contact_not_ours",
    about=N_("It says that a contact which the reader reported is not from us, and what we do about it."),
    asks=N_("It asks to sign in as always, and to say there what the other side was told or given."),
    urgent=True,
)
STRANGERS_NOTICE = Notice(
    name="contact_reported_by_others",
    about=N_("It says that somebody reported a strange contact for the reader, and that open changes are paused."),
    asks=N_("It asks to sign in as always and to say whether the report was theirs."),
    channels=(MessageChannel.MAIL, MessageChannel.SMS),
    urgent=True,
)
CONFIRMED_NOTICE = Notice(
    name="contact_confirmed",
    about=N_("It says that a contact which the reader reported was an attempt at fraud."),
    asks=N_("It asks to sign in as always if the other side was told or given anything."),
)
CLEARED_NOTICE = Notice(
    name="contact_cleared",
    about=N_("It says that a contact which was reported turned out to be harmless."),
    asks=ASKS_NOTHING,
)

SUSPICIOUS_CONTACT = ProcessSpec(
    name="suspicious_contact",
    title=N_("Suspicious contact"),
    customer_title=N_("A strange call or message"),
    stages=SuspicionStage,
    endings=SuspicionEnding,
    kinds=(SAY_MORE, WAS_IT_YOU, MAKE_SAFE),
    effects=(WEIGH, LET_GO_ON, RAISE_LATE, SETTLE_LATE),
    signals=(DECIDED,),
    notices=(PAUSED_NOTICE, STRANGERS_NOTICE, CONFIRMED_NOTICE, CLEARED_NOTICE),
    periods=PERIODS,
    opening=SuspicionOpening,
    stopping=N_("What was paused because of it stays paused until one of us lets it go on."),
    harmless=True,
)
