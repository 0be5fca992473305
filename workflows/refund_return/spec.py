"""A refund that did not arrive, declared: its stages, work item, notices and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    Evidence,
    ItemKind,
    NoEnding,
    Nothing,
    Notice,
    Performer,
    Periods,
    ProcessSpec,
    Stage,
)
from workflows.refund_return.facts import PaidOtherwise, ReturnOpening


@dataclass(frozen=True)
class ReturnPeriods(Periods):
    pay_in_another_way: timedelta = timedelta(days=3)


PERIODS = ReturnPeriods()


class ReturnStage(Stage):
    CAME_BACK = "came_back", N_("Refund came back"), N_("It did not reach your card")
    PAID = "paid", N_("Paid in another way"), N_("You have it in another way")


REFUND = Evidence(name="refund", title=N_("What did not arrive, and where the money is now"))

PAY_OTHERWISE = ItemKind(
    name="pay_otherwise",
    title=N_("Pay a customer in another way: a refund did not reach their card"),
    performer=Performer.ROLE,
    role="supervisor",
    sensitive=True,
    evidence=(REFUND,),
    outcomes=PaidOtherwise,
    facts=Nothing,
    due=PERIODS.pay_in_another_way,
)

CAME_BACK_NOTICE = Notice(
    name="refund_came_back",
    about=N_("It says that a refund did not reach the reader's card, and that we pay it in another way."),
    asks=N_("It asks to call us, or to wait for our call. It asks for no account number by mail."),
    urgent=True,
)
PAID_NOTICE = Notice(
    name="refund_paid_otherwise",
    about=N_("It says how the reader has the money that did not reach their card."),
    asks=ASKS_NOTHING,
    shows=("how",),
)

REFUND_RETURN = ProcessSpec(
    name="refund_return",
    title=N_("A refund that did not arrive"),
    customer_title=N_("A refund that did not reach your card"),
    stages=ReturnStage,
    endings=NoEnding,
    kinds=(PAY_OTHERWISE,),
    notices=(CAME_BACK_NOTICE, PAID_NOTICE),
    periods=PERIODS,
    opening=ReturnOpening,
    stopping=N_("Nothing is stopped: the money is yours, and it stays on your balance."),
    harmless=True,
)
