"""Top-up by telephone, declared: its stages, effects, calls, notices and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    N_,
    Call,
    Effect,
    Ending,
    Nothing,
    Notice,
    Periods,
    ProcessSpec,
    Result,
    Signal,
    Stage,
)
from workflows.top_up.facts import BankSaid, Saying

PAYMENTS = "payments"


@dataclass(frozen=True)
class TopUpPeriods(Periods):
    """How long is waited. The code that the portal shows is good for ten minutes (NIST SP 800-63B), and a new one can
    be had until the customer has called."""

    customer_calls: timedelta = timedelta(hours=24)
    code: timedelta = timedelta(minutes=10)


PERIODS = TopUpPeriods()


class TopUpStage(Stage):
    CALL = "call", N_("Customer calls"), N_("You call us")
    BANK = "bank", N_("Bank asked"), N_("Your bank is asked")
    ADDED = "added", N_("Added to the balance"), N_("On your balance")


class TopUpEnding(Ending):
    NOT_CALLED = "not_called", Result.EXPIRED, N_("The customer did not call and agree in time.")
    DECLINED = "declined", Result.REJECTED, N_("The bank of the card declined.")


AGREED = Signal(name="top_up_agreed", facts=Nothing)
"""The customer agreed to what was read out, and keyed in the security code."""

AUTHORISE = Call(name="authorise_top_up", system=PAYMENTS, args=Nothing, answer=BankSaid)
RELEASE = Call(name="release_top_up", system=PAYMENTS, args=Nothing, answer=Nothing, undoes=AUTHORISE.name)
CAPTURE = Call(name="capture_top_up", system=PAYMENTS, args=Nothing, answer=Nothing)
SAY = Effect(name="say_verdict", args=Saying, answer=Nothing)

RECEIPT_NOTICE = Notice(
    name="top_up_receipt",
    about=N_("It is the receipt for money that a customer added to their balance by telephone."),
    asks=N_("It asks to call us at once if the reader did not do that."),
    urgent=True,
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
    kinds=(),
    effects=(SAY,),
    calls=(AUTHORISE, RELEASE, CAPTURE),
    signals=(AGREED,),
    notices=(RECEIPT_NOTICE, ENDED_NOTICE),
    periods=PERIODS,
    stopping=N_("No money is added to your balance, and your card is not charged."),
    shows=("amount", "card", "why"),
)
