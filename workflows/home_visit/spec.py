"""Home visit, declared: its stages, work items, effects, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
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
from workflows.home_visit.facts import (
    AlarmLookedInto,
    AlarmRaised,
    Alternative,
    Assigned,
    Cancelled,
    Checked,
    CheckedIn,
    Choice,
    Chosen,
    Compared,
    Entered,
    Met,
    MismatchLookedInto,
    Reviewed,
    VisitClosing,
    VisitOpening,
    Visitor,
    Window,
)

TIMES_NOT_HOME = 2
"""After this many visits with nobody at home, the customer is offered another way."""


@dataclass(frozen=True)
class VisitPeriods(Periods):
    customer_chooses: timedelta = timedelta(days=7)
    notice_before_the_window: timedelta = timedelta(hours=24)
    longest_window: timedelta = timedelta(hours=2, minutes=30)
    early_or_late_at_the_door: timedelta = timedelta(minutes=30)
    somebody_assigns: timedelta = timedelta(hours=1)
    alarm_without_a_result: timedelta = timedelta(hours=4)
    handshake: timedelta = timedelta(minutes=10)
    look_into_an_alarm: timedelta = timedelta(minutes=30)
    look_into_a_mismatch: timedelta = timedelta(days=2)
    review: timedelta = timedelta(hours=4)


PERIODS = VisitPeriods()


class VisitStage(Stage):
    PROPOSED = "proposed", N_("Proposed"), N_("You choose a time")
    CONFIRMED = "confirmed", N_("Confirmed"), N_("Time agreed")
    ASSIGNED = "assigned", N_("Visitor assigned")
    DAY_BEFORE = "day_before", N_("Day before"), N_("We remind you")
    WINDOW_OPEN = "window_open", N_("Window open"), N_("The time of the visit")
    AT_DOOR = "at_door", N_("At the door"), N_("The visitor rings")
    HANDSHAKE = "handshake", N_("Handshake"), N_("You both prove who you are")
    ID_CHECK = "id_check", N_("Identity check"), N_("The visitor checks your document")
    REVIEW = "review", N_("Review"), N_("A second person checks")
    PASSED = "passed", N_("Passed"), N_("We know that it is you")
    ALARM = "alarm", N_("Alarm"), N_("We look into the visit"), True
    SUSPICION = "suspicion", N_("Mismatch looked into"), N_("We look into the visit"), True
    ALTERNATIVE = "alternative", N_("Another way"), N_("You choose another way"), True


class VisitEnding(Ending):
    IDENTITY_MISMATCH = "identity_mismatch", Result.REJECTED, N_("The identity did not match.")


VISITED = N_("You made the visit; another person must do this.")
VISITOR_PHONE = Evidence(name="visitor_phone", title=N_("The visitor's extension"))
FINDINGS = Evidence(name="findings", title=N_("What the visitor found"))

CHOOSE_VISIT = ItemKind(
    name="choose_visit",
    title=N_("The customer chooses a time and a place"),
    customer_title=N_("Choose when we visit you, or another way"),
    performer=Performer.CUSTOMER,
    outcomes=Chosen,
    facts=Choice,
    due=PERIODS.customer_chooses,
    when_due=WhenDue.EXPIRE,
)
CHOOSE_ALTERNATIVE = ItemKind(
    name="choose_alternative",
    title=N_("The customer chooses another way than a visit"),
    customer_title=N_("Choose another way to show who you are"),
    performer=Performer.CUSTOMER,
    outcomes=Alternative,
    facts=Nothing,
    due=PERIODS.customer_chooses,
    when_due=WhenDue.EXPIRE,
)
ASSIGN_VISITOR = ItemKind(
    name="assign_visitor",
    title=N_("Find a visitor: nobody is free for the agreed time"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=Assigned,
    facts=Visitor,
    due=PERIODS.somebody_assigns,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
CHECK_IN = ItemKind(
    name="check_in",
    title=N_("Check in at the door"),
    performer=Performer.PERSON,
    part="visitor",
    part_words=VISITED,
    outcomes=CheckedIn,
    facts=Nothing,
    due=PERIODS.longest_window,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
MEET = ItemKind(
    name="meet_customer",
    title=N_("Ring, and say who you are"),
    performer=Performer.PERSON,
    part="visitor",
    part_words=VISITED,
    outcomes=Met,
    facts=Nothing,
    due=PERIODS.alarm_without_a_result,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
COMPARE_HALF = ItemKind(
    name="compare_half",
    title=N_("The customer compares the visitor's half"),
    customer_title=N_("Compare what the visitor shows you"),
    performer=Performer.CUSTOMER,
    outcomes=Compared,
    facts=Nothing,
    due=PERIODS.handshake,
    remind=(),
)
ENTER_HALF = ItemKind(
    name="enter_half",
    title=N_("Show your half, and enter the customer's"),
    performer=Performer.PERSON,
    part="visitor",
    part_words=VISITED,
    outcomes=Entered,
    facts=Nothing,
    due=PERIODS.alarm_without_a_result,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
ID_CHECK = ItemKind(
    name="id_check",
    title=N_("Check the identity document"),
    performer=Performer.PERSON,
    part="visitor",
    part_words=VISITED,
    outcomes=Checked,
    facts=Nothing,
    due=PERIODS.alarm_without_a_result,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
REVIEW = ItemKind(
    name="review_visit",
    title=N_("Review the visit"),
    performer=Performer.ROLE,
    role="supervisor",
    part="reviewer",
    part_words=N_("You reviewed the visit; another person must do this."),
    outcomes=Reviewed,
    facts=Nothing,
    due=PERIODS.review,
    evidence=(FINDINGS,),
)
LOOK_INTO_ALARM = ItemKind(
    name="look_into_alarm",
    title=N_("Look into the alarm of a visit: call the visitor and the customer"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=AlarmLookedInto,
    facts=Nothing,
    due=PERIODS.look_into_an_alarm,
    evidence=(FINDINGS, VISITOR_PHONE, CUSTOMER_PHONE),
)
LOOK_INTO_MISMATCH = ItemKind(
    name="look_into_mismatch",
    title=N_("Look into a visit where the identity did not match"),
    performer=Performer.ROLE,
    role="compliance",
    part="investigator",
    outcomes=MismatchLookedInto,
    facts=Nothing,
    due=PERIODS.look_into_a_mismatch,
    while_frozen=True,
    evidence=(FINDINGS,),
)

ASSIGN = Effect(name="assign", args=Nothing, answer=Visitor)
MISSED = Effect(name="missed", args=Nothing, answer=Nothing)
RAISE_ALARM = Effect(name="alarm", args=AlarmRaised, answer=Nothing)
FREEZE = Effect(name="freeze", args=Nothing, answer=Nothing)
RELEASE = Effect(name="release", args=Nothing, answer=Nothing, undoes="assign")

VISIT_MOVED = Signal(name="visit_moved", facts=Window)
VISIT_CANCELLED = Signal(name="visit_cancelled", facts=Cancelled)
NOBODY_EXPECTED = Signal(name="nobody_expected", facts=Nothing)
HALF_DIFFERENT = Signal(name="half_different", facts=Nothing)
VISITOR_UNSAFE = Signal(name="visitor_unsafe", facts=Nothing)

MAIL_AND_SMS = (MessageChannel.MAIL, MessageChannel.SMS)
IN_THE_VISIT = N_("It asks to sign in during the visit, where the page shows who comes.")
WINDOW = ("window_start", "window_end", "window_is")
PROPOSE_NOTICE = Notice(
    name="visit_propose",
    about=N_("It says that we would like to visit, to be sure who we deal with."),
    asks=N_("It asks to sign in as always and to choose a time, or another way."),
)
CONFIRMED_NOTICE = Notice(name="visit_confirmed", about=N_("It confirms the time of a visit."), asks=IN_THE_VISIT)
DAY_BEFORE_NOTICE = Notice(name="visit_day_before", about=N_("It is a reminder of an agreed visit."), asks=IN_THE_VISIT)
MISSED_NOTICE = Notice(
    name="visit_missed_by_us",
    about=N_("It says that we could not make a visit, and that we are sorry."),
    asks=N_("It asks to sign in as always and to choose a new time, or another way."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
CALLED_OFF_NOTICE = Notice(
    name="visit_called_off",
    about=N_("It says that a visit is called off and that nobody comes."),
    asks=N_("It asks to let nobody in, and to call us if somebody comes all the same."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
NOBODY_HOME_NOTICE = Notice(
    name="visit_nobody_home",
    about=N_("It says that our visitor found nobody at home."),
    asks=N_("It asks to sign in as always and to choose a new time, or another way."),
    channels=MAIL_AND_SMS,
)
OTHER_WAY_NOTICE = Notice(
    name="alternative_offered",
    about=N_("It says that there is another way than a visit."),
    asks=N_("It asks to sign in as always and to choose one."),
)

HOME_VISIT = ProcessSpec(
    name="home_visit",
    title=N_("Home visit"),
    customer_title=N_("Our visit to you"),
    stages=VisitStage,
    endings=VisitEnding,
    kinds=(
        CHOOSE_VISIT,
        CHOOSE_ALTERNATIVE,
        ASSIGN_VISITOR,
        CHECK_IN,
        MEET,
        COMPARE_HALF,
        ENTER_HALF,
        ID_CHECK,
        REVIEW,
        LOOK_INTO_ALARM,
        LOOK_INTO_MISMATCH,
    ),
    notices=(
        PROPOSE_NOTICE,
        CONFIRMED_NOTICE,
        DAY_BEFORE_NOTICE,
        MISSED_NOTICE,
        CALLED_OFF_NOTICE,
        NOBODY_HOME_NOTICE,
        OTHER_WAY_NOTICE,
    ),
    effects=(ASSIGN, MISSED, RAISE_ALARM, FREEZE, RELEASE),
    signals=(VISIT_MOVED, VISIT_CANCELLED, NOBODY_EXPECTED, HALF_DIFFERENT, VISITOR_UNSAFE),
    periods=PERIODS,
    opening=VisitOpening,
    shows=WINDOW,
    closing=VisitClosing,
    stopping=N_("Nobody comes to you."),
)
