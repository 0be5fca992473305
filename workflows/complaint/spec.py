"""Complaint, declared: its stages, work items, effects, notices and periods. Nothing of another process stands in its
words: nothing is ever offered for sale on a complaint.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from workflows.base.spec import (
    ASKS_NOTHING,
    CUSTOMER_PHONE,
    N_,
    Effect,
    Evidence,
    Facts,
    ItemKind,
    MessageChannel,
    NoEnding,
    Nothing,
    Notice,
    Outcome,
    Performer,
    Periods,
    ProcessSpec,
    Stage,
    WhenDue,
)
from workflows.complaint.facts import (
    Again,
    Answered,
    Approved,
    ComplaintOpening,
    Decided,
    Found,
    Gather,
    Given,
    HandedOver,
    Owned,
    Reacted,
    ReactedAgain,
    Reviewed,
)

O = TypeVar("O", bound=Outcome)  # noqa: E741 - as in `base.spec`
F = TypeVar("F", bound=Facts)


@dataclass(frozen=True)
class ComplaintPeriods(Periods):
    """What the law counts in business days stands in `backoffice/complaints/clock.py`, because it needs a calendar of
    holidays. `answer` and `review` are only the longest that they come to."""

    answer: timedelta = timedelta(weeks=8)
    overdue_answer: timedelta = timedelta(days=1)
    review: timedelta = timedelta(weeks=4)
    approval: timedelta = timedelta(days=1)
    redress: timedelta = timedelta(days=14)
    reaction: timedelta = timedelta(days=30)
    file_for_the_ombudsman: timedelta = timedelta(days=5)
    the_desk_reads_a_strangers_complaint: timedelta = timedelta(hours=8)


PERIODS = ComplaintPeriods()


class ComplaintStage(Stage):
    ACKNOWLEDGED = "acknowledged", N_("Acknowledged"), N_("You have its number")
    INVESTIGATED = "investigated", N_("Owner looks into it"), N_("We look into it")
    ON_HOLD = "on_hold", N_("Holding letter sent"), N_("It takes longer"), True
    OVERDUE = "overdue", N_("Answer overdue"), N_("We are late"), True
    ANSWERED = "answered", N_("Answered"), N_("Our answer")
    REOPENED = "reopened", N_("Looked at again"), N_("Another person looks at it"), True
    ANSWERED_AGAIN = "answered_again", N_("Answered again"), N_("Our second answer"), True
    ESCALATED = "escalated", N_("Goes to the ombudsman"), N_("You go to the ombudsman"), True


@dataclass(frozen=True, kw_only=True)
class OwnersItem(ItemKind[O, F]):
    """Who owns a complaint is reminded at 50, 80 and 95 % of the time, however long it is."""

    def reminders(self, due: timedelta) -> tuple[timedelta, ...]:
        return (due * 0.5, due * 0.8, due * 0.95)


COMPLAINT = Evidence(name="complaint", title=N_("What the customer complains of"))
REDRESS = Evidence(name="redress", title=N_("What the customer is to get"))
ANSWER_GIVEN = Evidence(name="answer_given", title=N_("Our answer so far, as the customer has it"))
OWNER_WORDS = N_("You answered this complaint; another person must do this.")
REVIEWER_WORDS = N_("You looked at this complaint again; another person must do this.")

ANSWER = OwnersItem(
    name="answer_complaint",
    title=N_("Answer the complaint"),
    performer=Performer.ROLE,
    role="supervisor",
    part="owner",
    part_words=OWNER_WORDS,
    outcomes=Answered,
    facts=Found,
    due=PERIODS.answer,
    when_due=WhenDue.EXPIRE,
    evidence=(COMPLAINT, CUSTOMER_PHONE),
)
ANSWER_INDEPENDENTLY = OwnersItem(
    name="answer_independently",
    title=N_("Answer a complaint about a supervisor"),
    performer=Performer.ROLE,
    role="compliance",
    part="owner",
    part_words=OWNER_WORDS,
    outcomes=Answered,
    facts=Found,
    due=PERIODS.answer,
    when_due=WhenDue.EXPIRE,
    evidence=(COMPLAINT, CUSTOMER_PHONE),
)
ANSWER_OVERDUE = ItemKind(
    name="answer_overdue",
    title=N_("Answer a complaint that is overdue"),
    performer=Performer.ROLE,
    role="compliance",
    part="owner",
    part_words=OWNER_WORDS,
    outcomes=Decided,
    facts=Found,
    due=PERIODS.overdue_answer,
    evidence=(COMPLAINT, CUSTOMER_PHONE),
)
REVIEW = OwnersItem(
    name="review_complaint",
    title=N_("Look at the complaint again"),
    performer=Performer.ROLE,
    role="compliance",
    part="reviewer",
    part_words=REVIEWER_WORDS,
    outcomes=Reviewed,
    facts=Found,
    due=PERIODS.review,
    when_due=WhenDue.EXPIRE,
    evidence=(COMPLAINT, ANSWER_GIVEN, CUSTOMER_PHONE),
)
REVIEW_OVERDUE = ItemKind(
    name="review_overdue",
    title=N_("Look at a complaint again: overdue"),
    performer=Performer.ROLE,
    role="compliance",
    part="reviewer",
    part_words=REVIEWER_WORDS,
    outcomes=Decided,
    facts=Found,
    due=PERIODS.overdue_answer,
    evidence=(COMPLAINT, ANSWER_GIVEN, CUSTOMER_PHONE),
)
APPROVE_REDRESS = ItemKind(
    name="approve_redress",
    title=N_("Approve what the customer is to get"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    part_words=N_("You approved in this case; another person must do this."),
    sensitive=True,
    outcomes=Approved,
    facts=Nothing,
    due=PERIODS.approval,
    when_due=WhenDue.EXPIRE,
    evidence=(REDRESS, COMPLAINT),
)
GIVE_REDRESS = ItemKind(
    name="give_redress",
    title=N_("Give the customer what we promised"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Given,
    facts=Nothing,
    due=PERIODS.redress,
    evidence=(REDRESS,),
)
REACT = ItemKind(
    name="react",
    title=N_("The customer says whether the answer is enough"),
    customer_title=N_("Tell us whether our answer is enough"),
    performer=Performer.CUSTOMER,
    outcomes=Reacted,
    facts=Nothing,
    due=PERIODS.reaction,
    when_due=WhenDue.EXPIRE,
)
REACT_AGAIN = ItemKind(
    name="react_again",
    title=N_("The customer says whether the second answer is enough"),
    customer_title=N_("Tell us whether our second answer is enough"),
    performer=Performer.CUSTOMER,
    outcomes=ReactedAgain,
    facts=Nothing,
    due=PERIODS.reaction,
    when_due=WhenDue.EXPIRE,
)
REACT_NOTED = ItemKind(
    name="note_reaction",
    title=N_("Note what the customer says to the answer, by letter or on the telephone"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Reacted,
    facts=Nothing,
    due=PERIODS.reaction,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
REACT_AGAIN_NOTED = ItemKind(
    name="note_second_reaction",
    title=N_("Note what the customer says to the second answer, by letter or on the telephone"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=ReactedAgain,
    facts=Nothing,
    due=PERIODS.reaction,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
PREPARE_FILE = ItemKind(
    name="prepare_file",
    title=N_("Prepare the file for the ombudsman"),
    performer=Performer.ROLE,
    role="compliance",
    outcomes=HandedOver,
    facts=Nothing,
    due=PERIODS.file_for_the_ombudsman,
    evidence=(COMPLAINT, ANSWER_GIVEN),
)

GATHER = Effect(name="gather_evidence", args=Gather, answer=Nothing)
ASSIGN = Effect(name="assign_owner", args=Nothing, answer=Owned)
PROMISE = Effect(name="promise_redress", args=Nothing, answer=Nothing)
ALARM = Effect(name="alarm_overdue", args=Nothing, answer=Nothing)
REOPEN = Effect(name="reopen", args=Nothing, answer=Again)

MAIL = (MessageChannel.MAIL,)
PAPER = (MessageChannel.LETTER,)
LETTER = (MessageChannel.LETTER, MessageChannel.MAIL)
RINGING = (MessageChannel.MAIL, MessageChannel.SMS)
_RECEIVED = N_("It says that we have a complaint of the reader, and by when we answer it.")
_HOLDING = N_("It says why our answer to a complaint takes longer, and by when it comes.")
_ANSWERED = N_("It says that we have answered a complaint, and to whom outside the reader can go.")
RECEIVED_NOTICE = Notice(name="received", about=_RECEIVED, channels=MAIL, urgent=True, shows=("until",))
RECEIVED_CALLER = Notice(name="received_caller", about=_RECEIVED, channels=RINGING, urgent=True, shows=("until",))
RECEIVED_LETTER = Notice(name="received_letter", about=_RECEIVED, channels=LETTER, urgent=True, shows=("until",))
HOLDING_NOTICE = Notice(name="holding", about=_HOLDING, channels=MAIL, shows=("until",))
HOLDING_LETTER = Notice(name="holding_letter", about=_HOLDING, channels=PAPER, shows=("until", "said"))
OVERDUE_NOTICE = Notice(
    name="overdue",
    about=N_("It says that we are late with our answer to a complaint, and to whom outside the reader can go."),
    channels=LETTER,
)
SUMMARY_NOTICE = Notice(name="summary", about=_ANSWERED, channels=MAIL, shows=("verdict",))
FINAL_NOTICE = Notice(name="final", about=_ANSWERED, channels=MAIL, shows=("verdict",))
FINAL_LETTER = Notice(name="final_letter", about=_ANSWERED, channels=PAPER, shows=("verdict", "said", "last"))
REOPENED_NOTICE = Notice(
    name="reopened",
    about=N_("It says that another person looks at a complaint again, and by when they answer."),
    asks=ASKS_NOTHING,
    channels=LETTER,
    shows=("until",),
)
GIVEN_NOTICE = Notice(
    name="redress_given",
    about=N_("It says that we have done what we promised after a complaint."),
    asks=N_("It asks to call us if that is not so."),
    channels=LETTER,
)

COMPLAINT_PROCESS = ProcessSpec(
    name="complaint",
    title=N_("Complaint"),
    customer_title=N_("Your complaint"),
    stages=ComplaintStage,
    endings=NoEnding,
    kinds=(
        ANSWER,
        ANSWER_INDEPENDENTLY,
        ANSWER_OVERDUE,
        APPROVE_REDRESS,
        GIVE_REDRESS,
        REACT,
        REVIEW,
        REVIEW_OVERDUE,
        REACT_AGAIN,
        REACT_NOTED,
        REACT_AGAIN_NOTED,
        PREPARE_FILE,
    ),
    effects=(GATHER, ASSIGN, PROMISE, ALARM, REOPEN),
    notices=(
        RECEIVED_NOTICE,
        RECEIVED_CALLER,
        RECEIVED_LETTER,
        HOLDING_NOTICE,
        HOLDING_LETTER,
        OVERDUE_NOTICE,
        SUMMARY_NOTICE,
        FINAL_NOTICE,
        FINAL_LETTER,
        REOPENED_NOTICE,
        GIVEN_NOTICE,
    ),
    periods=PERIODS,
    opening=ComplaintOpening,
    shows=("ombudsman", "ombudsman_site", "ombudsman_free"),
    stopping=N_("You take your complaint back. We stop looking into it, and you get no answer."),
    harmless=True,
)
