"""Top-up by telephone, declared: its stages, effects, calls, notices and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    N_,
    Call,
    Effect,
    Ending,
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
from workflows.call_back.facts import CALL_BACK
from workflows.top_up.facts import BankSaid, Confirmed, Saying

PAYMENTS = "payments"


@dataclass(frozen=True)
class TopUpPeriods(Periods):
    """How long is waited. The code that the portal shows is good for ten minutes (NIST SP 800-63B), and a new one can
    be had until the customer has called."""

    customer_calls: timedelta = timedelta(hours=24)
    code: timedelta = timedelta(minutes=10)
    customer_confirms: timedelta = timedelta(hours=24)


PERIODS = TopUpPeriods()


class TopUpStage(Stage):
    CONFIRM = "confirm", N_("Customer confirms first"), N_("You confirm it first"), True
    CALL = "call", N_("Customer calls"), N_("You call us")
    BANK = "bank", N_("Bank asked"), N_("Your bank is asked")
    ADDED = "added", N_("Added to the balance"), N_("On your balance")


class TopUpEnding(Ending):
    NOT_CALLED = "not_called", Result.EXPIRED, N_("The customer did not call and agree in time.")
    DECLINED = "declined", Result.REJECTED, N_("The bank of the card declined.")
    NOT_CONFIRMED = "not_confirmed", Result.EXPIRED, N_("The customer did not confirm in time that it is they.")
    NOT_THEIRS = "not_theirs", Result.REJECTED, N_("The customer says that they add nothing.")


AGREED = Signal(name="top_up_agreed", facts=Nothing)
"""The customer agreed to what was read out, and keyed in the security code."""

ASKS_FIRST = Signal(name="top_up_asks_first", facts=Nothing)
"""The risk rules have the customer confirm what the caller wants to add."""
CARD_REPORTED = Signal(name="top_up_card_reported", facts=Nothing)
"""The bank knows the card that was keyed in as stolen or lost."""

CONFIRM = ItemKind(
    name="confirm_top_up",
    title=N_("The customer confirms that it is they who add money by telephone"),
    customer_title=N_("Is it you who adds money by telephone? Confirm it, or say no"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Confirmed,
    facts=Nothing,
    due=PERIODS.customer_confirms,
    remind=(),
    when_due=WhenDue.EXPIRE,
)

AUTHORISE = Call(name="authorise_top_up", system=PAYMENTS, args=Nothing, answer=BankSaid)
RELEASE = Call(name="release_top_up", system=PAYMENTS, args=Nothing, answer=Nothing, undoes=AUTHORISE.name)
CAPTURE = Call(name="capture_top_up", system=PAYMENTS, args=Nothing, answer=Nothing)
SAY = Effect(name="say_verdict", args=Saying, answer=Nothing)

CONFIRM_NOTICE = Notice(
    name="top_up_confirm",
    about=N_("It says that somebody wants to add money to a balance by telephone, and that we ask the customer first."),
    asks=N_("It asks to sign in as always, and to confirm it there or to say that it is somebody else."),
    urgent=True,
)
RECEIPT_NOTICE = Notice(
    name="top_up_receipt",
    about=N_("It is the receipt for money that a customer added to their balance by telephone."),
    asks=N_("It asks to call us at once if the reader did not do that."),
    urgent=True,
)
DISPUTED_NOTICE = Notice(
    name="top_up_disputed",
    about=N_("It says that a bank took back money that was added to a balance by telephone."),
    asks=N_("It asks to call us if the reader did not ask their bank for that."),
    urgent=True,
)
RESTORED_NOTICE = Notice(
    name="top_up_restored",
    about=N_("It says that money which a bank had taken back is on the balance again."),
    asks=N_("It asks for nothing. Whoever does not agree can ask their bank."),
)
ENDED_NOTICE = Notice(
    name="top_up_ended",
    about=N_("It says that no money was added to a balance, and why."),
    asks=N_("It asks for nothing. Whoever still wants it can start again after signing in as always."),
    shows=("how",),
)

TOP_UP = ProcessSpec(
    name="top_up",
    title=N_("Top-up by telephone"),
    customer_title=N_("Money for your balance"),
    stages=TopUpStage,
    endings=TopUpEnding,
    kinds=(CONFIRM,),
    effects=(SAY,),
    calls=(AUTHORISE, RELEASE, CAPTURE),
    signals=(AGREED, ASKS_FIRST, CARD_REPORTED),
    notices=(CONFIRM_NOTICE, RECEIPT_NOTICE, DISPUTED_NOTICE, RESTORED_NOTICE, ENDED_NOTICE),
    children=(CALL_BACK,),
    periods=PERIODS,
    stopping=N_("No money is added to your balance, and your card is not charged."),
    shows=("amount", "card", "why"),
)
