"""Admission of a merchant, declared: its stages, work items, effects, signals, notices, periods and endings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
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
from workflows.merchant_admission.facts import (
    Admission,
    Continued,
    PapersSent,
    RegisterChecked,
    Reviewed,
    SuspensionDecided,
)


@dataclass(frozen=True)
class AdmissionPeriods(Periods):
    """How long is waited. A year is 365 days."""

    company_sends_papers: timedelta = timedelta(days=30)
    register_check: timedelta = timedelta(days=3)
    decision: timedelta = timedelta(days=2)
    until_the_next_review: timedelta = timedelta(days=365)
    review: timedelta = timedelta(days=14)
    suspension_is_looked_into: timedelta = timedelta(days=1)


PERIODS = AdmissionPeriods()


class AdmissionStage(Stage):
    APPLIED = "applied", N_("Applied"), N_("You send us the papers")
    CHECKED = "checked", N_("Register checked"), N_("We check the register")
    DECIDED = "decided", N_("Decided"), N_("A second person decides")
    ADMITTED = "admitted", N_("Admitted"), N_("Customers can pay you")
    REVIEW = "review", N_("Yearly review"), N_("We look at it once a year"), True
    SUSPENDED = "suspended", N_("Suspended"), N_("Suspended while we look into it"), True


class AdmissionEnding(Ending):
    NO_PAPERS = "no_papers", Result.EXPIRED, N_("The company did not send its papers in time.")
    REFUSED = "refused", Result.REJECTED, N_("The application was refused.")
    NOT_CONTINUED = "not_continued", Result.REJECTED, N_("The admission was not continued after a review.")
    ENDED_AFTER_SUSPENSION = (
        "ended_after_suspension",
        Result.REJECTED,
        N_("The admission was ended after a suspension."),
    )


APPLICATION = Evidence(name="application", title=N_("What the company applied with, and what we have on file"))
REGISTER_CHECK = Evidence(name="register_check", title=N_("What the first person found"))
REVIEW_FOUND = Evidence(name="review_found", title=N_("What the review found"))
MERCHANT = Evidence(name="merchant", title=N_("The merchant as admitted"))
SUSPENSION = Evidence(name="suspension", title=N_("Why it is suspended"))

SEND_PAPERS = ItemKind(
    name="send_papers",
    title=N_("The company sends its register extract and agrees"),
    customer_title=N_("Send your register extract and agree to the terms"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=PapersSent,
    facts=Nothing,
    due=PERIODS.company_sends_papers,
    when_due=WhenDue.EXPIRE,
)
CHECK_REGISTER = ItemKind(
    name="check_register",
    title=N_("Check the register extract against the application"),
    performer=Performer.ROLE,
    role="support agent",
    part="merchant_checker",
    part_words=N_("You checked this merchant; another person must decide."),
    evidence=(APPLICATION,),
    outcomes=RegisterChecked,
    facts=Nothing,
    due=PERIODS.register_check,
)
DECIDE = ItemKind(
    name="decide_admission",
    title=N_("Decide on the merchant and its limits"),
    performer=Performer.ROLE,
    role="approver",
    part="merchant_approver",
    part_words=N_("You decided on this merchant; another person must check it."),
    sensitive=True,
    evidence=(APPLICATION, REGISTER_CHECK),
    outcomes=Admission,
    facts=Nothing,
    due=PERIODS.decision,
)
REVIEW = ItemKind(
    name="review_merchant",
    title=N_("Review the merchant, as every year"),
    performer=Performer.ROLE,
    role="support agent",
    part="merchant_checker",
    evidence=(MERCHANT, APPLICATION),
    outcomes=Reviewed,
    facts=Nothing,
    due=PERIODS.review,
)
DECIDE_REVIEW = ItemKind(
    name="decide_review",
    title=N_("Decide whether the merchant goes on, and with which limits"),
    performer=Performer.ROLE,
    role="approver",
    part="merchant_approver",
    sensitive=True,
    evidence=(MERCHANT, REVIEW_FOUND),
    outcomes=Continued,
    facts=Nothing,
    due=PERIODS.decision,
)
LOOK_INTO_SUSPENSION = ItemKind(
    name="look_into_suspension",
    title=N_("Look into a suspension: does the merchant go on?"),
    performer=Performer.ROLE,
    role="supervisor",
    sensitive=True,
    evidence=(SUSPENSION, MERCHANT),
    outcomes=SuspensionDecided,
    facts=Nothing,
    due=PERIODS.suspension_is_looked_into,
)

ADMIT = Effect(name="admit_merchant", args=Nothing, answer=Nothing)
END = Effect(name="end_merchant", args=Nothing, answer=Nothing, undoes=ADMIT.name)
NOTE_REVIEW = Effect(name="note_review", args=Nothing, answer=Nothing)

SUSPENDED = Signal(name="merchant_suspended", facts=Nothing)

PAPERS_NOTICE = Notice(
    name="admission_papers",
    about=N_("It says which papers an application as a merchant needs."),
    asks=N_("It asks to sign in as always, to add a register extract and to agree to the terms."),
)
PAPERS_AGAIN_NOTICE = Notice(
    name="admission_papers_again",
    about=N_("It says that we need another register extract for an application as a merchant."),
    asks=N_("It asks to sign in as always and to add another extract."),
)
ADMITTED_NOTICE = Notice(
    name="admission_admitted",
    about=N_("It says that a company was admitted as a merchant."),
    asks=N_("It asks to call us at once if the reader did not apply for that."),
    urgent=True,
)
SUSPENDED_NOTICE = Notice(
    name="admission_suspended",
    about=N_("It says that a merchant cannot take payments for now."),
    asks=N_("It asks to wait for our decision, or to call us."),
    urgent=True,
)
REINSTATED_NOTICE = Notice(
    name="admission_reinstated",
    about=N_("It says that a merchant can take payments again."),
    asks=ASKS_NOTHING,
)
LIMITS_NOTICE = Notice(
    name="admission_limits",
    about=N_("It says that the limits of a merchant were looked at, and where they stand."),
    asks=ASKS_NOTHING,
)
AGENT_INVITED_NOTICE = Notice(
    name="agent_invited",
    about=N_("It invites somebody to order payments for a company."),
    asks=N_("It asks to open our page for agents of merchants, and to type the code from the message there."),
    shows=("code", "until", "agents_page"),
    proves_address=True,
)
AGENT_ADDED_NOTICE = Notice(
    name="agent_added",
    about=N_("It says that somebody more may order payments for a company."),
    asks=N_("It asks to call us at once if the company did not want that."),
    urgent=True,
)
PAYOUT_ACCOUNT_NOTICE = Notice(
    name="payout_account_changed",
    about=N_("It says that the payments of a merchant go to another account from now on, and from when."),
    asks=N_("It asks to call us at once if the company did not want that."),
    urgent=True,
    shows=("until",),
)
PAYOUT_TERMS_NOTICE = Notice(
    name="payout_terms_changed",
    about=N_("It says that the fee or the day of the payouts of a merchant was changed."),
    asks=N_("It asks to call us if the reader does not agree."),
)
ENDED_NOTICE = Notice(
    name="admission_ended",
    about=N_("It says that a company is not a merchant of ours, and why."),
    asks=N_("It asks to call us if the reader does not agree."),
    shows=("how",),
)

MERCHANT_ADMISSION = ProcessSpec(
    name="merchant_admission",
    title=N_("Admission of a merchant"),
    customer_title=N_("Your company as a merchant"),
    stages=AdmissionStage,
    endings=AdmissionEnding,
    kinds=(SEND_PAPERS, CHECK_REGISTER, DECIDE, REVIEW, DECIDE_REVIEW, LOOK_INTO_SUSPENSION),
    effects=(ADMIT, END, NOTE_REVIEW),
    signals=(SUSPENDED,),
    notices=(
        PAPERS_NOTICE,
        PAPERS_AGAIN_NOTICE,
        ADMITTED_NOTICE,
        SUSPENDED_NOTICE,
        REINSTATED_NOTICE,
        LIMITS_NOTICE,
        AGENT_INVITED_NOTICE,
        AGENT_ADDED_NOTICE,
        PAYOUT_ACCOUNT_NOTICE,
        PAYOUT_TERMS_NOTICE,
        ENDED_NOTICE,
    ),
    periods=PERIODS,
    stopping=N_("Your company is then no merchant of ours: nobody can order a payment for it. Nothing else changes."),
    shows=("name", "why"),
)
