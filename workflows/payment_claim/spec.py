"""Claim about a payment, declared: its stages, work items, effects, calls, signals, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    Call,
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
from workflows.payment_claim.facts import (
    TEN_DAYS,
    Announce,
    ClaimOpening,
    CreditDecided,
    Decided,
    Found,
    Investigated,
    Objected,
    PaidBack,
    Reviewed,
)


@dataclass(frozen=True)
class ClaimPeriods(Periods):
    """What is counted in business days stands in `backoffice/payments/claims/dates.py`, because it needs a calendar of
    holidays. `credit_decision` and `investigation` are only the longest that they come to."""

    credit_decision: timedelta = timedelta(days=5)
    investigation: timedelta = timedelta(weeks=8)
    notice_of_a_reversal: timedelta = timedelta(seconds=TEN_DAYS)
    review_of_an_answer: timedelta = timedelta(days=5)
    until_the_provider_is_asked_again: timedelta = timedelta(days=7)


PERIODS = ClaimPeriods()


class ClaimStage(Stage):
    RECEIVED = "received", N_("Claim received"), N_("You told us")
    CREDITED = "credited", N_("Credited for now"), N_("You have the money for now"), True
    INVESTIGATED = "investigated", N_("Looked into"), N_("We look into it")
    ON_HOLD = "on_hold", N_("Holding letter sent"), N_("It takes longer"), True
    OVERDUE = "overdue", N_("Decision overdue"), N_("We are late"), True
    ANNOUNCED = "announced", N_("Reversal announced"), N_("You can answer us"), True
    REVIEWED = "reviewed", N_("The answer is looked at"), N_("Another person looks at it"), True
    SETTLED = "settled", N_("Settled"), N_("Decided")
    AT_THE_BANK = "at_the_bank", N_("The bank decides first"), N_("Your bank decides first"), True


class ClaimEnding(Ending):
    REVERSED = "reversed", Result.REJECTED, N_("The payment was right, and the credit was taken back.")
    REFUSED = "refused", Result.REJECTED, N_("The payment was right, and no credit had been given.")


CLAIM = Evidence(name="claim", title=N_("What the customer says"))
PAYMENT = Evidence(name="payment", title=N_("What was paid, and what the merchant says of it"))
READINGS = Evidence(name="readings", title=N_("What was read out, and what the customer agreed to"))
CLEAN_LEGS = Evidence(name="clean_legs", title=N_("What the agent's telephone was sent while the customer keyed in"))
MERCHANT_SAYS = Evidence(name="merchant_says", title=N_("What the merchant says"))
EARLIER = Evidence(name="earlier", title=N_("Other claims of this customer"))
DECISION = Evidence(name="decision", title=N_("What was decided first, and what the customer answers"))

_WORDS = N_("You took another part in this claim; a third person must do this.")

APPROVE_CREDIT = ItemKind(
    name="approve_credit",
    title=N_("Decide on a credit above the cap"),
    performer=Performer.ROLE,
    role="approver",
    part="credit_approver",
    part_words=_WORDS,
    sensitive=True,
    evidence=(CLAIM, PAYMENT, EARLIER),
    outcomes=CreditDecided,
    facts=Nothing,
    due=PERIODS.credit_decision,
)
INVESTIGATE = ItemKind(
    name="investigate",
    title=N_("Look into a claim, and decide"),
    performer=Performer.ROLE,
    role="supervisor",
    part="claim_decider",
    part_words=_WORDS,
    sensitive=True,
    evidence=(CLAIM, PAYMENT, MERCHANT_SAYS, READINGS, CLEAN_LEGS, EARLIER),
    outcomes=Investigated,
    facts=Found,
    due=PERIODS.investigation,
    when_due=WhenDue.EXPIRE,
)
DECIDE_OVERDUE = ItemKind(
    name="decide_overdue",
    title=N_("Decide on a claim that is overdue"),
    performer=Performer.ROLE,
    role="compliance",
    part="claim_decider",
    part_words=_WORDS,
    sensitive=True,
    evidence=(CLAIM, PAYMENT, MERCHANT_SAYS, READINGS, CLEAN_LEGS, EARLIER),
    outcomes=Decided,
    facts=Nothing,
    due=PERIODS.investigation,
    when_due=WhenDue.EXPIRE,
)
ANSWER_REVERSAL = ItemKind(
    name="answer_reversal",
    title=N_("The customer answers before the credit is taken back"),
    customer_title=N_("Answer us, if you do not agree"),
    press=N_("Write your answer"),
    performer=Performer.CUSTOMER,
    outcomes=Objected,
    facts=Nothing,
    due=PERIODS.notice_of_a_reversal,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
REVIEW = ItemKind(
    name="review_claim",
    title=N_("Look at the claim again: the customer has answered"),
    performer=Performer.ROLE,
    role="compliance",
    part="claim_reviewer",
    part_words=_WORDS,
    sensitive=True,
    evidence=(DECISION, CLAIM, PAYMENT, MERCHANT_SAYS, READINGS, CLEAN_LEGS, EARLIER),
    outcomes=Reviewed,
    facts=Nothing,
    due=PERIODS.review_of_an_answer,
)

CREDIT = Effect(name="credit", args=Nothing, answer=Nothing)
TAKE_BACK = Effect(name="take_credit_back", args=Nothing, answer=Nothing, undoes=CREDIT.name)
ANNOUNCE = Effect(name="announce_reversal", args=Announce, answer=Nothing)
LET_KEEP = Effect(name="let_keep", args=Nothing, answer=Nothing)
KEEP = Effect(name="keep_on_balance", args=Nothing, answer=Nothing)
ALARM = Effect(name="alarm_overdue", args=Nothing, answer=Nothing)

PAYMENTS = "payments"
PAY_BACK = Call(name="pay_back", system=PAYMENTS, args=Nothing, answer=PaidBack)

WENT_BACK = Signal(name="money_went_back", facts=Nothing)
BANK_DECIDED = Signal(name="bank_decided", facts=Nothing)

RECEIVED_NOTICE = Notice(
    name="claim_received",
    about=N_("It says that we look into a payment that the reader disputes, and by when they hear from us."),
    asks=N_("It asks to call us at once if the reader disputes no payment."),
    urgent=True,
    shows=("until",),
)
FROM_BANK_NOTICE = Notice(
    name="claim_from_bank",
    about=N_("It says that the reader's bank told us of a payment that they dispute there, and what we do."),
    asks=N_("It asks to call us at once if the reader disputes no payment."),
    urgent=True,
    shows=("until",),
)
CREDITED_NOTICE = Notice(
    name="claim_credited",
    about=N_("It says that the reader has the money of a disputed payment for now, and by when we decide."),
    asks=ASKS_NOTHING,
    urgent=True,
    shows=("until",),
)
NOT_CREDITED_NOTICE = Notice(
    name="claim_not_credited",
    about=N_("It says that we look into a disputed payment before we give the money, and by when we decide."),
    asks=ASKS_NOTHING,
    shows=("until",),
)
HOLDING_NOTICE = Notice(
    name="claim_holding",
    about=N_("It says that our decision about a disputed payment takes longer, and by when it comes."),
    shows=("until",),
)
OVERDUE_NOTICE = Notice(
    name="claim_overdue",
    about=N_("It says that we are late with our decision about a disputed payment, and what follows from that."),
    asks=ASKS_NOTHING,
    shows=("until",),
)
REVERSAL_NOTICE = Notice(
    name="claim_reversal",
    about=N_("It says that we will take a credit back, on which day, and how to answer before."),
    asks=N_("It asks to sign in as always, to read why, and to answer if the reader does not agree."),
    urgent=True,
    shows=("until",),
)
REVIEWED_NOTICE = Notice(
    name="claim_reviewed",
    about=N_("It says that another person read the reader's answer about a disputed payment, and how they decided."),
    asks=N_("It asks to sign in as always and to read why."),
    shows=("until",),
)
KEPT_NOTICE = Notice(
    name="claim_kept",
    about=N_("It says that the reader keeps the money of a disputed payment, and where it is."),
    asks=ASKS_NOTHING,
    shows=("to",),
)
REVERSED_NOTICE = Notice(
    name="claim_reversed",
    about=N_("It says how we decided about a disputed payment."),
    asks=N_("It asks to sign in as always and to read why."),
    shows=("how",),
)
WENT_BACK_NOTICE = Notice(
    name="claim_went_back",
    about=N_("It says that the money of a disputed payment went back to the reader's card."),
    asks=ASKS_NOTHING,
)

PAYMENT_CLAIM = ProcessSpec(
    name="payment_claim",
    title=N_("Claim about a payment"),
    customer_title=N_("A payment that you dispute"),
    stages=ClaimStage,
    endings=ClaimEnding,
    kinds=(APPROVE_CREDIT, INVESTIGATE, DECIDE_OVERDUE, ANSWER_REVERSAL, REVIEW),
    effects=(CREDIT, TAKE_BACK, ANNOUNCE, LET_KEEP, KEEP, ALARM),
    calls=(PAY_BACK,),
    signals=(WENT_BACK, BANK_DECIDED),
    notices=(
        *(RECEIVED_NOTICE, FROM_BANK_NOTICE, CREDITED_NOTICE, NOT_CREDITED_NOTICE, HOLDING_NOTICE, OVERDUE_NOTICE),
        *(REVERSAL_NOTICE, REVIEWED_NOTICE, KEPT_NOTICE, REVERSED_NOTICE, WENT_BACK_NOTICE),
    ),
    periods=PERIODS,
    opening=ClaimOpening,
    stopping=N_("You do not dispute the payment any more. We take back what we gave you for now."),
    shows=("credited", "detected", "ahead"),
    harmless=True,
)
