"""A bill whose payment was disputed at a bank, declared: its stages, work item, signal, notices and periods."""

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
    Signal,
    Stage,
)
from workflows.bill_dispute.facts import BankAnswered, BillDisputeOpening, DisputeOver


@dataclass(frozen=True)
class BillDisputePeriods(Periods):
    answer_the_bank: timedelta = timedelta(days=7)
    until_the_bank_decides: timedelta = timedelta(days=180)


PERIODS = BillDisputePeriods()


class BillDisputeStage(Stage):
    REOPENED = "reopened", N_("Bill open again"), N_("Your bill is open again")
    AT_THE_BANK = "at_the_bank", N_("The bank decides"), N_("The payer's bank decides")
    OVER = "over", N_("Decided"), N_("Decided")


DISPUTED_BILL = Evidence(name="disputed_bill", title=N_("The bill, and what the bank says of its payment"))

ANSWER_BANK = ItemKind(
    name="answer_bank",
    title=N_("Answer the bank: the payment of a bill is disputed"),
    performer=Performer.ROLE,
    role="supervisor",
    sensitive=True,
    evidence=(DISPUTED_BILL,),
    outcomes=BankAnswered,
    facts=Nothing,
    due=PERIODS.answer_the_bank,
)

OVER = Signal(name="dispute_over", facts=DisputeOver)

REOPENED_NOTICE = Notice(
    name="bill_reopened",
    about=N_("It says that a bank took back the payment of a bill, so that the bill is open again."),
    asks=N_("It asks to pay the bill as it says, or to call us. The bill is in the portal."),
)
PAID_AFTER_ALL_NOTICE = Notice(
    name="bill_paid_after_all",
    about=N_("It says that the payment of a bill was right after all, and that the bill is paid."),
    asks=ASKS_NOTHING,
)

BILL_DISPUTE = ProcessSpec(
    name="bill_dispute",
    title=N_("A bill whose payment was taken back by a bank"),
    customer_title=N_("A bill of yours that is open again"),
    stages=BillDisputeStage,
    endings=NoEnding,
    kinds=(ANSWER_BANK,),
    signals=(OVER,),
    notices=(REOPENED_NOTICE, PAID_AFTER_ALL_NOTICE),
    periods=PERIODS,
    opening=BillDisputeOpening,
    stopping=N_("Nothing is stopped: the payer's bank decides."),
    harmless=True,
)
