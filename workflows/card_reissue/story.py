"""Card reissue: from a loss, a theft, a fraud, a broken or an expiring card to an activated new one.

OPENED → BLOCKED (lost, stolen, fraud: at once) → TOLD → PROVEN (level 2) → SURVEY → RISK {low | high: HOME VISIT or
another way to be identified} → APPROVAL (high risk, or a changed address or number) → ORDERED (point of no return) →
SHIPPED → {DELIVERED | RETURNED | LOST: at most two more postings, then the branch} → ACTIVATION → OLD_CLOSED → DONE.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.declarations import EXPIRED, N_, ItemKind, Performer, ProcessDeclaration, Stage, WhenDue
    from workflows.exchange import Opened
    from workflows.process import Process

BLOCKED_AT_ONCE = frozenset({"lost", "stolen", "fraud"})
ARRIVALS = ("card_delivered", "card_returned", "card_lost")
POSTINGS = 3
"""The first posting and at most two more; then the card waits at the branch."""
CALLS = 2
"""So often a silent customer is called and asked again before the case expires."""

DURATIONS = {
    "customer answers": timedelta(days=14),
    "staff call": timedelta(days=2),
    "address corrected": timedelta(days=7),
    "identified at the branch": timedelta(days=14),
    "identified remotely": timedelta(days=7),
    "code by post": timedelta(days=21),
    "approval": timedelta(days=1),
    "collected at the branch": timedelta(days=21),
    "activation": timedelta(days=21),
    "activation abroad": timedelta(days=30),
}


class CardStage(Stage):
    BLOCKED = "blocked", N_("Card blocked"), N_("Card blocked")
    TOLD = "told", N_("Customer told"), N_("You were told")
    SURVEY = "survey", N_("Survey"), N_("Your answers")
    CHECKED = "checked", N_("Risk assessed"), N_("We check them")
    VISIT = "visit", N_("Identity visit"), N_("We visit you"), True
    APPROVAL = "approval", N_("Approval"), N_("A second person checks"), True
    ORDERED = "ordered", N_("Ordered"), N_("New card ordered")
    SHIPPED = "shipped", N_("Shipped"), N_("New card by post")
    ACTIVATION = "activation", N_("Activation"), N_("You activate it")
    OLD_CLOSED = "old_closed", N_("Old card closed"), N_("Old card closed")


PROVE = ItemKind(
    name="prove_identity",
    title=N_("The customer confirms that it is him"),
    customer_title=N_("Confirm that it is you"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=("proven", EXPIRED),
    due=DURATIONS["customer answers"],
    remind=(timedelta(hours=24), timedelta(hours=72)),
    when_due=WhenDue.EXPIRE,
    reminder="prove_reminder",
)
SURVEY = ItemKind(
    name="email_survey",
    title=N_("The customer fills in the survey"),
    customer_title=N_("Tell us what happened with your card"),
    performer=Performer.CUSTOMER,
    outcomes=("answered", "address_wrong", EXPIRED),
    due=DURATIONS["customer answers"],
    remind=(timedelta(hours=24), timedelta(hours=72)),
    when_due=WhenDue.EXPIRE,
    reminder="survey_reminder",
)
CALL = ItemKind(
    name="call_customer",
    title=N_("Call the customer: he has not answered"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=("reached", "not_reached"),
    due=DURATIONS["staff call"],
)
CORRECT_ADDRESS = ItemKind(
    name="correct_address",
    title=N_("Correct the address with the customer"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=("corrected", "given_up"),
    due=DURATIONS["address corrected"],
)
IDENTIFY_AT_BRANCH = ItemKind(
    name="identify_at_branch",
    title=N_("Identify the customer at the branch"),
    performer=Performer.ROLE,
    role="support agent",
    part="identifier",
    outcomes=("matched", "mismatch", "not_seen"),
    due=DURATIONS["identified at the branch"],
)
IDENTIFY_REMOTELY = ItemKind(
    name="identify_remotely",
    title=N_("Identify the customer by video"),
    performer=Performer.ROLE,
    role="support agent",
    part="identifier",
    outcomes=("matched", "mismatch", "not_seen"),
    due=DURATIONS["identified remotely"],
)
POSTED_CODE = ItemKind(
    name="enter_posted_code",
    title=N_("The customer enters the code from our letter"),
    customer_title=N_("Enter the code from our letter"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=("matched", EXPIRED),
    due=DURATIONS["code by post"],
    when_due=WhenDue.EXPIRE,
)
APPROVE = ItemKind(
    name="approve_reissue",
    title=N_("Approve the reissue"),
    performer=Performer.ROLE,
    role="approver",
    part="approver",
    outcomes=("approved", "rejected"),
    due=DURATIONS["approval"],
)
COLLECT = ItemKind(
    name="hand_over_at_branch",
    title=N_("Hand the card over at the branch"),
    performer=Performer.ROLE,
    role="support agent",
    outcomes=("collected", "not_collected"),
    due=DURATIONS["collected at the branch"],
)
ACTIVATE = ItemKind(
    name="activate_card",
    title=N_("The customer activates the new card"),
    customer_title=N_("Activate your new card"),
    performer=Performer.CUSTOMER,
    level=2,
    outcomes=("activated", EXPIRED),
    due=DURATIONS["activation"],
    when_due=WhenDue.EXPIRE,
    reminder="activation_reminder",
)


@workflow.defn(name="card_reissue")
class CardReissue(Process):
    """Facts of the opening: `reason` (lost, stolen, fraud, damaged, expiring)."""

    declaration = ProcessDeclaration(
        name="card_reissue",
        title=N_("Card reissue"),
        customer_title=N_("Your new card"),
        stages=CardStage,
        kinds=(
            PROVE,
            SURVEY,
            CALL,
            CORRECT_ADDRESS,
            IDENTIFY_AT_BRANCH,
            IDENTIFY_REMOTELY,
            POSTED_CODE,
            APPROVE,
            COLLECT,
            ACTIVATE,
        ),
        durations=DURATIONS,
        stopping=N_(
            "No new card is made. A card that was blocked stays blocked, unless you lost it, have confirmed that it is "
            "you, and we have no doubt about your answers."
        ),
    )

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        await self._block_and_tell()
        await self._ask_customer(PROVE)
        if self.facts["reason"] == "lost":
            self.undo_with("unblock_card", outside=True, outcomes=("withdrawn",))
        self.enter(CardStage.SURVEY)
        if await self._ask_customer(SURVEY) == "address_wrong":
            answer = await self.ask(CORRECT_ADDRESS)
            if answer.outcome == "given_up":
                raise self.stop("rejected", "address_unknown")
        self.enter(CardStage.CHECKED)
        risk = await self.do("assess_risk")
        if risk["risk"] == "high":
            self.undo_nothing()
            await self._identify()
            await self._approve()
        self.enter(CardStage.ORDERED)
        ordered = await self.outside("order_card", irrevocable=True)
        self.tell("card_ordered")
        if not await self._deliver(datetime.fromisoformat(ordered["expected_by"])):
            await self._hand_over_at_branch()
        await self._activate(abroad=ordered.get("abroad") == "True")
        self.enter(CardStage.OLD_CLOSED)
        await self.outside("close_card")
        self.tell("reissue_done")

    async def _block_and_tell(self) -> None:
        if self.facts["reason"] in BLOCKED_AT_ONCE:
            self.enter(CardStage.BLOCKED)
            await self.outside("block_card")
            self.tell("card_blocked", channels=("mail", "sms"), urgent=True)
        else:
            self.tell("card_reissue_opened")
        self.enter(CardStage.TOLD)

    async def _ask_customer(self, kind: ItemKind) -> str:
        """Asks; a customer who stays silent is called, and asked again; then the case expires."""
        for calls in range(CALLS + 1):
            answer = await self.ask(kind)
            if answer.outcome != EXPIRED:
                return answer.outcome
            if calls == CALLS or (await self.ask(CALL)).outcome == "not_reached":
                break
        raise self.stop("expired", "no_answer")

    async def _identify(self) -> None:
        """By a visit; who declines it, stops it or cannot be met has another way. A mismatch or a refusal at the door
        ends the case."""
        self.enter(CardStage.VISIT)
        visit = (await self.child("home_visit")).facts
        result = "declined" if visit["outcome"] == "withdrawn" else visit.get("result", "")
        if result in ("declined", "unreachable"):
            result = await self._identify_otherwise(visit.get("alternative") or "branch")
        if result not in ("passed", "matched"):
            raise self.stop("rejected", "identity_not_shown")

    async def _identify_otherwise(self, alternative: str) -> str:
        if alternative == "post":
            posted = await self.do("post_code")
            if posted.get("until"):
                answer = await self.ask(POSTED_CODE, due_at=datetime.fromisoformat(posted["until"]))
                if answer.outcome == EXPIRED:
                    raise self.stop("expired", "code_not_entered")
                return answer.outcome
        self.tell("alternative_offered")
        return (await self.ask(IDENTIFY_REMOTELY if alternative == "remote" else IDENTIFY_AT_BRANCH)).outcome

    async def _approve(self) -> None:
        self.enter(CardStage.APPROVAL)
        answer = await self.ask(APPROVE)
        if answer.outcome == "rejected":
            raise self.stop("rejected", "not_approved")

    async def _deliver(self, expected_by: datetime) -> bool:
        """Follows the letter; posts it again when it comes back or is lost (ten business days). False: never there."""
        for posting in range(1, POSTINGS + 1):
            held = self.held
            self.waiting("others", expected_by)
            arrival = await self._news(posting, "card_shipped", *ARRIVALS, until=expected_by, held=held)
            if arrival == "card_shipped":
                self.enter(CardStage.SHIPPED)
                self.tell("card_shipped", until=expected_by.isoformat())
                self.waiting("others", expected_by)
                arrival = await self._news(posting, *ARRIVALS, until=expected_by, held=held)
            if arrival == "card_delivered":
                return True
            self.tell(arrival or "card_lost")
            if posting < POSTINGS:
                posted = await self.outside("reship_card")
                expected_by = datetime.fromisoformat(posted["expected_by"])
        return False

    async def _news(self, posting: int, *kinds: str, until: datetime, held: timedelta) -> str:
        """The kind of the next happening of this posting; empty when none came in time. What is told of an earlier
        letter, which has been given up, counts no more."""
        while True:
            happened = await self.happens(*kinds, until=until, held=held)
            if happened is None:
                return ""
            if happened.facts.get("posting") == str(posting):
                return happened.kind

    async def _hand_over_at_branch(self) -> None:
        await self.outside("send_to_branch")
        self.tell("card_at_branch")
        answer = await self.ask(COLLECT)
        if answer.outcome == "not_collected":
            await self.outside("cancel_new_card")
            raise self.stop("expired", "not_collected")

    async def _activate(self, *, abroad: bool) -> None:
        self.enter(CardStage.ACTIVATION)
        due = DURATIONS["activation abroad" if abroad else "activation"]
        self.tell("card_delivered_activate", until=(workflow.now() + due).isoformat())
        answer = await self.ask(ACTIVATE, due=due)
        if answer.outcome == EXPIRED:
            self.tell("activation_expired")
            await self.outside("cancel_new_card")
            raise self.stop("expired", "not_activated")
        await self.outside("activate_card")
        self.tell("card_active")
