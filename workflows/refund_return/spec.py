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
from workflows.refund_return.facts import PaidOtherwise, PaidWhoever, ReturnOpening


@dataclass(frozen=True)
class ReturnPeriods(Periods):
    pay_in_another_way: timedelta = timedelta(days=3)
    whoever_paid_calls: timedelta = timedelta(days=30)


PERIODS = ReturnPeriods()


class ReturnStage(Stage):
    CAME_BACK = "came_back", N_("Refund came back"), N_("It did not reach the card")
    PAID = "paid", N_("Paid in another way"), N_("Seen to in another way")


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

PAY_WHOEVER = ItemKind(
    name="pay_whoever_paid",
    title=N_("Pay back a bill's payment in another way: it did not reach the card, and nobody knows whose it is"),
    performer=Performer.ROLE,
    role="supervisor",
    sensitive=True,
    evidence=(REFUND,),
    outcomes=PaidWhoever,
    facts=Nothing,
    due=PERIODS.whoever_paid_calls,
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
    customer_title=N_("A refund that did not reach its card"),
    stages=ReturnStage,
    endings=NoEnding,
    kinds=(PAY_OTHERWISE, PAY_WHOEVER),
    notices=(CAME_BACK_NOTICE, PAID_NOTICE),
    periods=PERIODS,
    opening=ReturnOpening,
    stopping=N_("Nothing is stopped: the money is owed, and stays so until it is paid."),
    harmless=True,
)
