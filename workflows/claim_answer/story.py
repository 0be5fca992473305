"""A merchant's answer to a claim: opened beside each claim about a payment to that merchant, and closed after it.

ASKED (a mail; the merchant says what happened and adds documents, within seven business days; what comes is before
whoever decides) → WAITING → DECIDED (told how; where the merchant bears it, told once more when the money is taken) →
DONE. A decision ends the asking.

Nobody stops it: the claim is its customer's.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.claim_answer.facts import AnswerOpening, DecidedSo, How
from workflows.claim_answer.spec import (
    CLAIM_ANSWER,
    DECIDED,
    DECIDED_NOTICE,
    OPENED_NOTICE,
    PERIODS,
    SEND_EVIDENCE,
    TAKEN,
    TAKEN_NOTICE,
    AnswerStage,
)


@workflow.defn(name=CLAIM_ANSWER.name)
class ClaimAnswer(Process[AnswerOpening]):
    spec = CLAIM_ANSWER

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """The merchant has asked for nothing that could end."""

    async def story(self) -> None:
        decided = await self._decided()
        if decided is None:
            return
        self.enter(AnswerStage.DECIDED)
        self.notify(DECIDED_NOTICE, how=decided.how.value)
        if decided.how is How.MERCHANT:
            until = self.now + PERIODS.until_the_money_is_taken
            self.waiting("us", until)
            if await self.wait_for_event(TAKEN, until=until) is not None:
                self.notify(TAKEN_NOTICE)

    async def _decided(self) -> DecidedSo | None:
        """How the claim was decided; None where that is never told."""
        by = self.opening.evidence_by
        self.enter(AnswerStage.ASKED)
        self.notify(OPENED_NOTICE, until=by)
        try:
            with self.unless(DECIDED):
                await self.ask(SEND_EVIDENCE, due_at=by)
        except Overtaken as overtaken:
            facts: DecidedSo = overtaken.event.facts
            return facts
        self.enter(AnswerStage.WAITING)
        self.waiting("us", self.opening.wait_until)
        event = await self.wait_for_event(DECIDED, until=self.opening.wait_until)
        return event.facts if event else None
