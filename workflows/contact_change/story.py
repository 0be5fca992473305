"""Contact change: a customer's mail address, telephone number or postal address becomes another.

OPENED (all old channels are told at once) → CONFIRMED (the customer, level 2) → NEW_PROVEN (a code that went to the new
address) → {no other old channel: IDENTITY, by a visit or otherwise, level 3} → ANNOUNCED (all old channels, 72 hours in
which it can be stopped) → {high risk: APPROVAL by a second person} → APPLIED (point of no return) → DONE. The old
address is told of everything for 30 days more. A customer without a sign-in shows who they are at a branch (IDENTITY)
in the place of CONFIRMED and NEW_PROVEN; so does, after these, one whose number's SIM was swapped. Before the code goes
out, and before each later step, a number that costs extra to ring ends the case.
"""

from __future__ import annotations

from typing import assert_never

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import ItemKind, Nothing, Result
from workflows.contact_change.facts import (
    Approved,
    Assessed,
    ChangeOpening,
    CodeEntered,
    Confirmed,
    Identified,
    OtherWay,
    Risk,
    VisitResult,
    What,
)
from workflows.contact_change.spec import (
    ANNOUNCED_LETTER,
    ANNOUNCED_NOTICE,
    APPLIED_NOTICE,
    APPLY,
    APPROVE,
    ASKED_NOTICE,
    ASSESS,
    CONFIRM,
    CONTACT_CHANGE,
    ENDED_NOTICE,
    ENTER_CODE,
    HOME_VISIT,
    IDENTIFY_AT_BRANCH,
    IDENTIFY_REMOTELY,
    IDENTITY_NOTICE,
    LOOK_AT_NUMBER,
    PERIODS,
    SEND_CODE,
    ChangeEnding,
    ChangeStage,
)


@workflow.defn(name=CONTACT_CHANGE.name)
class ContactChange(Process[ChangeOpening]):
    spec = CONTACT_CHANGE
    costs_extra = False
    """Whether it ended because of the new number."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self.notify(ASKED_NOTICE)
        if self.opening.at_branch:
            self.enter(ChangeStage.IDENTITY)
            await self._identified(IDENTIFY_AT_BRANCH)
            assessed = await self._assess()
        else:
            assessed = await self._proofs()
        self.enter(ChangeStage.ANNOUNCED)
        await self._time_to_stop_it(by_letter=assessed.by_letter)
        assessed = await self._assess()
        if assessed.risk is Risk.HIGH:
            self.enter(ChangeStage.APPROVAL)
            approval = await self.ask(APPROVE)
            if approval.outcome is Approved.REJECTED:
                raise self.ends(ChangeEnding.NOT_APPROVED)
        done = await self.do(APPLY)
        self._end_if_refused(done.refused)
        if not done.applied:
            raise self.ends(ChangeEnding.OVERTAKEN)
        self.enter(ChangeStage.APPLIED)
        self.notify(APPLIED_NOTICE)

    def farewell(self, result: Result) -> None:
        """What is common to all processes goes by mail only; who may be losing an address hears on every channel that
        it stays."""
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE, how="costs_extra" if self.costs_extra else result.value)

    async def _proofs(self) -> Assessed:
        """Of a customer who signs in."""
        self.enter(ChangeStage.CONFIRMED)
        await self._confirm()
        self.enter(ChangeStage.NEW_PROVEN)
        await self._prove_new()
        assessed = await self._assess()
        if not assessed.witnessed:
            self.enter(ChangeStage.IDENTITY)
            await (self._identify_otherwise(remotely=False) if assessed.no_home else self._identify())
        return assessed

    async def _confirm(self) -> None:
        """The customer confirms this very change. Nothing goes to the new address before, so that nobody can make us
        write to strangers."""
        confirmation = await self.ask(CONFIRM)
        if confirmation.outcome is Confirmed.EXPIRED:
            raise self.ends(ChangeEnding.NOT_CONFIRMED)

    async def _prove_new(self) -> None:
        """By a code that went to the new address. The customer may have another one sent while we wait."""
        if self.opening.what is What.PHONE and self.knows("look-at-number"):
            looked_at = await self.do(LOOK_AT_NUMBER)
            self._end_if_refused(looked_at.refused)
        await self.do(SEND_CODE)
        due = PERIODS.code_awaited(self.opening.what, abroad=self.opening.abroad)
        entered = await self.ask(ENTER_CODE, due=due)
        if entered.outcome is CodeEntered.EXPIRED:
            raise self.ends(ChangeEnding.NOT_PROVEN)

    async def _assess(self) -> Assessed:
        assessed = await self.do(ASSESS)
        self._end_if_refused(assessed.refused)
        if assessed.overtaken:
            raise self.ends(ChangeEnding.OVERTAKEN)
        return assessed

    def _end_if_refused(self, refused: bool) -> None:
        self.costs_extra = refused
        if refused:
            raise self.ends(ChangeEnding.COSTS_EXTRA)

    async def _identify(self) -> None:
        """By a visit. A customer who declines it or cannot be met is identified by video or at the branch; a letter
        with a code is not enough here. A mismatch or a refusal at the door ends the case."""
        visit = await self.child(HOME_VISIT)
        result = VisitResult.DECLINED if visit.result is Result.WITHDRAWN else visit.facts.result
        match result:
            case VisitResult.PASSED:
                return
            case VisitResult.DECLINED | VisitResult.UNREACHABLE:
                await self._identify_otherwise(remotely=visit.facts.alternative is OtherWay.REMOTE)
            case VisitResult.MISMATCH | VisitResult.REFUSED | None:
                raise self.ends(ChangeEnding.IDENTITY_NOT_SHOWN)
            case _:
                assert_never(result)

    async def _identify_otherwise(self, *, remotely: bool) -> None:
        self.notify(IDENTITY_NOTICE, way="remote" if remotely else "branch")
        await self._identified(IDENTIFY_REMOTELY if remotely else IDENTIFY_AT_BRANCH)

    async def _identified(self, by: ItemKind[Identified, Nothing]) -> None:
        identity = await self.ask(by)
        if identity.outcome is not Identified.MATCHED:
            raise self.ends(ChangeEnding.IDENTITY_NOT_SHOWN)

    async def _time_to_stop_it(self, *, by_letter: bool) -> None:
        """Whoever reads one of the old channels can stop it now. A letter comes too, but nobody waits for it."""
        until = self.now + PERIODS.time_to_stop_it
        self.notify(ANNOUNCED_NOTICE, until=until)
        if by_letter:
            self.notify(ANNOUNCED_LETTER)
        self.waiting("others", until)
        await self.sleep_until(until)
