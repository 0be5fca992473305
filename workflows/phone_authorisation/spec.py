"""Phone authorisation, declared: its stages, work items, effects, notices, periods and endings."""

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
from workflows.phone_authorisation.facts import (
    CallClosing,
    CallEnded,
    CallOpening,
    LookedInto,
    Shown,
    Typed,
    WrappedUp,
    WrappedUpLate,
)

TRIES = 3
"""Wrong codes in a call; after that only the portal helps."""


@dataclass(frozen=True)
class CallPeriods(Periods):
    code: timedelta = timedelta(minutes=10)
    code_asked: timedelta = timedelta(minutes=15)
    wrap_up: timedelta = timedelta(minutes=15)
    wrap_up_by_a_supervisor: timedelta = timedelta(hours=4)
    look_into_a_caller: timedelta = timedelta(minutes=30)


PERIODS = CallPeriods()


class CallStage(Stage):
    ASKED = "asked", N_("Code asked for"), N_("We ask for your code")
    PROVEN = "proven", N_("Code fitted"), N_("Your code was right"), True
    REFUSED = "refused", N_("Caller refused"), N_("Nothing was done for the caller"), True
    WRAPPED_UP = "wrapped_up", N_("Wrapped up"), N_("Written down")


class CallEnding(Ending):
    NO_CODE = "no_code", Result.REJECTED, N_("The caller had no code.")
    NOT_PROVEN = "not_proven", Result.REJECTED, N_("The caller's codes did not fit.")
    DENIED = "denied", Result.REJECTED, N_("The customer was not talking to us.")
    SILENT = "silent", Result.EXPIRED, N_("No code was typed in time.")


THE_CALL = Evidence(name="the_call", title=N_("The call"))

TYPE_CODE = ItemKind(
    name="type_code",
    title=N_("Type the code that the caller reads out"),
    performer=Performer.PERSON,
    outcomes=Typed,
    facts=Nothing,
    due=PERIODS.code_asked,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
GIVE_CODE = ItemKind(
    name="give_code",
    title=N_("The customer has the code shown"),
    customer_title=N_("Are you talking to us now?"),
    performer=Performer.CUSTOMER,
    outcomes=Shown,
    facts=Nothing,
    due=PERIODS.code_asked,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
WRAP_UP = ItemKind(
    name="wrap_up",
    title=N_("Write down what came of the call"),
    performer=Performer.PERSON,
    outcomes=WrappedUp,
    facts=Nothing,
    due=PERIODS.wrap_up,
    remind=(),
    when_due=WhenDue.EXPIRE,
    evidence=(THE_CALL,),
)
WRAP_UP_LATE = ItemKind(
    name="wrap_up_late",
    title=N_("A call was not wrapped up: ask the agent, and write down what came of it"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=WrappedUpLate,
    facts=Nothing,
    due=PERIODS.wrap_up_by_a_supervisor,
    evidence=(THE_CALL,),
)
LOOK_INTO_CALLER = ItemKind(
    name="look_into_caller",
    title=N_("Look into a caller who was not the customer"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=LookedInto,
    facts=Nothing,
    due=PERIODS.look_into_a_caller,
    evidence=(THE_CALL, CUSTOMER_PHONE),
)

END_CALL = Effect(name="end_call", args=CallEnded, answer=Nothing)
CODE_DENIED = Signal(name="code_denied", facts=Nothing)

REFUSED_NOTICE = Notice(
    name="caller_refused",
    about=N_("It says that somebody called in the reader's name, had no valid code, and that nothing was done."),
    asks=N_("It asks to call us if that was not the reader."),
    channels=(MessageChannel.MAIL, MessageChannel.SMS, MessageChannel.LETTER),
    urgent=True,
)
ORDERED_NOTICE = Notice(
    name="caller_proven",
    about=N_("It says that somebody called us and read out a code from the reader's portal."),
    asks=N_("It asks to call us at once if that was not the reader."),
    channels=(MessageChannel.MAIL, MessageChannel.SMS),
    urgent=True,
)

PHONE_AUTHORISATION = ProcessSpec(
    name="phone_authorisation",
    title=N_("Phone authorisation"),
    customer_title=N_("A call or chat with us"),
    stages=CallStage,
    endings=CallEnding,
    kinds=(TYPE_CODE, GIVE_CODE, WRAP_UP, WRAP_UP_LATE, LOOK_INTO_CALLER),
    notices=(REFUSED_NOTICE, ORDERED_NOTICE),
    periods=PERIODS,
    effects=(END_CALL,),
    signals=(CODE_DENIED,),
    opening=CallOpening,
    closing=CallClosing,
)
