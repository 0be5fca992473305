"""Payment by telephone, declared: its stages, work items, effects, calls, signals, notices, periods and endings."""

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
from workflows.call_back.facts import CALL_BACK
from workflows.voice_payment.facts import (
    BankSaid,
    Begun,
    Commanded,
    Delivered,
    DocumentChecked,
    DocumentSent,
    Identity,
    PaidOut,
    PaymentOpening,
    PayoutFound,
    Prepared,
    Reported,
    RiskFound,
    Saying,
    Told,
)

TRIES = 2
"""How often the customer is rung."""
ASKED_AGAIN = 2
"""How often all is asked for once more in one call, where the provider was away or the card was another one."""
READINGS = 6
"""How often it is read out at most, for a customer who wants to hear it again, and after changes of the order."""


@dataclass(frozen=True)
class VoicePaymentPeriods(Periods):
    """How long is waited. The gateway itself gives up after 45 s of ringing, and after 60 s an item, three tries each;
    the waits of a call here are longer, for the case that it does not say so."""

    customer_confirms: timedelta = timedelta(days=1)
    customer_sends_document: timedelta = timedelta(days=3)
    document_check: timedelta = timedelta(hours=8)
    ringing: timedelta = timedelta(seconds=90)
    agent_comes: timedelta = timedelta(seconds=25)
    talk_before_paying: timedelta = timedelta(minutes=30)
    reading: timedelta = timedelta(minutes=4)
    keying: timedelta = timedelta(minutes=12)
    last_words: timedelta = timedelta(seconds=40)
    bank_answers_in_the_call: timedelta = timedelta(seconds=20)
    before_ringing_again: timedelta = timedelta(seconds=20)
    delivery: timedelta = timedelta(days=14)
    delivery_is_looked_into: timedelta = timedelta(days=3)


PERIODS = VoicePaymentPeriods()


class PaymentStage(Stage):
    ORDERED = "ordered", N_("Ordered"), N_("The shop ordered the payment")
    STEP_UP = "step_up", N_("Customer is asked first"), N_("We ask you before we ring"), True
    CALLING = "calling", N_("Ringing"), N_("We ring your telephone")
    LINKED = "linked", N_("Read out"), N_("A voice reads out who gets how much")
    CAPTURING = "capturing", N_("Keying in"), N_("You answer by the keys")
    ASKING_BANK = "asking_bank", N_("Bank is asked"), N_("Your bank is asked"), True
    AUTHORISED = "authorised", N_("Authorised"), "", True
    PAID = "paid", N_("Paid"), N_("Paid")
    DELIVERED = "delivered", N_("Delivery told"), N_("The shop delivers")
    REFUND = "refund", N_("Refunded"), N_("You get it back"), True
    PAYOUT = "payout", N_("Payout waits"), "", True
    SETTLED = "settled", N_("Paid out to the merchant"), "", True


class PaymentEnding(Ending):
    DENIED = "denied", Result.REJECTED, N_("The risk rules did not let it through.")
    NOT_THEIRS = "not_theirs", Result.REJECTED, N_("The customer says that they ordered nothing.")
    NOT_CONFIRMED = "not_confirmed", Result.EXPIRED, N_("The customer did not confirm the order in time.")
    NO_DOCUMENT = "no_document", Result.EXPIRED, N_("The document did not come, or was not the customer's.")
    NOT_REACHED = "not_reached", Result.EXPIRED, N_("The customer was not reached.")
    NOT_NOW = "not_now", Result.EXPIRED, N_("We may not ring the customer now.")
    STOPPED = "stopped", Result.REJECTED, N_("The customer stopped the payment.")
    HUNG_UP = "hung_up", Result.REJECTED, N_("The customer hung up before paying.")
    NOTHING_KEYED = "nothing_keyed", Result.EXPIRED, N_("Nothing usable was keyed in.")
    OTHER_CARD = "other_card", Result.REJECTED, N_("Another card was keyed in than the one in the order.")
    NOT_TAKEN = "not_taken", Result.FAILED, N_("The payment provider was away.")
    LINE_LOST = "line_lost", Result.FAILED, N_("The line was lost twice.")
    DECLINED = "declined", Result.REJECTED, N_("The card's bank declined.")
    CALLED_OFF = "called_off", Result.WITHDRAWN, N_("The shop called the order off.")


ORDER = Evidence(name="order", title=N_("The order"))
RISK = Evidence(name="risk", title=N_("What the risk rules said"))

CONFIRM_ORDER = ItemKind(
    name="confirm_order",
    title=N_("The customer confirms that the order is theirs"),
    customer_title=N_("Did you order this? Confirm it, or say no"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Identity,
    facts=Nothing,
    due=PERIODS.customer_confirms,
    remind=(),
    when_due=WhenDue.EXPIRE,
)
SEND_DOCUMENT = ItemKind(
    name="send_document",
    title=N_("The customer sends a scanned identity document"),
    customer_title=N_("Send a scan of your identity document"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=DocumentSent,
    facts=Nothing,
    due=PERIODS.customer_sends_document,
    when_due=WhenDue.EXPIRE,
)
CHECK_DOCUMENT = ItemKind(
    name="check_document",
    title=N_("Check a customer's identity document before a large payment"),
    performer=Performer.ROLE,
    role="support agent",
    evidence=(ORDER, RISK),
    outcomes=DocumentChecked,
    facts=Nothing,
    due=PERIODS.document_check,
)
ASK_ABOUT_DELIVERY = ItemKind(
    name="ask_about_delivery",
    title=N_("Find out whether a paid order was delivered"),
    performer=Performer.ROLE,
    role="support agent",
    evidence=(ORDER,),
    outcomes=Delivered,
    facts=Nothing,
    due=PERIODS.delivery_is_looked_into,
)

ASSESS = Effect(name="assess_payment", args=Nothing, answer=RiskFound)
PREPARE = Effect(name="prepare_voice_call", args=Nothing, answer=Prepared)
BEGIN = Effect(name="begin_authorising", args=Nothing, answer=Begun)
NOTE_DELIVERY = Effect(name="note_delivery", args=Reported, answer=Nothing)
LOOK_AT_PAYOUT = Effect(name="look_at_payout", args=Nothing, answer=PayoutFound)

RING = Call(name="ring_customer", system="voice", args=Nothing, answer=Commanded)
HANG_UP = Call(name="hang_up_voice", system="voice", args=Nothing, answer=Nothing, undoes=RING.name)
READ_OUT = Call(name="read_out", system="voice", args=Nothing, answer=Commanded)
RING_AGENT = Call(name="ring_agent", system="voice", args=Nothing, answer=Commanded)
TAKE_KEYS = Call(name="take_keys", system="voice", args=Nothing, answer=Commanded)
SAY = Call(name="say_verdict", system="voice", args=Saying, answer=Commanded)
AUTHORISE = Call(name="authorise_payment", system="payments", args=Nothing, answer=BankSaid)
ASK_BANK_AGAIN = Call(name="ask_bank_again", system="payments", args=Nothing, answer=BankSaid)
RELEASE = Call(name="release_payment", system="payments", args=Nothing, answer=Nothing, undoes=AUTHORISE.name)
CAPTURE = Call(name="capture_payment", system="payments", args=Nothing, answer=Nothing)
REFUND = Call(name="refund_payment", system="payments", args=Nothing, answer=Nothing)
NOTE_FEE = Call(name="note_provider_fee", system="payments", args=Nothing, answer=Nothing)
PAY_OUT = Call(name="pay_out", system="payments", args=Nothing, answer=PaidOut)

TOLD = Signal(name="voice_told", facts=Told)
DELIVERY = Signal(name="delivery_reported", facts=Reported)
PAYOUT_CHANGED = Signal(name="payout_changed", facts=Nothing)

CONFIRM_NOTICE = Notice(
    name="payment_confirm_order",
    about=N_("It says that a shop ordered a payment by telephone, and that we ask before we ring."),
    asks=N_("It asks to sign in as always, and to confirm the order there or to say that it is none."),
    urgent=True,
)
DOCUMENT_NOTICE = Notice(
    name="payment_document",
    about=N_("It says that we need a scan of an identity document before a payment by telephone."),
    asks=N_("It asks to sign in as always and to add the scan there, never by reply."),
    urgent=True,
)
RECEIPT_NOTICE = Notice(
    name="payment_receipt",
    about=N_("It is the receipt of a payment by telephone."),
    asks=N_("It asks to sign in as always and to dispute the payment there if it is not the reader's."),
    urgent=True,
)
UNKNOWN_NOTICE = Notice(
    name="payment_unknown",
    about=N_("It says that we do not know yet whether a payment by telephone was taken, and that it is taken once."),
    asks=ASKS_NOTHING,
    urgent=True,
)
REFUND_NOTICE = Notice(
    name="payment_refunded",
    about=N_("It says that a payment by telephone was given back, and why."),
    asks=ASKS_NOTHING,
)
ENDED_NOTICE = Notice(
    name="payment_not_made",
    about=N_("It says that nothing was paid by telephone, and why."),
    asks=N_("It asks to call us if the reader ordered nothing."),
    shows=("how",),
)

VOICE_PAYMENT = ProcessSpec(
    name="voice_payment",
    title=N_("Payment by telephone"),
    customer_title=N_("A payment by telephone"),
    stages=PaymentStage,
    endings=PaymentEnding,
    kinds=(CONFIRM_ORDER, SEND_DOCUMENT, CHECK_DOCUMENT, ASK_ABOUT_DELIVERY),
    effects=(ASSESS, PREPARE, BEGIN, NOTE_DELIVERY, LOOK_AT_PAYOUT),
    calls=(
        *(RING, HANG_UP, READ_OUT, RING_AGENT, TAKE_KEYS, SAY),
        *(AUTHORISE, ASK_BANK_AGAIN, RELEASE, CAPTURE, REFUND),
        *(NOTE_FEE, PAY_OUT),
    ),
    signals=(TOLD, DELIVERY, PAYOUT_CHANGED),
    notices=(CONFIRM_NOTICE, DOCUMENT_NOTICE, RECEIPT_NOTICE, UNKNOWN_NOTICE, REFUND_NOTICE, ENDED_NOTICE),
    periods=PERIODS,
    children=(CALL_BACK,),
    opening=PaymentOpening,
    shows=("payee", "amount", "what_for", "card", "day", "why"),
    stopping=N_("Nothing is paid. If we are ringing you, we hang up."),
)
