"""A change of a domain's safeguards: its value mark, and the lock after a change of its holder.

OPENED → {it protects more: IN_FORCE at once | it protects less: {by the holder: CONFIRMED (level 2) | by us: APPROVAL
by a second person} → ANNOUNCED (every old address is told, and can stop it for seven days) → IN_FORCE} → DONE.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.domain_safeguard.facts import Approved, Confirmed, SafeguardOpening
from workflows.domain_safeguard.spec import (
    ANNOUNCED_NOTICE,
    APPLY,
    APPROVE,
    ASKED_NOTICE,
    CHANGED_NOTICE,
    CONFIRM,
    DOMAIN_SAFEGUARD,
    ENDED_NOTICE,
    PERIODS,
    SafeguardEnding,
    SafeguardStage,
)


@workflow.defn(name=DOMAIN_SAFEGUARD.name)
class DomainSafeguard(Process[SafeguardOpening]):
    spec = DOMAIN_SAFEGUARD

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        if self.opening.change.loosens:
            await (self._approved() if self.opening.by_us else self._confirmed())
            await self._announced()
        applied = await self.do(APPLY)
        if not applied.changed:
            raise self.ends(SafeguardEnding.OVERTAKEN)
        self.enter(SafeguardStage.IN_FORCE)
        self.notify(CHANGED_NOTICE)

    def farewell(self, result: Result) -> None:
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE)

    async def _confirmed(self) -> None:
        self.enter(SafeguardStage.CONFIRMED)
        self.notify(ASKED_NOTICE)
        confirmed = await self.ask(CONFIRM)
        if confirmed.outcome is Confirmed.EXPIRED:
            raise self.ends(SafeguardEnding.NOT_CONFIRMED)

    async def _approved(self) -> None:
        """One of us alone could take the mark away and then the domain."""
        self.enter(SafeguardStage.APPROVAL)
        approved = await self.ask(APPROVE)
        if approved.outcome is Approved.REJECTED:
            raise self.ends(SafeguardEnding.NOT_APPROVED)

    async def _announced(self) -> None:
        self.enter(SafeguardStage.ANNOUNCED)
        until = self.now + PERIODS.time_to_stop_it
        self.notify(ANNOUNCED_NOTICE, until=until)
        self.waiting("others", until)
        await self.sleep_until(until)
