"""Complaint: a customer says that we did wrong, and gets an answer by a clock that both sides see.

RECEIVED → ACKNOWLEDGED (in writing, with its number, within a minute) → OWNED and INVESTIGATED (never by the person
complained of; compliance where that is a supervisor; the evidence is gathered by itself) → {answered | HOLDING LETTER
with a reason, payments only, once | time runs out: OVERDUE, an alarm, and compliance answers} → {redress above a limit:
APPROVAL by a second person} → ANSWERED {upheld | partly | rejected, with reasons and the ombudsman; redress is given
meanwhile} → {accepted | silent | REOPENED once: another person looks at it and answers again | ESCALATED to the
ombudsman: the file is prepared} → DONE. The customer can take it back at any time; nothing else stops it.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow

from workflows.base.asking import Answer
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import ItemKind
from workflows.complaint.facts import (
    Answered,
    Approved,
    ComplaintOpening,
    Decided,
    Found,
    Gather,
    Moment,
    Owned,
    Reacted,
    ReactedAgain,
    Reviewed,
    Rule,
)
from workflows.complaint.spec import (
    ALARM,
    ANSWER,
    ANSWER_INDEPENDENTLY,
    ANSWER_OVERDUE,
    APPROVE_REDRESS,
    ASSIGN,
    COMPLAINT_PROCESS,
    FINAL_LETTER,
    FINAL_NOTICE,
    GATHER,
    GIVE_REDRESS,
    GIVEN_NOTICE,
    HOLDING_LETTER,
    HOLDING_NOTICE,
    OVERDUE_NOTICE,
    PERIODS,
    PREPARE_FILE,
    PROMISE,
    REACT,
    REACT_AGAIN,
    REACT_AGAIN_NOTED,
    REACT_NOTED,
    RECEIVED_CALLER,
    RECEIVED_LETTER,
    RECEIVED_NOTICE,
    REOPEN,
    REOPENED_NOTICE,
    REVIEW,
    REVIEW_OVERDUE,
    SUMMARY_NOTICE,
    ComplaintStage,
)


@workflow.defn(name=COMPLAINT_PROCESS.name)
class Complaint(Process[ComplaintOpening]):
    spec = COMPLAINT_PROCESS

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self._acknowledge()
        self.enter(ComplaintStage.ACKNOWLEDGED)
        await self.do(GATHER, Gather(moment=Moment.OPENING))
        owned = await self.do(ASSIGN)
        self.enter(ComplaintStage.INVESTIGATED)
        found = await self._answered(owned)
        await self._tell(found, ComplaintStage.ANSWERED, Moment.ANSWER)
        await self.together(self._redress(found), self._reaction())

    def _acknowledge(self) -> None:
        """In writing, on the channel by which it came (FCA DISP 1.6.1)."""
        opening = self.opening
        notice = RECEIVED_LETTER if opening.by_letter else RECEIVED_CALLER if opening.rings else RECEIVED_NOTICE
        self.notify(notice, until=opening.final_by)

    async def _answered(self, owned: Owned) -> Answer[Answered, Found] | Answer[Decided, Found]:
        """The decision, once what it gives is approved. The clock never stops: not for an approval, and not twice for a
        letter. Each time it is asked anew who owns it: somebody may have been named meanwhile."""
        due, held = self.opening.final_by, False
        while True:
            kind = ANSWER_INDEPENDENTLY if self.opening.independent or owned.independent else ANSWER
            found = await self.ask(kind, due_at=due, holder=owned.owner)
            if found.outcome is Answered.EXPIRED:
                return await self._overdue(ANSWER_OVERDUE)
            if found.outcome is Answered.HOLD:
                due, held = self._hold(found.facts, due, held=held), True
            elif await self._approved(found.facts, due):
                return found
            if self.knows("owner_anew"):
                owned = await self.do(ASSIGN)

    def _hold(self, facts: Found, due: datetime, *, held: bool) -> datetime:
        """The day by which the answer comes now (PSD2, article 101(2)). A second letter moves nothing."""
        if held or self.opening.rule is not Rule.PAYMENTS:
            return due
        until = min(facts.until or self.opening.hard_stop, self.opening.hard_stop)
        self.enter(ComplaintStage.ON_HOLD)
        self.notify(HOLDING_NOTICE, until=until)
        if self.opening.by_letter:
            self.notify(HOLDING_LETTER, until=until)
        return until

    async def _overdue(self, kind: ItemKind[Decided, Found]) -> Answer[Decided, Found]:
        """The day has passed: it is never let go silently. Compliance answers, and a supervisor sees the alarm."""
        self.enter(ComplaintStage.OVERDUE)
        await self.do(ALARM)
        self.notify(OVERDUE_NOTICE)
        while True:
            found = await self.ask(kind)
            if await self._approved(found.facts, self.now + PERIODS.approval):
                return found

    async def _approved(self, facts: Found, due: datetime) -> bool:
        """Four eyes on what is above the limit. False sends it back to who answers."""
        if not facts.above_limit:
            return True
        approval = await self.ask(APPROVE_REDRESS, due_at=due)
        return approval.outcome is Approved.APPROVED

    async def _tell(
        self,
        found: Answer[Answered, Found] | Answer[Decided, Found] | Answer[Reviewed, Found],
        stage: ComplaintStage,
        moment: Moment,
    ) -> None:
        """Sends the answer, with its reasons and the ombudsman. Within three business days a summary is enough (FCA
        DISP 1.5.4)."""
        if found.facts.redress:
            await self.do(PROMISE)
        self.enter(stage)
        early = moment is Moment.ANSWER and self.now <= self.opening.summary_by
        self.notify(SUMMARY_NOTICE if early else FINAL_NOTICE, verdict=found.outcome.value)
        if self.opening.by_letter:
            self.notify(FINAL_LETTER, verdict=found.outcome.value)
        await self.do(GATHER, Gather(moment=moment))
        await self.settle()

    async def _redress(self, found: Answer[Answered, Found] | Answer[Decided, Found] | Answer[Reviewed, Found]) -> None:
        """What was promised is given, whether or not the customer is content with the answer."""
        if found.facts.redress:
            await self.ask(GIVE_REDRESS)
            self.notify(GIVEN_NOTICE)
            await self.settle()

    async def _reaction(self) -> None:
        """What the customer says in the portal; of who reads letters or called us, the desk notes it too, whichever
        comes first."""
        kinds = (REACT, REACT_NOTED) if self._is_noted() else (REACT,)
        said = (await self.ask_all(kinds, until=lambda answer: True))[0].outcome
        if said is Reacted.ESCALATED:
            await self._to_the_ombudsman()
        if said is not Reacted.REOPENED:
            return
        found = await self._looked_at_again()
        await self._tell(found, ComplaintStage.ANSWERED_AGAIN, Moment.REVIEW)
        await self.together(self._redress(found), self._second_reaction())

    async def _looked_at_again(self) -> Answer[Reviewed, Found] | Answer[Decided, Found]:
        """Once, by somebody who did not answer before."""
        self.enter(ComplaintStage.REOPENED)
        again = await self.do(REOPEN)
        self.notify(REOPENED_NOTICE, until=again.answer_by)
        while True:
            found = await self.ask(REVIEW, due_at=again.answer_by)
            if found.outcome is Reviewed.EXPIRED:
                return await self._overdue(REVIEW_OVERDUE)
            if await self._approved(found.facts, again.answer_by):
                return found

    def _is_noted(self) -> bool:
        return self.opening.by_letter or (self.opening.rings and self.knows("callers_are_noted"))

    async def _second_reaction(self) -> None:
        kinds = (REACT_AGAIN, REACT_AGAIN_NOTED) if self._is_noted() else (REACT_AGAIN,)
        said = (await self.ask_all(kinds, until=lambda answer: True))[0].outcome
        if said is ReactedAgain.ESCALATED:
            await self._to_the_ombudsman()

    async def _to_the_ombudsman(self) -> None:
        self.enter(ComplaintStage.ESCALATED)
        await self.ask(PREPARE_FILE)
