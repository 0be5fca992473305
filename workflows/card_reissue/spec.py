"""Card reissue, declared: its stages, work items, effects, calls, notices, periods and endings."""

from __future__ import annotations

from datetime import timedelta

from workflows.base.spec import (
    ASKS_NOTHING,
    CUSTOMER_PHONE,
    N_,
    Call,
    Child,
    Effect,
    Ending,
    Evidence,
    ItemKind,
    MessageChannel,
    Nothing,
    Notice,
    Performer,
    ProcessSpec,
    Result,
    Signal,
    Stage,
    WhenDue,
)
from workflows.call_back.facts import CALL_BACK
from workflows.card_reissue.facts import (
    AUTOPAY_UPDATE,
    Activated,
    Answers,
    Approved,
    Called,
    CalledAboutSecret,
    CodeEntered,
    CodePosted,
    Collected,
    Corrected,
    Identified,
    LetterCame,
    LetterExpected,
    OfPosting,
    Proven,
    ReissueOpening,
    RiskAssessed,
    Surveyed,
    Visited,
)
from workflows.card_reissue.periods import PERIODS

ISSUER = "issuer"


class CardStage(Stage):
    BLOCKED = "blocked", N_("Card blocked"), N_("Card blocked"), True
    TOLD = "told", N_("Customer told"), N_("You were told")
    SURVEY = "survey", N_("Survey"), N_("Your answers")
    CHECKED = "checked", N_("Risk assessed"), N_("We check them")
    VISIT = "visit", N_("Identity visit"), N_("We visit you"), True
    APPROVAL = "approval", N_("Approval"), N_("A second person checks"), True
    ORDERED = "ordered", N_("Ordered"), N_("New card ordered")
    SHIPPED = "shipped", N_("Shipped"), N_("New card by post")
    ACTIVATION = "activation", N_("Activation"), N_("You activate it")
    OLD_CLOSED = "old_closed", N_("Old card closed"), N_("Old card closed")


class ReissueEnding(Ending):
    NO_ANSWER = "no_answer", Result.EXPIRED, N_("The customer did not answer.")
    ADDRESS_UNKNOWN = "address_unknown", Result.REJECTED, N_("The right address is not known.")
    IDENTITY_NOT_SHOWN = "identity_not_shown", Result.REJECTED, N_("The customer's identity was not shown.")
    CODE_NOT_ENTERED = "code_not_entered", Result.EXPIRED, N_("The code from the letter was not entered.")
    NOT_APPROVED = "not_approved", Result.REJECTED, N_("The reissue was not approved.")
    NOT_COLLECTED = "not_collected", Result.EXPIRED, N_("The card was not collected at the branch.")
    NOT_ACTIVATED = "not_activated", Result.EXPIRED, N_("The card was not activated in time.")


# --- work items ------------------------------------------------------------

PROVE_REMINDER = Notice(
    name="prove_reminder",
    about=N_("It is a reminder that a case waits for its customer."),
    asks=N_("It asks to sign in as always and to confirm, in the case, who is there."),
    reminder=True,
    shows=("until",),
)
SURVEY_REMINDER = Notice(
    name="survey_reminder",
    about=N_("It is a reminder of the questions about a card."),
    asks=N_("It asks to sign in as always and to answer the questions there, never by reply."),
    reminder=True,
    shows=("until",),
)
ACTIVATION_REMINDER = Notice(
    name="activation_reminder",
    about=N_("It is a reminder that a new card waits to be activated."),
    asks=N_("It asks to sign in as always and to activate the card there."),
    reminder=True,
    shows=("until",),
)

RISK = Evidence(name="risk", title=N_("Why it is risky"))
SURVEY_ANSWERS = Evidence(name="survey", title=N_("What the customer answered"))
SECRET_CALL = Evidence(name="secret_call", title=N_("What came of the call about a secret that the customer told"))

PROVE = ItemKind(
    name="prove_identity",
    title=N_("The customer confirms who they are"),
    customer_title=N_("Confirm that it is you"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Proven,
    facts=Nothing,
    due=PERIODS.customer_answers,
    remind=(timedelta(hours=24), timedelta(hours=72)),
    when_due=WhenDue.EXPIRE,
    reminder=PROVE_REMINDER,
)
SURVEY = ItemKind(
    name="email_survey",
    title=N_("The customer fills in the survey"),
    customer_title=N_("Answer a few questions about your card"),
    performer=Performer.CUSTOMER,
    outcomes=Surveyed,
    facts=Answers,
    due=PERIODS.customer_answers,
    remind=(timedelta(hours=24), timedelta(hours=72)),
    when_due=WhenDue.EXPIRE,
    reminder=SURVEY_REMINDER,
)
CALL = ItemKind(
    name="call_customer",
    title=N_("Call the customer, who has not answered"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Called,
    facts=Nothing,
    due=PERIODS.staff_call,
    evidence=(CUSTOMER_PHONE,),
)
CALL_ABOUT_SECRET = ItemKind(
    name="call_about_secret",
    title=N_("Call the customer now: they told somebody a secret"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=CalledAboutSecret,
    facts=Nothing,
    due=PERIODS.call_about_secret,
    while_frozen=True,
    evidence=(SURVEY_ANSWERS, CUSTOMER_PHONE),
)
CORRECT_ADDRESS = ItemKind(
    name="correct_address",
    title=N_("Correct the address with the customer"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Corrected,
    facts=Nothing,
    due=PERIODS.address_corrected,
    evidence=(SURVEY_ANSWERS, CUSTOMER_PHONE),
)
IDENTIFY_AT_BRANCH = ItemKind(
    name="identify_at_branch",
    title=N_("Identify the customer at the branch"),
    performer=Performer.ROLE,
    role="support agent",
    part="identifier",
    part_words=N_("You identified the customer in this case; another person must do this."),
    outcomes=Identified,
    facts=Nothing,
    due=PERIODS.identified_at_the_branch,
)
IDENTIFY_REMOTELY = ItemKind(
    name="identify_remotely",
    title=N_("Identify the customer by video"),
    performer=Performer.ROLE,
    role="support agent",
    part="identifier",
    part_words=N_("You identified the customer in this case; another person must do this."),
    outcomes=Identified,
    facts=Nothing,
    due=PERIODS.identified_remotely,
)
POSTED_CODE = ItemKind(
    name="enter_posted_code",
    title=N_("The customer enters the code from our letter"),
    customer_title=N_("Enter the code from our letter"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=CodeEntered,
    facts=Nothing,
    due=PERIODS.code_by_post,
    when_due=WhenDue.EXPIRE,
)
APPROVE = ItemKind(
    name="approve_reissue",
    title=N_("Approve the reissue"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    part_words=N_("You approved in this case; another person must do this."),
    sensitive=True,
    outcomes=Approved,
    facts=Nothing,
    due=PERIODS.approval,
    evidence=(RISK, SURVEY_ANSWERS, SECRET_CALL),
)
ACTIVATE_EARLY = ItemKind(
    name="activate_early",
    title=N_("The customer may activate the new card as soon as it has come"),
    customer_title=N_("Activate your new card as soon as you hold it"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Activated,
    facts=Nothing,
    due=PERIODS.activation,
    when_due=WhenDue.EXPIRE,
)
LETTER_CAME = ItemKind(
    name="letter_came",
    title=N_("The customer says whether the new card has come"),
    customer_title=N_("Tell us whether your new card has come"),
    performer=Performer.CUSTOMER,
    outcomes=LetterCame,
    facts=Nothing,
    due=PERIODS.letter_came,
    when_due=WhenDue.EXPIRE,
)
COLLECT = ItemKind(
    name="hand_over_at_branch",
    title=N_("Hand the card over at the branch"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=Collected,
    facts=Nothing,
    due=PERIODS.collected_at_the_branch,
)
ACTIVATE = ItemKind(
    name="activate_card",
    title=N_("The customer activates the new card"),
    customer_title=N_("Activate your new card"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=Activated,
    facts=Nothing,
    due=PERIODS.activation,
    when_due=WhenDue.EXPIRE,
    reminder=ACTIVATION_REMINDER,
)

# --- what it does, asks of the issuer, and waits for ------------------------------------------------------------------

ASSESS_RISK = Effect(name="assess_risk", args=Nothing, answer=RiskAssessed)
PAUSE = Effect(name="pause", args=Nothing, answer=Nothing)
POST_CODE = Effect(name="post_code", args=Nothing, answer=CodePosted)

BLOCK_CARD = Call(name="block_card", system=ISSUER, args=Nothing, answer=Nothing)
UNBLOCK_CARD = Call(name="unblock_card", system=ISSUER, args=Nothing, answer=Nothing, undoes="block_card")
ORDER_CARD = Call(name="order_card", system=ISSUER, args=Nothing, answer=LetterExpected)
RESHIP_CARD = Call(name="reship_card", system=ISSUER, args=Nothing, answer=LetterExpected)
SEND_TO_BRANCH = Call(name="send_to_branch", system=ISSUER, args=Nothing, answer=Nothing)
CANCEL_NEW_CARD = Call(name="cancel_new_card", system=ISSUER, args=Nothing, answer=Nothing)
ACTIVATE_CARD = Call(name="activate_card", system=ISSUER, args=Nothing, answer=Nothing)
CLOSE_CARD = Call(name="close_card", system=ISSUER, args=Nothing, answer=Nothing)

CARD_SHIPPED = Signal(name="card_shipped", facts=OfPosting)
CARD_DELIVERED = Signal(name="card_delivered", facts=OfPosting)
CARD_RETURNED = Signal(name="card_returned", facts=OfPosting)
CARD_LOST = Signal(name="card_lost", facts=OfPosting)
CARD_IN_HAND = Signal(name="card_in_hand", facts=OfPosting)
"""Its customer has activated it before the post said that it was delivered."""

HOME_VISIT = Child(process="home_visit", facts=Visited)

# --- notices ------------------------------------------------------------

MAIL_AND_SMS = (MessageChannel.MAIL, MessageChannel.SMS)
BLOCKED_NOTICE = Notice(
    name="card_blocked",
    about=N_("It says that we blocked a card."),
    asks=N_("It asks to sign in as always, to confirm who is there, and to answer a few questions."),
    channels=MAIL_AND_SMS,
    urgent=True,
)
OPENED_NOTICE = Notice(name="card_reissue_opened", about=N_("It says that we are replacing a card."))
OTHER_WAY_NOTICE = Notice(
    name="alternative_offered",
    about=N_("It says that there is another way than a visit."),
    asks=N_("It asks to sign in as always and to choose one."),
)
POSTED_CODE_LETTER = Notice(
    name="post_code",
    about=N_("It is a letter with a code for one case."),
    asks=N_("It asks to sign in as always and to type the code there, and to tell it to nobody."),
    channels=(MessageChannel.LETTER,),
    shows=("code", "until"),
)
ORDERED_NOTICE = Notice(name="card_ordered", about=N_("It says that a new card was ordered."), asks=ASKS_NOTHING)
SHIPPED_NOTICE = Notice(
    name="card_shipped",
    about=N_("It says that a new card is in the post."),
    asks=N_("It asks to sign in as always once the card has come, and to activate it there."),
    shows=("until",),
)
LATE_NOTICE = Notice(
    name="card_late",
    about=N_("It says that the post has no news of a new card."),
    asks=N_("It asks to sign in as always and to say whether the card has come."),
    channels=MAIL_AND_SMS,
    shows=("until",),
)
DELIVERED_NOTICE = Notice(
    name="card_delivered_activate",
    about=N_("It says that a new card waits to be activated."),
    asks=N_("It asks to sign in as always and to activate the card there."),
    shows=("until",),
)
RETURNED_NOTICE = Notice(
    name="card_returned",
    about=N_("It says that the letter with a new card came back to us."),
    asks=N_("It asks to sign in as always and to look whether the postal address is right."),
)
LOST_NOTICE = Notice(name="card_lost", about=N_("It says that a new card was lost in the post."))
AT_BRANCH_NOTICE = Notice(
    name="card_at_branch",
    about=N_("It says that a new card waits at a branch of ours."),
    asks=N_("It asks to come with an identity document."),
)
NOT_ACTIVATED_NOTICE = Notice(
    name="activation_expired", about=N_("It says that a new card was cancelled because it was not activated in time.")
)
ACTIVE_NOTICE = Notice(name="card_active", about=N_("It says that a new card is active."), asks=ASKS_NOTHING)
ENDED_NOTICE = Notice(
    name="reissue_ended", about=N_("It says that a case about a card has ended before it was finished."), shows=("how",)
)
DONE_NOTICE = Notice(
    name="reissue_done", about=N_("It says that a case is finished, and sums it up."), asks=ASKS_NOTHING
)

CARD_REISSUE = ProcessSpec(
    name="card_reissue",
    title=N_("Card reissue"),
    customer_title=N_("Your new card"),
    stages=CardStage,
    endings=ReissueEnding,
    kinds=(
        PROVE,
        SURVEY,
        CALL,
        CALL_ABOUT_SECRET,
        CORRECT_ADDRESS,
        IDENTIFY_AT_BRANCH,
        IDENTIFY_REMOTELY,
        POSTED_CODE,
        APPROVE,
        ACTIVATE_EARLY,
        LETTER_CAME,
        COLLECT,
        ACTIVATE,
    ),
    notices=(
        BLOCKED_NOTICE,
        OPENED_NOTICE,
        PROVE_REMINDER,
        SURVEY_REMINDER,
        OTHER_WAY_NOTICE,
        POSTED_CODE_LETTER,
        ORDERED_NOTICE,
        SHIPPED_NOTICE,
        DELIVERED_NOTICE,
        RETURNED_NOTICE,
        LATE_NOTICE,
        LOST_NOTICE,
        AT_BRANCH_NOTICE,
        ACTIVATION_REMINDER,
        NOT_ACTIVATED_NOTICE,
        ACTIVE_NOTICE,
        ENDED_NOTICE,
        DONE_NOTICE,
    ),
    effects=(ASSESS_RISK, PAUSE, POST_CODE),
    calls=(
        BLOCK_CARD,
        UNBLOCK_CARD,
        ORDER_CARD,
        RESHIP_CARD,
        SEND_TO_BRANCH,
        CANCEL_NEW_CARD,
        ACTIVATE_CARD,
        CLOSE_CARD,
    ),
    signals=(CARD_SHIPPED, CARD_DELIVERED, CARD_RETURNED, CARD_LOST, CARD_IN_HAND),
    children=(HOME_VISIT, CALL_BACK, AUTOPAY_UPDATE),
    periods=PERIODS,
    opening=ReissueOpening,
    shows=("last_four", "reason", "opener", "card_state"),
    stopping=N_(
        "No new card is made. A card that was blocked stays blocked. Only a card that you lost and found again can "
        "work again: once you have confirmed that it is you, and as long as we have no doubt about it."
    ),
)
