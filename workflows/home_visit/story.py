"""Home visit: a visitor of ours and the customer prove to each other who they are, at the customer's door.

PROPOSED → CONFIRMED → ASSIGNED → DAY_BEFORE → WINDOW_OPEN → AT_DOOR → HANDSHAKE → ID_CHECK → {match | mismatch |
refused | not home | unsafe} → on match REVIEW by a second pair of eyes → PASSED. Under another case, or by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.declarations import EXPIRED, N_, ItemKind, Performer, ProcessDeclaration, Stage, WhenDue
    from workflows.exchange import Facts, Opened
    from workflows.process import Process
    from workflows.waiting import Overtaken

TIMES_NOT_HOME = 2
"""Found not at home so often, and the customer is offered another way."""

NOTHING_AGREED = datetime.min.replace(tzinfo=UTC)

DURATIONS = {
    "customer chooses": timedelta(days=7),
    "notice before the window": timedelta(hours=24),
    "longest window": timedelta(hours=2, minutes=30),
    "early or late at the door": timedelta(minutes=30),
    "somebody assigns": timedelta(hours=1),
    "alarm without a result": timedelta(hours=4),
    "handshake": timedelta(minutes=10),
    "look into an alarm": timedelta(minutes=30),
    "look into a mismatch": timedelta(days=2),
    "review": timedelta(hours=4),
}


class VisitStage(Stage):
    PROPOSED = "proposed", N_("Proposed"), N_("You choose a time")
    CONFIRMED = "confirmed", N_("Confirmed"), N_("Time agreed")
    ASSIGNED = "assigned", N_("Visitor assigned")
    DAY_BEFORE = "day_before", N_("Day before"), N_("We remind you")
    WINDOW_OPEN = "window_open", N_("Window open"), N_("The visitor is on his way")
    AT_DOOR = "at_door", N_("At the door"), N_("The visitor is at your door")
    HANDSHAKE = "handshake", N_("Handshake"), N_("You compare the two halves")
    ID_CHECK = "id_check", N_("Identity check"), N_("The visitor checks your document")
    REVIEW = "review", N_("Review"), N_("A second person checks")
    PASSED = "passed", N_("Passed"), N_("Done")
    ALARM = "alarm", N_("Alarm"), N_("We look into the visit"), True
    SUSPICION = "suspicion", N_("Mismatch looked into"), N_("We look into the visit"), True
    ALTERNATIVE = "alternative", N_("Another way"), N_("You choose another way"), True


CHOOSE_VISIT = ItemKind(
    name="choose_visit",
    title=N_("The customer chooses a time and a place"),
    customer_title=N_("Choose when we visit you, or another way"),
    performer=Performer.CUSTOMER,
    outcomes=("booked", "declined", EXPIRED),
    due=DURATIONS["customer chooses"],
    when_due=WhenDue.EXPIRE,
)
CHOOSE_ALTERNATIVE = ItemKind(
    name="choose_alternative",
    title=N_("The customer chooses another way than a visit"),
    customer_title=N_("Choose another way to show who you are"),
    performer=Performer.CUSTOMER,
    outcomes=("branch", "remote", "post", EXPIRED),
    due=DURATIONS["customer chooses"],
    when_due=WhenDue.EXPIRE,
)
ASSIGN_VISITOR = ItemKind(
    name="assign_visitor",
    title=N_("Find a visitor: nobody is free for the agreed time"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=("assigned", "nobody", EXPIRED),
    due=DURATIONS["somebody assigns"],
    remind=(),
    when_due=WhenDue.EXPIRE,
)
CHECK_IN = ItemKind(
    name="check_in",
    title=N_("Check in at the door"),
    performer=Performer.PERSON,
    part="visitor",
    outcomes=("arrived", EXPIRED),
    due=DURATIONS["longest window"],
    remind=(),
    when_due=WhenDue.EXPIRE,
)
MEET = ItemKind(
    name="meet_customer",
    title=N_("Ring, and say who you are"),
    performer=Performer.PERSON,
    part="visitor",
    outcomes=("opened", "not_home", "refused", EXPIRED),
    due=DURATIONS["alarm without a result"],
    remind=(),
    when_due=WhenDue.EXPIRE,
)
COMPARE_HALF = ItemKind(
    name="compare_half",
    title=N_("The customer compares the visitor's half"),
    customer_title=N_("Compare what the visitor shows you"),
    performer=Performer.CUSTOMER,
    outcomes=("same", "different"),
    due=DURATIONS["handshake"],
    remind=(),
)
ENTER_HALF = ItemKind(
    name="enter_half",
    title=N_("Show your half, and enter the customer's"),
    performer=Performer.PERSON,
    part="visitor",
    outcomes=("proven", "not_proven", "again", "refused", EXPIRED),
    due=DURATIONS["alarm without a result"],
    remind=(),
    when_due=WhenDue.EXPIRE,
)
ID_CHECK = ItemKind(
    name="id_check",
    title=N_("Check the identity document"),
    performer=Performer.PERSON,
    part="visitor",
    outcomes=("match", "mismatch", "refused", EXPIRED),
    due=DURATIONS["alarm without a result"],
    remind=(),
    when_due=WhenDue.EXPIRE,
)
REVIEW = ItemKind(
    name="review_visit",
    title=N_("Review the visit"),
    performer=Performer.ROLE,
    role="supervisor",
    part="reviewer",
    outcomes=("passed", "repeat", "mismatch"),
    due=DURATIONS["review"],
)
LOOK_INTO_ALARM = ItemKind(
    name="look_into_alarm",
    title=N_("Look into the alarm of a visit: call the visitor and the customer"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=("new_visit", "alternative"),
    due=DURATIONS["look into an alarm"],
)
LOOK_INTO_MISMATCH = ItemKind(
    name="look_into_mismatch",
    title=N_("Look into a visit where the identity did not match"),
    performer=Performer.ROLE,
    role="compliance",
    part="investigator",
    outcomes=("confirmed", "cleared"),
    due=DURATIONS["look into a mismatch"],
    while_frozen=True,
)

ENDS_A_VISIT = ("visit_moved", "visit_cancelled", "nobody_expected", "half_different", "visitor_unsafe")
"""What the customer or the visitor may say at any time of a visit that is agreed."""


@workflow.defn(name="home_visit")
class HomeVisit(Process):
    """Closes with the facts `result` (passed, declined, unreachable, mismatch, refused) and `alternative`: the other
    way that the customer chose (branch, remote, post), or empty."""

    declaration = ProcessDeclaration(
        name="home_visit",
        title=N_("Home visit"),
        customer_title=N_("Our visit to you"),
        stages=VisitStage,
        kinds=(
            CHOOSE_VISIT,
            CHOOSE_ALTERNATIVE,
            ASSIGN_VISITOR,
            CHECK_IN,
            MEET,
            COMPARE_HALF,
            ENTER_HALF,
            ID_CHECK,
            REVIEW,
            LOOK_INTO_ALARM,
            LOOK_INTO_MISMATCH,
        ),
        durations=DURATIONS,
        stopping=N_("Nobody comes to you."),
    )

    def __init__(self) -> None:
        super().__init__()
        self.result = ""
        self.alternative = ""
        self.visitor = ""
        self.starts = self.ends = NOTHING_AGREED
        self.not_home = 0

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def closing_facts(self) -> Facts:
        return {"result": self.result, "alternative": self.alternative}

    def closing(self, outcome: str) -> None:
        """Under another case it is that case which tells how it goes on."""
        if not self.facts.get("under"):
            super().closing(outcome)

    async def story(self) -> None:
        self.undo_with("release")
        self.tell("visit_propose")
        await self._propose()
        while not self.result:
            await self._go_on(await self._visit())
        if self.result == "mismatch":
            raise self.stop("rejected", "identity_mismatch")
        if not self.facts.get("under"):
            self.tell("case_done")

    async def _propose(self) -> None:
        """PROPOSED: the customer books a window, chooses another way, or stays silent."""
        self.enter(VisitStage.PROPOSED)
        answer = await self.ask(CHOOSE_VISIT)
        if answer.outcome == "booked":
            self._agree(answer.facts)
        elif answer.outcome == "declined":
            self.result, self.alternative = "declined", answer.facts["alternative"]
        else:
            self.result = "unreachable"

    def _agree(self, facts: Facts) -> None:
        self.starts, self.ends = datetime.fromisoformat(facts["starts"]), datetime.fromisoformat(facts["ends"])

    async def _visit(self) -> str:
        """A visit that is agreed, to its end: what the visitor found, or what came in between."""
        try:
            with self.unless(*ENDS_A_VISIT):
                return await self._until_the_window() or await self._at_the_door()
        except Overtaken as overtaken:
            happened = overtaken.happened
            if happened.kind == "visit_moved":
                self._agree(happened.facts)
            if happened.kind == "visit_cancelled":
                self.alternative = happened.facts["alternative"]
            return happened.kind

    async def _until_the_window(self) -> str:
        """CONFIRMED → ASSIGNED → DAY_BEFORE → WINDOW_OPEN. Gives "missed" where no visitor comes, otherwise nothing."""
        self.enter(VisitStage.CONFIRMED)
        self.tell("visit_confirmed")
        self.visitor = (await self.do("assign")).get("visitor", "")
        if not self.visitor:
            last_call = max(self.starts, workflow.now() + DURATIONS["somebody assigns"])
            answer = await self.ask(ASSIGN_VISITOR, due_at=min(last_call, self.ends))
            if answer.outcome != "assigned":
                return "missed"
            self.visitor = answer.facts["visitor"]
        self.enter(VisitStage.ASSIGNED)
        self.waiting("us", self.starts)
        notice_at = self.starts - DURATIONS["notice before the window"]
        if workflow.now() < notice_at:
            await self.sleep_until(notice_at, by_the_clock=True)
            self.enter(VisitStage.DAY_BEFORE)
            self.tell("visit_day_before")
            self.waiting("us", self.starts)
        await self.sleep_until(self.starts - DURATIONS["early or late at the door"], by_the_clock=True)
        last_moment = self.ends + DURATIONS["early or late at the door"]
        if workflow.now() >= last_moment:
            return "missed"
        self.enter(VisitStage.WINDOW_OPEN)
        answer = await self.ask(CHECK_IN, due_at=last_moment, holder=self.visitor)
        return "missed" if answer.outcome == EXPIRED else ""

    async def _at_the_door(self) -> str:
        """AT_DOOR → HANDSHAKE → ID_CHECK. A visitor who is not heard of gives "no_result"."""
        alarm_at = self.ends + DURATIONS["alarm without a result"]
        self.enter(VisitStage.AT_DOOR)
        answer = await self.ask(MEET, due_at=alarm_at, holder=self.visitor)
        while answer.outcome in ("opened", "again"):
            self.enter(VisitStage.HANDSHAKE)
            comparing = self.offer(COMPARE_HALF, due_at=workflow.now() + DURATIONS["handshake"])
            try:
                answer = await self.ask(ENTER_HALF, due_at=alarm_at, holder=self.visitor)
            finally:
                self.no_longer(comparing)
        if answer.outcome == "proven":
            self.enter(VisitStage.ID_CHECK)
            answer = await self.ask(ID_CHECK, due_at=alarm_at, holder=self.visitor)
        return "no_result" if answer.outcome == EXPIRED else answer.outcome

    async def _go_on(self, ended: str) -> None:
        """What follows from how a visit ended."""
        match ended:
            case "match":
                await self._review()
            case "mismatch":
                await self._look_into_mismatch()
            case "refused":
                self.result = "refused"
            case "not_home":
                await self._after_nobody_was_home()
            case "missed":
                self.effect("missed")
                self.tell("visit_missed_by_us", channels=("mail", "sms"), urgent=True)
                await self._propose()
            case "visit_moved":
                pass
            case "visit_cancelled":
                self.result = "declined"
            case _:
                await self._look_into_alarm(ended)

    async def _after_nobody_was_home(self) -> None:
        self.not_home += 1
        if self.not_home == TIMES_NOT_HOME:
            await self._offer_another_way("unreachable")
        else:
            self.tell("visit_nobody_home", channels=("mail", "sms"))
            await self._propose()

    async def _review(self) -> None:
        """REVIEW by somebody who neither asked for the case nor made the visit."""
        self.enter(VisitStage.REVIEW)
        answer = await self.ask(REVIEW)
        if answer.outcome == "passed":
            self.enter(VisitStage.PASSED)
            self.result = "passed"
        elif answer.outcome == "repeat":
            self.tell("visit_propose")
            await self._propose()
        else:
            await self._look_into_mismatch()

    async def _look_into_mismatch(self) -> None:
        """The family of cases is frozen; compliance looks into it meanwhile, and a supervisor lets it go on."""
        self.enter(VisitStage.SUSPICION)
        self.effect("freeze")
        answer = await self.ask(LOOK_INTO_MISMATCH)
        if answer.outcome == "confirmed":
            self.result = "mismatch"
        else:
            self.tell("visit_propose")
            await self._propose()

    async def _look_into_alarm(self, why: str) -> None:
        """The visit is over; a supervisor calls those concerned and says how it goes on."""
        self.enter(VisitStage.ALARM)
        self.effect("alarm", why=why)
        if why in ("nobody_expected", "half_different"):
            self.tell("visit_called_off", channels=("mail", "sms"), urgent=True)
        answer = await self.ask(LOOK_INTO_ALARM, why=why)
        if answer.outcome == "new_visit":
            self.tell("visit_propose")
            await self._propose()
        else:
            await self._offer_another_way("declined")

    async def _offer_another_way(self, result: str) -> None:
        self.enter(VisitStage.ALTERNATIVE)
        self.tell("alternative_offered")
        answer = await self.ask(CHOOSE_ALTERNATIVE)
        if answer.outcome == EXPIRED:
            self.result = "unreachable"
        else:
            self.result, self.alternative = result, answer.outcome
