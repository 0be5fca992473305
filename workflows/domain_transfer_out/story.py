"""Transfer-out: a domain leaves us for another registrar, because its holder wants it.

REQUESTED → CONFIRMED (the holder, level 2) → {may not leave: rejected} → ANNOUNCED (every old address is told, and can
stop it: hours where the code is due forthwith, else a day, three for a domain of high value) → APPROVAL by a second
person (high value, or a young address, where conditions are allowed) → UNLOCKED (undone by a new lock) → AUTHINFO (the
transfer code, shown once; undone by refusing what is pending and taking the code away) → {nobody asks in 14 days: taken
back | another registrar asks: PENDING (the holder refuses, or approves at level 2: point of no return; the registry's
clock decides)} → {GONE | STAYED: taken back}.

While the case is frozen this story does nothing, but codes and the registry's clock run on. So the back office itself
closes the doors then: it locks a domain whose code is out, and refuses a transfer on which the registry is about to
decide, which ends the case. It opens none: this story does, once it goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

from workflows.base.asking import Deadline
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Facts, ItemKind, Nothing, Result, Signal
from workflows.domain_transfer_out.facts import (
    Assessed,
    CodeWanted,
    Confirmed,
    Decision,
    LockedMeanwhile,
    RegistryTransfer,
    Released,
    TransferState,
)
from workflows.domain_transfer_out.spec import (
    ANNOUNCED_NOTICE,
    APPROVE,
    APPROVE_TRANSFER,
    ASK_TRANSFER,
    ASSESS,
    CODE_READY_NOTICE,
    CODE_WANTED,
    CONFIRM,
    DOMAIN_TRANSFER_OUT,
    ENDED_NOTICE,
    GONE_NOTICE,
    HOLDER_DECIDED,
    LET_GO,
    LOCKED_MEANWHILE,
    OPEN_AGAIN,
    PENDING_NOTICE,
    PERIODS,
    REFUSE,
    REGISTRY_TRANSFER,
    REJECT_TRANSFER,
    RELEASE,
    RELOCK,
    REQUESTED_NOTICE,
    SET_CODE,
    TAKE_CODE,
    UNLOCK,
    UNSET_CODE,
    TransferEnding,
    TransferStage,
)

WHILE_THE_CODE_IS_OUT: tuple[Signal[Any], ...] = (CODE_WANTED, REGISTRY_TRANSFER, LOCKED_MEANWHILE)
WHILE_PENDING: tuple[Signal[Any], ...] = (HOLDER_DECIDED, REGISTRY_TRANSFER)
DECISIONS: tuple[ItemKind[Any, Any], ...] = (REFUSE, APPROVE)


@workflow.defn(name=DOMAIN_TRANSFER_OUT.name)
class DomainTransferOut(Process[Nothing]):
    spec = DOMAIN_TRANSFER_OUT
    how = ""
    """The code of the ending that the story came to by itself."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        if result is Result.DONE:
            self.notify(GONE_NOTICE)
            return
        if self.stopped_with:
            self.enter(TransferStage.STAYED)
        self.notify(ENDED_NOTICE, how=self.stopped_with or self.how or result.value)

    async def story(self) -> None:
        self.enter(TransferStage.CONFIRMED)
        self.notify(REQUESTED_NOTICE)
        confirmed = await self.ask(CONFIRM)
        if confirmed.outcome is Confirmed.EXPIRED:
            raise self._ends(TransferEnding.NOT_CONFIRMED)
        await self._announce(await self._assess())
        assessed = await self._assess()
        if assessed.needs_approval:
            self.enter(TransferStage.APPROVAL)
            release = await self.ask(RELEASE)
            if release.outcome is Released.REJECTED:
                raise self._ends(TransferEnding.NOT_APPROVED)
            await self._assess()
        self.enter(TransferStage.UNLOCKED)
        await self.call(UNLOCK, undo=RELOCK)
        transfer = await self._wait_for_a_request()
        if transfer.state is TransferState.PENDING:
            transfer = await self._pending(transfer)
        if transfer.state is not TransferState.GONE:
            self.enter(TransferStage.STAYED)
            refused = self.how == TransferEnding.REFUSED_BY_HOLDER
            raise self._ends(TransferEnding.REFUSED_BY_HOLDER if refused else TransferEnding.NOT_TRANSFERRED)
        self.enter(TransferStage.GONE)
        await self.do(LET_GO)

    async def _assess(self) -> Assessed:
        """What our records say now; they may have changed while the story waited."""
        assessed = await self.do(ASSESS)
        if assessed.refused:
            raise self._ends(TransferEnding.NOT_ELIGIBLE)
        return assessed

    async def _announce(self, assessed: Assessed) -> None:
        """Every old address learns of it before anything is unlocked."""
        self.enter(TransferStage.ANNOUNCED)
        until = self.now + _time_to_stop(assessed)
        self.notify(ANNOUNCED_NOTICE, until=until)
        self.waiting("customer", until)
        await self.sleep_until(until)

    async def _wait_for_a_request(self) -> RegistryTransfer:
        """AUTHINFO: the holder looks at the code, and another registrar asks for the domain. Each code is shown once;
        who wants to see it again gets another one, which is good until the same day."""
        self.enter(TransferStage.AUTHINFO)
        issued = await self.call(SET_CODE, undo=UNSET_CODE)
        self.notify(CODE_READY_NOTICE, until=issued.until)
        by = Deadline(issued.until, self.now, by_the_clock=True)
        while True:
            taking = self.offer(TAKE_CODE, due_at=issued.until)
            news = await self.wait_for_event(*WHILE_THE_CODE_IS_OUT, until=by, where=_is_no_old_refusal)
            self.no_longer(taking)
            if news is None:
                return await self._ask_in_the_end()
            if isinstance(news.facts, RegistryTransfer):
                return news.facts
            if isinstance(news.facts, LockedMeanwhile) and self.now < issued.until:
                transfer = await self._open_again(issued.until)
                if transfer.state is not TransferState.NONE:
                    return transfer
            if isinstance(news.facts, CodeWanted) and news.facts.again:
                await self.call(SET_CODE)

    async def _open_again(self, until: datetime) -> RegistryTransfer:
        """After a freeze: whoever saw the code before cannot use it, because another one is set."""
        transfer = await self.call(OPEN_AGAIN)
        if transfer.state is TransferState.NONE:
            await self.call(SET_CODE)
            self.notify(CODE_READY_NOTICE, until=until)
        return transfer

    async def _ask_in_the_end(self) -> RegistryTransfer:
        """The registry's own news may be late, so it is asked before the code is taken away."""
        transfer = await self.call(ASK_TRANSFER)
        if transfer.state in (TransferState.NONE, TransferState.STAYED):
            raise self._ends(TransferEnding.NOT_USED)
        return transfer

    async def _pending(self, transfer: RegistryTransfer) -> RegistryTransfer:
        """PENDING: the holder may refuse or approve; silence leaves it to the registry's clock, and the registry is
        asked when it says nothing."""
        self.enter(TransferStage.PENDING)
        until = transfer.until or self.now + PERIODS.registry_decides
        self.notify(PENDING_NOTICE, until=until)
        offered = [self.offer(kind, due_at=until) for kind in DECISIONS]
        decided = await self._until_decided(until)
        for step in offered:
            self.no_longer(step)
        match decided:
            case RegistryTransfer():
                return decided
            case Decision(approves=True):
                return await self._approve()
            case _:
                self.how = TransferEnding.REFUSED_BY_HOLDER.value
                return await self.call(REJECT_TRANSFER)

    async def _until_decided(self, until: datetime) -> Facts:
        """What the holder decided, or what the registry says once its own time is over."""
        by = until
        while True:
            asks_at = Deadline(by + PERIODS.registry_is_asked_again, self.now, by_the_clock=True)
            news = await self.wait_for_event(*WHILE_PENDING, until=asks_at, where=_is_decided)
            if news is not None:
                decided: Facts = news.facts
                return decided
            transfer = await self.call(ASK_TRANSFER)
            if transfer.state is not TransferState.PENDING:
                return transfer
            by = self.now

    async def _approve(self) -> RegistryTransfer:
        """The registry may have decided a moment earlier; what it says counts."""
        transfer = await self.call(APPROVE_TRANSFER, irrevocable=True)
        if transfer.state is not TransferState.GONE:
            self.undo_by(RELOCK)
            self.undo_by(UNSET_CODE)
        return transfer

    def _ends(self, ending: TransferEnding) -> Exception:
        self.how = ending.value
        return self.ends(ending)


def _time_to_stop(assessed: Assessed) -> timedelta:
    """The registry's policy bounds it where the code is due without conditions."""
    due = timedelta(seconds=assessed.seconds_to_stop)
    is_longer = assessed.high_value and not assessed.unconditional
    return max(due, PERIODS.time_to_stop_of_high_value) if is_longer else due


def _is_no_old_refusal(facts: Facts) -> bool:
    """A transfer that came to nothing before we heard of it leaves everything as it was."""
    return not isinstance(facts, RegistryTransfer) or facts.state in (TransferState.PENDING, TransferState.GONE)


def _is_decided(facts: Facts) -> bool:
    return not isinstance(facts, RegistryTransfer) or facts.state in (TransferState.GONE, TransferState.STAYED)
