"""Autopay update, declared: its stages, work items, effects, calls, notices and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.autopay_update.facts import AutopayMoved, AutopayOpening, Inventory, Ticked, Waiting
from workflows.base.spec import (
    ASKS_NOTHING,
    N_,
    Call,
    Effect,
    ItemKind,
    MessageChannel,
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
from workflows.call_back.facts import CALL_BACK

ISSUER = "issuer"
UPDATER = "account_updater"
POST = "post"


@dataclass(frozen=True)
class AutopayPeriods(Periods):
    """The network's answers come in batches, most within two days. Reminders after 3 and 10 days (complaint 1)."""

    network_answers: timedelta = timedelta(days=5)
    customer_moves_the_rest: timedelta = timedelta(days=14)
    grace_after_a_debit: timedelta = timedelta(days=14)
    hold_at_a_time: timedelta = timedelta(days=16)


PERIODS = AutopayPeriods()


class AutopayStage(Stage):
    INVENTORY = "inventory", N_("Payments listed"), N_("We list your payments")
    QUERIED = "queried", N_("Network asked"), N_("We ask the card network"), True
    REST = "rest", N_("Customer moves the rest"), N_("You move the rest"), True
    CALL = "call", N_("Call-back"), N_("We call you"), True
    SUMMED_UP = "summed_up", N_("Summed up"), N_("Summed up")


LIST_REMINDER = Notice(
    name="list_reminder",
    about=N_("It is a reminder of payments that still have the old number of a card."),
    asks=N_("It asks to sign in as always, and to tick off there what was changed."),
    reminder=True,
    shows=("until",),
)
MOVE_REST = ItemKind(
    name="move_the_rest",
    title=N_("The customer moves the rest of their payments"),
    customer_title=N_("Give your new card to those who still have the old number"),
    performer=Performer.CUSTOMER,
    outcomes=Ticked,
    facts=Nothing,
    due=PERIODS.customer_moves_the_rest,
    remind=(timedelta(days=3), timedelta(days=10)),
    reminder=LIST_REMINDER,
    when_due=WhenDue.EXPIRE,
)

TAKE_INVENTORY = Call(name="take_inventory", system=ISSUER, args=Nothing, answer=Inventory)
MOVE_WALLETS = Call(name="move_wallets", system=ISSUER, args=Nothing, answer=Nothing)
SEND_BATCH = Call(name="send_batch", system=UPDATER, args=Nothing, answer=Nothing)
WRITE_TO_BILLERS = Call(name="write_to_billers", system=POST, args=Nothing, answer=Nothing)
SETTLE = Effect(name="settle_answers", args=Nothing, answer=Waiting)
LIFT_HOLDS = Effect(name="lift_holds", args=Nothing, answer=Nothing, undoes=SETTLE.name)
RENEW_HOLDS = Effect(name="renew_holds", args=Nothing, answer=Waiting)
SUM_UP = Effect(name="sum_up", args=Nothing, answer=AutopayMoved)

ALL_ANSWERED = Signal(name="all_answered", facts=Nothing)
"""The network has answered every line of the batch."""
NOTHING_LEFT = Signal(name="nothing_left", facts=Nothing)
"""No line waits for the customer any more: they, a biller or a late answer of the network ticked off the last."""
LETTERS_WAIT = Signal(name="letters_wait", facts=Nothing)
"""A biller to whom we write came to the list while it was open."""

COUNTS = ("moved", "yours", "silent", "left", "blocked", "call", "last_four")
"""And whether the new card itself is blocked or closed, whether we call a customer who stays silent, and the last four
digits of the new card."""
NOTHING_FOUND_NOTICE = Notice(
    name="nothing_found",
    about=N_("It says that no recurring payment has the old number of a card."),
    asks=N_("It asks to sign in as always and to add a payment if one is missing."),
)
STARTED_NOTICE = Notice(
    name="update_started",
    about=N_("It says that we move the recurring payments of a card to its new number."),
    asks=ASKS_NOTHING,
    shows=("until",),
)
LIST_NOTICE = Notice(
    name="list_ready",
    about=N_("It says which payments of a card its customer must move, and that the list is in the portal."),
    asks=N_("It asks to sign in as always, and to tick off there what was changed."),
    shows=("until",),
)
SUMMARY_NOTICE = Notice(
    name="summary",
    about=N_("It sums up how many payments of a card have its new number."),
    asks=N_("It asks to do nothing, or to give the new card to the companies that still have the old number."),
)
ENDED_NOTICE = Notice(
    name="update_ended",
    about=N_("It says that we no longer move the payments of a card."),
    asks=N_("It asks to look, after signing in as always, which payments have the old number."),
)
HOLD_NOTICE = Notice(
    name="please_wait",
    about=N_("It asks a company that takes payments from a card to wait, because the card has a new number."),
    asks=N_("It asks the company to cut nothing off meanwhile. It asks for no money and no number."),
    channels=(MessageChannel.MAIL, MessageChannel.LETTER),
    shows=("until", "due", "last", "last_four", "reference"),
)
"""To a biller, not to a customer: no story sends it, the rule that asks for a hold does."""

AUTOPAY_UPDATE = ProcessSpec(
    name="autopay_update",
    title=N_("Autopay update"),
    customer_title=N_("Your recurring payments"),
    stages=AutopayStage,
    endings=NoEnding,
    kinds=(MOVE_REST,),
    notices=(
        *(LIST_REMINDER, NOTHING_FOUND_NOTICE, STARTED_NOTICE, LIST_NOTICE, SUMMARY_NOTICE, ENDED_NOTICE),
        HOLD_NOTICE,
    ),
    effects=(SETTLE, LIFT_HOLDS, RENEW_HOLDS, SUM_UP),
    calls=(TAKE_INVENTORY, MOVE_WALLETS, SEND_BATCH, WRITE_TO_BILLERS),
    signals=(ALL_ANSWERED, NOTHING_LEFT, LETTERS_WAIT),
    children=(CALL_BACK,),
    periods=PERIODS,
    opening=AutopayOpening,
    closing=AutopayMoved,
    shows=COUNTS,
    stopping=N_(
        "We move no more payments to your new card. What was moved stays moved; all others have the old number."
    ),
    harmless=True,
)
