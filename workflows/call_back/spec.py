"""Call-back, declared: its stages, work items, effects, notices, periods and endings."""

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
from workflows.call_back.facts import (
    Booked,
    CallBackOpening,
    CalledBack,
    CalledOff,
    CallMade,
    Chosen,
    Dialled,
    GivenUp,
    KeptUntil,
    MayCall,
    Progress,
    Surveyed,
    TimeFound,
    Window,
)

TRIES = 7
"""After this many calls that nobody answered, or after `keep_trying`, the case ends as not reached."""


@dataclass(frozen=True)
class CallBackPeriods(Periods):
    customer_chooses: timedelta = timedelta(days=1)
    somebody_finds_a_time: timedelta = timedelta(hours=4)
    window: timedelta = timedelta(minutes=15)
    preparation: timedelta = timedelta(minutes=30)
    raised_into_the_window: timedelta = timedelta(minutes=5)
    longest_call: timedelta = timedelta(hours=2)
    wrap_up: timedelta = timedelta(minutes=15)
    place_kept: timedelta = timedelta(hours=24)
    between_tries: timedelta = timedelta(hours=2)
    keep_trying: timedelta = timedelta(days=7)
    survey_after: timedelta = timedelta(hours=48)
    survey: timedelta = timedelta(days=7)
    survey_reminder: timedelta = timedelta(days=3)


PERIODS = CallBackPeriods()


class CallBackStage(Stage):
    TRIGGERED = "triggered", N_("Triggered"), "", True
    WAIT = "wait", N_("We may not call yet"), N_("We wait before we call you"), True
    SLOT = "slot", N_("Time is chosen"), N_("You choose a time"), True
    ANNOUNCED = "announced", N_("Announced"), N_("We call you at the agreed time")
    DIALLING = "dialling", N_("Dialling"), N_("We are calling you")
    COMPANY_PROOF = "company_proof", N_("We prove who we are"), N_("We prove to you that it is us")
    CUSTOMER_PROOF = "customer_proof", N_("Customer proves who they are"), N_("We ask you to show that it is you"), True
    TALK = "talk", N_("Talking"), N_("We talk")
    RING_BACK = "ring_back", N_("Customer rings back"), N_("You ring us back; we keep your place"), True
    WRAP_UP = "wrap_up", N_("Wrapped up"), N_("Written down")
    SURVEY = "survey", N_("Two questions"), N_("Two questions about our call"), True


class CallBackEnding(Ending):
    CALLED_OFF = "called_off", Result.WITHDRAWN, N_("The customer does not need the call any more.")
    DECLINED = "declined", Result.REJECTED, N_("The customer does not want to be called.")
    NOT_REACHED = "not_reached", Result.EXPIRED, N_("The customer was not reached.")
    NO_NUMBER = "no_number", Result.EXPIRED, N_("There is no number that we may call.")
    NOBODY_CAN_CALL = "nobody_can_call", Result.EXPIRED, N_("Nobody of us could call.")


SHEET = Evidence(name="call_sheet", title=N_("What the call is for"))

CHOOSE_WINDOW = ItemKind(
    name="choose_window",
    title=N_("The customer chooses when we call"),
    customer_title=N_("Choose when we call you"),
    performer=Performer.CUSTOMER,
    outcomes=Chosen,
    facts=Booked,
    due=PERIODS.customer_chooses,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
FIND_TIME = ItemKind(
    name="find_time",
    title=N_("Find a time for a call: nobody is staffed in the next days"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=TimeFound,
    facts=Booked,
    due=PERIODS.somebody_finds_a_time,
    evidence=(SHEET,),
)
CALL = ItemKind(
    name="call_customer_back",
    title=N_("Call the customer back, and write down what came of it"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=CallMade,
    facts=Nothing,
    due=PERIODS.preparation,
    evidence=(SHEET, CUSTOMER_PHONE),
    while_frozen=True,
)
CALL_BY_SUPERVISOR = ItemKind(
    name="call_back_by_supervisor",
    title=N_("Call a customer back who was not content, and write down what came of it"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=CallMade,
    facts=Nothing,
    due=PERIODS.preparation,
    evidence=(SHEET, CUSTOMER_PHONE),
    while_frozen=True,
)
SURVEY_REMINDER = Notice(
    name="call_survey_reminder",
    about=N_("It is a reminder of two questions about a call of ours."),
    asks=N_("It asks to sign in as always and to answer there, never by reply."),
    reminder=True,
    shows=("until",),
)
SURVEY = ItemKind(
    name="call_survey",
    title=N_("The customer answers two questions about the call"),
    customer_title=N_("Two questions about our call"),
    performer=Performer.CUSTOMER,
    outcomes=Surveyed,
    facts=Nothing,
    due=PERIODS.survey,
    remind=(PERIODS.survey_reminder,),
    reminder=SURVEY_REMINDER,
    when_due=WhenDue.EXPIRE,
)

MAY_WE_CALL = Effect(name="may_we_call", args=Nothing, answer=MayCall)
BOOK_NEXT = Effect(name="book_next", args=Nothing, answer=Booked)
ANNOUNCE = Effect(name="announce", args=Window, answer=Nothing)
NOBODY_DIALS = Effect(name="nobody_dials", args=Nothing, answer=Nothing)
GIVE_UP_WINDOW = Effect(name="give_up_window", args=Nothing, answer=GivenUp)
NOBODY_WRITES = Effect(name="nobody_writes", args=Nothing, answer=Nothing)
KEEP_PLACE = Effect(name="keep_place", args=KeptUntil, answer=Nothing)
ASK_LATER = Effect(name="ask_later", args=Nothing, answer=Nothing)
SUPERVISOR_CALLS = Effect(name="supervisor_calls", args=Nothing, answer=Nothing)

CALL_DIALLED = Signal(name="call_dialled", facts=Dialled)
CALL_PROGRESS = Signal(name="call_progress", facts=Progress)
CALL_MOVED = Signal(name="call_moved", facts=Window)
CALL_CALLED_OFF = Signal(name="call_called_off", facts=CalledOff)
RANG_BACK = Signal(name="rang_back", facts=Dialled)

CHOOSES = N_("It asks to sign in as always and to choose a time there.")
LOOKS = N_("It asks to sign in as always while the telephone rings, and to look there whether it is us.")
CHOOSE_NOTICE = Notice(
    name="call_back_choose",
    about=N_("It says that we would like to call, and that the time can be chosen."),
    asks=CHOOSES,
)
ANNOUNCED_NOTICE = Notice(
    name="call_back_announced",
    about=N_("It says when we call, from which number, and how to see that it is us."),
    asks=LOOKS,
    urgent=True,
)
MISSED_NOTICE = Notice(
    name="call_back_missed_by_us",
    about=N_("It says that we did not call at the agreed time, and that we are sorry."),
    asks=CHOOSES,
)
NOT_REACHED_NOTICE = Notice(
    name="call_back_not_reached",
    about=N_("It says that we called and did not reach the reader, and not what about."),
    asks=N_("It asks to sign in as always, where the time of the next call can be changed."),
)
RING_BACK_NOTICE = Notice(
    name="call_back_ring_us",
    about=N_("It says that the reader can ring us back, and until when their place is kept."),
    asks=N_("It asks to ring the number that stands on our pages, and to name the reference of the case."),
    urgent=True,
    shows=("until",),
)
ENDED_NOTICE = Notice(
    name="call_back_ended", about=N_("It says that we do not call any more, and why."), shows=("how",)
)
SURVEY_NOTICE = Notice(
    name="call_survey",
    about=N_("It asks two questions about a call of ours."),
    asks=N_("It asks to sign in as always and to answer there, never by reply."),
    shows=("until",),
)

CALL_BACK_SPEC = ProcessSpec(
    name="call_back",
    title=N_("Call-back"),
    customer_title=N_("Our call to you"),
    stages=CallBackStage,
    endings=CallBackEnding,
    kinds=(CHOOSE_WINDOW, FIND_TIME, CALL, CALL_BY_SUPERVISOR, SURVEY),
    notices=(
        CHOOSE_NOTICE,
        ANNOUNCED_NOTICE,
        MISSED_NOTICE,
        NOT_REACHED_NOTICE,
        RING_BACK_NOTICE,
        ENDED_NOTICE,
        SURVEY_NOTICE,
        SURVEY_REMINDER,
    ),
    effects=(
        MAY_WE_CALL,
        BOOK_NEXT,
        ANNOUNCE,
        NOBODY_DIALS,
        GIVE_UP_WINDOW,
        NOBODY_WRITES,
        KEEP_PLACE,
        ASK_LATER,
        SUPERVISOR_CALLS,
    ),
    signals=(CALL_DIALLED, CALL_PROGRESS, CALL_MOVED, CALL_CALLED_OFF, RANG_BACK),
    periods=PERIODS,
    opening=CallBackOpening,
    shows=("window_start", "window_end", "window_is"),
    closing=CalledBack,
    stopping=N_("We do not call you."),
    harmless=True,
)
