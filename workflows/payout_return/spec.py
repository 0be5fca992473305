"""The return of a payout, declared: its stages, effects, call, notices and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    Call,
    Effect,
    NoEnding,
    Nothing,
    Notice,
    Periods,
    ProcessSpec,
    Stage,
)
from workflows.payout_return.facts import ReturnFound, TakenBack

TRIES = 4
"""How often the provider is asked at most, each time for what is still owed then."""


@dataclass(frozen=True)
class ReturnPeriods(Periods):
    until_it_is_tried_again: timedelta = timedelta(days=7)


PERIODS = ReturnPeriods()


class ReturnStage(Stage):
    ASKED = "asked", N_("Provider asked to take it back"), N_("We take it back")
    OWED = "owed", N_("The merchant owes it"), N_("You owe it to us"), True
    BACK = "back", N_("Taken back"), N_("Taken back"), True
    SETTLED = "settled", N_("Settled by other payouts"), N_("Settled"), True


LOOK = Effect(name="look_at_return", args=Nothing, answer=ReturnFound)
GIVE_UP = Effect(name="leave_as_debt", args=Nothing, answer=Nothing)
TAKE = Call(name="take_payout_back", system="payments", args=Nothing, answer=TakenBack)

BACK_NOTICE = Notice(
    name="payout_taken_back",
    about=N_("It says that money of a payout was taken back from the account of the reader's company, and why."),
    asks=ASKS_NOTHING,
)
OWED_NOTICE = Notice(
    name="payout_owed",
    about=N_("It says that the reader's company owes us money of a payout, and that the next payouts keep it."),
    asks=N_("It asks to leave enough money on the account at the payment provider, or to call us."),
)

PAYOUT_RETURN = ProcessSpec(
    name="payout_return",
    title=N_("Money of a payout that comes back"),
    customer_title=N_("Money of a payout that goes back to your customer"),
    stages=ReturnStage,
    endings=NoEnding,
    kinds=(),
    effects=(LOOK, GIVE_UP),
    calls=(TAKE,),
    notices=(BACK_NOTICE, OWED_NOTICE),
    periods=PERIODS,
    opening=Nothing,
    stopping=N_("Nothing is stopped: your customer has the money back already."),
    shows=("order", "amount", "day"),
    harmless=True,
)
