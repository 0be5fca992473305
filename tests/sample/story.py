"""Handover of a locker from its holder to somebody else.

OPENED → HELD (undone by the release of the locker) → AGREED (the holder and the new holder, both at once, level 2) →
{at the branch | at home: HOME VISIT} → CHECKED by a second person → ANNOUNCED (five days, in which anybody with the
message can stop it) → HANDED_OVER (point of no return) → DONE.
"""

from __future__ import annotations

from temporalio import workflow

from tests.sample.facts import Agreed, Agreement, Checked, HandedOver, HandoverOpening, Locker, VisitResult
from tests.sample.spec import (
    AGREE,
    ANNOUNCED_NOTICE,
    ASKED_NOTICE,
    ASSIGN,
    CHECK,
    DONE_NOTICE,
    HOLD,
    KEEP,
    LOCKER_HANDOVER,
    PERIODS,
    RELEASE,
    TAKE_OVER,
    VISIT,
    HandoverEnding,
    HandoverStage,
)
from workflows.base.contracts import Opened
from workflows.base.process import Process


@workflow.defn(name=LOCKER_HANDOVER.name)
class LockerHandover(Process[HandoverOpening]):
    spec = LOCKER_HANDOVER

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        locker = Locker(number=self.opening.locker)
        self.enter(HandoverStage.HELD)
        await self.call(HOLD, locker, undo=RELEASE)
        self.notify(ASKED_NOTICE)
        self.enter(HandoverStage.AGREED)
        agreement = await self._both_agree()
        if agreement.at_home:
            self.enter(HandoverStage.VISIT)
            visit = await self.child(VISIT)
            if visit.facts.result is not VisitResult.PASSED:
                raise self.ends(HandoverEnding.NOT_IDENTIFIED)
        self.enter(HandoverStage.CHECKED)
        check = await self.ask(CHECK)
        if check.outcome is Checked.REJECTED:
            raise self.ends(HandoverEnding.NOT_APPROVED)
        self.enter(HandoverStage.ANNOUNCED)
        until = self.now + PERIODS.time_to_stop_it
        self.notify(ANNOUNCED_NOTICE, until=until)
        self.waiting("customer", until)
        await self.sleep_until(until)
        self.enter(HandoverStage.HANDED_OVER)
        await self.call(ASSIGN, locker, irrevocable=True)
        await self.do(KEEP, HandedOver(locker=locker.number, keys=agreement.keys))
        self.notify(DONE_NOTICE)

    async def _both_agree(self) -> Agreement:
        """The holder's answer. If one of the two does not agree, the other is no longer asked."""
        answers = await self.ask_all((AGREE, TAKE_OVER), until=lambda answer: answer.outcome is not Agreed.AGREED)
        if answers[-1].outcome is Agreed.DECLINED:
            raise self.ends(HandoverEnding.NOT_AGREED)
        if answers[-1].outcome is Agreed.EXPIRED:
            raise self.ends(HandoverEnding.SILENT)
        return next(answer.facts for answer in answers if answer.kind is AGREE)
