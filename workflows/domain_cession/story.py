"""Domain cession: a domain goes from its holder to a new one, by proofs that a court would believe.

REQUESTED (the holder, level 2) → EDITS LOCKED here and at the registry (undone when it stops) → route: {electronic: the
holder and the new holder confirm, each in their own account, level 2, in seven days, or in as many as a letter that
invites the new holder needs | signed PDF: our form, signed by both, or on paper instead | paper: the letter comes, a
first and a second person check it, a call back to an old number} → {an address changed lately, a high value, a new
holder who is new here or joined by a code from the holder's hand: APPROVAL by another person} → COOLING (every old
address can stop it without signing in) → EXECUTED (point of no return: the registry) → both told → POST-LOCK (where the
registry has one) → DONE.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.inbox import Stopped
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.domain_cession.facts import (
    Agreed,
    Approved,
    CalledBack,
    CessionOpening,
    Handle,
    Received,
    Requested,
    Route,
    Uploaded,
)
from workflows.domain_cession.spec import (
    APPROVE,
    ASKED_NOTICE,
    CALL_BACK,
    CHANGE_HOLDER,
    CHECK_AGAIN,
    CHECK_FORM,
    CONFIRM_NEW,
    CONFIRM_OLD,
    COOLING_NOTICE,
    DOMAIN_CESSION,
    DONE_NOTICE,
    FORM_NOTICE,
    LOCK_AT_REGISTRY,
    LOCK_EDITS,
    MAKE_CONTACT,
    MAKE_FORM,
    NEW_COOLING_NOTICE,
    NEW_DONE_NOTICE,
    NEW_ENDED_NOTICE,
    PAPER_NOTICE,
    PERIODS,
    RECEIVE_FORM,
    RELEASE_TRANSFERS,
    REQUEST,
    REQUESTED_NOTICE,
    UNLOCK_AT_REGISTRY,
    UNLOCK_EDITS,
    UPLOAD,
    WEIGH,
    CessionEnding,
    CessionStage,
)


@workflow.defn(name=DOMAIN_CESSION.name)
class DomainCession(Process[CessionOpening]):
    spec = DOMAIN_CESSION

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        await self._request()
        self.enter(CessionStage.LOCKED)
        await self.do(LOCK_EDITS, undo=UNLOCK_EDITS)
        await self.call(LOCK_AT_REGISTRY, undo=UNLOCK_AT_REGISTRY)
        await self._prove()
        await self._weigh()
        self.enter(CessionStage.COOLING)
        until = self.now + timedelta(seconds=self.opening.cooling)
        self.notify(COOLING_NOTICE, until=until)
        self.notify(NEW_COOLING_NOTICE, until=until)
        self.waiting("us", until)
        await self.sleep_until(until)
        self.enter(CessionStage.EXECUTED)
        contact = await self.call(MAKE_CONTACT)
        await self._execute(Handle(handle=contact.handle))
        self.notify(DONE_NOTICE)
        self.notify(NEW_DONE_NOTICE)
        await self._after()

    def farewell(self, result: Result) -> None:
        """The other party hears of an early end too."""
        super().farewell(result)
        if result is not Result.DONE:
            self.notify(NEW_ENDED_NOTICE)

    async def _request(self) -> None:
        self.enter(CessionStage.REQUESTED)
        self.notify(REQUESTED_NOTICE)
        request = await self.ask(REQUEST)
        if request.outcome is Requested.EXPIRED:
            raise self.ends(CessionEnding.NOT_CONFIRMED)

    async def _prove(self) -> None:
        """Both parties agree, in one of the three ways. A PDF that cannot be signed may become paper."""
        self.enter(CessionStage.AGREED)
        if self.opening.route is Route.ELECTRONIC:
            await self._both_confirm()
            return
        await self.do(MAKE_FORM)
        if self.opening.route is Route.PAPER or not await self._signed():
            await self._on_paper()

    async def _both_confirm(self) -> None:
        """If one of the two does not agree, the other is no longer asked. A new holder who is invited by letter has the
        time that the post needs."""
        self.notify(ASKED_NOTICE)
        answers = await self.ask_all(
            (CONFIRM_OLD, CONFIRM_NEW),
            until=lambda answer: answer.outcome is not Agreed.AGREED,
            due=self._time_by_letter() if self.opening.by_letter else None,
        )
        if answers[-1].outcome is Agreed.DECLINED:
            raise self.ends(CessionEnding.NOT_AGREED)
        if answers[-1].outcome is Agreed.EXPIRED:
            raise self.ends(CessionEnding.SILENT)

    def _time_by_letter(self) -> timedelta:
        return PERIODS.both_confirm_by_letter_abroad if self.opening.abroad else PERIODS.both_confirm_by_letter

    async def _signed(self) -> bool:
        """Whether both signed the form electronically. False when they do it on paper instead."""
        self.notify(FORM_NOTICE)
        uploaded = await self.ask(UPLOAD)
        if uploaded.outcome is Uploaded.EXPIRED:
            raise self.ends(CessionEnding.NO_FORM)
        return uploaded.outcome is Uploaded.SIGNED

    async def _on_paper(self) -> None:
        self.notify(PAPER_NOTICE)
        received = await self.ask(RECEIVE_FORM)
        if received.outcome is Received.EXPIRED:
            raise self.ends(CessionEnding.NO_FORM)
        self.enter(CessionStage.CHECKED)
        checks = await self.ask_all((CHECK_FORM, CHECK_AGAIN))
        if not all(check.facts.fits for check in checks):
            raise self.ends(CessionEnding.FORM_DOES_NOT_FIT)
        called = await self.ask(CALL_BACK)
        if called.outcome is CalledBack.DENIED:
            raise self.ends(CessionEnding.DENIED)
        if called.outcome is CalledBack.NOT_REACHED:
            raise self.ends(CessionEnding.NOT_REACHED)

    async def _weigh(self) -> None:
        cautions = await self.do(WEIGH)
        if not cautions.needs_approval:
            return
        self.enter(CessionStage.APPROVAL)
        approval = await self.ask(APPROVE)
        if approval.outcome is Approved.REJECTED:
            raise self.ends(CessionEnding.NOT_APPROVED)

    async def _execute(self, contact: Handle) -> None:
        """If the registry refuses for good and a person gives it up, the domain is as before, and free again."""
        try:
            await self.call(CHANGE_HOLDER, contact, irrevocable=True)
            await self.settle()
        except Stopped:
            self.undo_by(UNLOCK_EDITS)
            self.undo_by(UNLOCK_AT_REGISTRY)
            raise

    async def _after(self) -> None:
        """The lock that some registries demand after a change of holder, unless the holder declined it before."""
        if not self.opening.post_lock:
            return
        self.enter(CessionStage.POST_LOCK)
        until = self.now + timedelta(seconds=self.opening.post_lock)
        self.waiting("us", until)
        await self.sleep_until(until)
        await self.call(RELEASE_TRANSFERS)


__all__ = ["PERIODS", "DomainCession"]
