"""A merchant's answer to a claim, declared: its stages, work item, signals, notices and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    ItemKind,
    NoEnding,
    Nothing,
    Notice,
    Performer,
    Periods,
    ProcessSpec,
    Signal,
    Stage,
    WhenDue,
)
from workflows.claim_answer.facts import AnswerOpening, DecidedSo, Sent


@dataclass(frozen=True)
class AnswerPeriods(Periods):
    """`evidence` is only the longest that seven business days come to (`backoffice/payments/claim_answers`)."""

    evidence: timedelta = timedelta(days=21)
    until_the_money_is_taken: timedelta = timedelta(days=180)


PERIODS = AnswerPeriods()


class AnswerStage(Stage):
    ASKED = "asked", N_("Merchant asked"), N_("You can send evidence")
    WAITING = "waiting", N_("Claim not decided yet"), N_("We look into it")
    DECIDED = "decided", N_("Claim decided"), N_("Decided")


SEND_EVIDENCE = ItemKind(
    name="send_evidence",
    title=N_("The merchant says what happened, and sends evidence"),
    customer_title=N_("Say what happened, and send evidence"),
    press=N_("Send evidence"),
    performer=Performer.CUSTOMER,
    outcomes=Sent,
    facts=Nothing,
    due=PERIODS.evidence,
    when_due=WhenDue.EXPIRE,
)

DECIDED = Signal(name="claim_decided", facts=DecidedSo)
TAKEN = Signal(name="money_taken", facts=Nothing)

OPENED_NOTICE = Notice(
    name="merchant_claim_opened",
    about=N_("It says that a customer disputes a payment to the reader's company, and by when evidence counts."),
    asks=N_("It asks to sign in as always, and to say what happened or to send evidence."),
    shows=("until",),
)
DECIDED_NOTICE = Notice(
    name="merchant_claim_decided",
    about=N_("It says how we decided about a payment to the reader's company that its customer disputed."),
    asks=N_("It asks to call us if the reader does not agree."),
    shows=("how",),
)
TAKEN_NOTICE = Notice(
    name="merchant_claim_taken",
    about=N_("It says that a disputed payment was taken from what we owe to the reader's company."),
    asks=ASKS_NOTHING,
)

CLAIM_ANSWER = ProcessSpec(
    name="claim_answer",
    title=N_("A merchant's answer to a claim"),
    customer_title=N_("A payment to you that a customer disputes"),
    stages=AnswerStage,
    endings=NoEnding,
    kinds=(SEND_EVIDENCE,),
    signals=(DECIDED, TAKEN),
    notices=(OPENED_NOTICE, DECIDED_NOTICE, TAKEN_NOTICE),
    periods=PERIODS,
    opening=AnswerOpening,
    stopping=N_(
        "Nothing is stopped: your customer asked us to look into it, and we decide with or without your answer."
    ),
    shows=("order", "amount", "day", "paid_out"),
    harmless=True,
)
