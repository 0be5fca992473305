"""Admission of a merchant: a company that may have payments ordered for it by telephone.

APPLIED (the company sends its register extract and agrees, level 2, in thirty days) → CHECKED (a first person holds the
extract against the application; it may be asked for again) → DECIDED (a second person: limits, or refused with a
reason) → ADMITTED (undone by the end of the merchant), as long as the company is a merchant: {a year has passed: REVIEW
by a first person, and by a second one where something has changed | SUSPENDED at once by risk or a supervisor, looked
into by another person}. It ends when the company stops it, or we do after a review or a suspension.

The case stays open after the admission, because it stands for it: its timer rings for the review each year, and
whoever stops the case ends the merchant.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Nothing, Result
from workflows.merchant_admission.facts import (
    Admission,
    Continued,
    PapersSent,
    RegisterChecked,
    Reviewed,
    SuspensionDecided,
)
from workflows.merchant_admission.spec import (
    ADMIT,
    ADMITTED_NOTICE,
    CHECK_REGISTER,
    DECIDE,
    DECIDE_REVIEW,
    END,
    ENDED_NOTICE,
    LIMITS_NOTICE,
    LOOK_INTO_SUSPENSION,
    MERCHANT_ADMISSION,
    NOTE_REVIEW,
    PAPERS_AGAIN_NOTICE,
    PAPERS_NOTICE,
    PERIODS,
    REINSTATED_NOTICE,
    REVIEW,
    SEND_PAPERS,
    SUSPENDED,
    SUSPENDED_NOTICE,
    AdmissionEnding,
    AdmissionStage,
)


@workflow.defn(name=MERCHANT_ADMISSION.name)
class MerchantAdmission(Process[Nothing]):
    spec = MERCHANT_ADMISSION
    how = ""
    """The code of the ending that the story came to by itself."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        self.notify(ENDED_NOTICE, how=self.how or result.value)

    async def story(self) -> None:
        await self._application()
        await self.do(ADMIT, undo=END)
        self.notify(ADMITTED_NOTICE)
        review_at = self.now + PERIODS.until_the_next_review
        while True:
            try:
                with self.unless(SUSPENDED):
                    await self._until(review_at)
                    await self._review()
                review_at = self.now + PERIODS.until_the_next_review
            except Overtaken:
                await self._look_into_suspension()

    async def _application(self) -> None:
        """The papers, checked by one person and decided on by another."""
        self.enter(AdmissionStage.APPLIED)
        self.notify(PAPERS_NOTICE)
        while await self._papers() is RegisterChecked.ASK_AGAIN:
            self.enter(AdmissionStage.APPLIED)
            self.notify(PAPERS_AGAIN_NOTICE)
        self.enter(AdmissionStage.DECIDED)
        decision = await self.ask(DECIDE)
        if decision.outcome is Admission.REFUSED:
            raise self._ends(AdmissionEnding.REFUSED)

    async def _papers(self) -> RegisterChecked:
        sent = await self.ask(SEND_PAPERS)
        if sent.outcome is PapersSent.EXPIRED:
            raise self._ends(AdmissionEnding.NO_PAPERS)
        self.enter(AdmissionStage.CHECKED)
        check = await self.ask(CHECK_REGISTER)
        return check.outcome

    async def _until(self, review_at: datetime) -> None:
        self.enter(AdmissionStage.ADMITTED)
        self.waiting("us", review_at)
        await self.sleep_until(review_at)

    async def _review(self) -> None:
        """By one person where everything is as it was, by a second one where it is not."""
        self.enter(AdmissionStage.REVIEW)
        review = await self.ask(REVIEW)
        if review.outcome is Reviewed.CHANGED:
            decision = await self.ask(DECIDE_REVIEW)
            if decision.outcome is Continued.ENDS:
                raise self._ends(AdmissionEnding.NOT_CONTINUED)
            self.notify(LIMITS_NOTICE)
        await self.do(NOTE_REVIEW)

    async def _look_into_suspension(self) -> None:
        """The merchant takes no payment from the moment of the suspension; here a person decides what becomes of it."""
        self.enter(AdmissionStage.SUSPENDED)
        self.notify(SUSPENDED_NOTICE)
        decision = await self.ask(LOOK_INTO_SUSPENSION)
        if decision.outcome is SuspensionDecided.ENDS:
            raise self._ends(AdmissionEnding.ENDED_AFTER_SUSPENSION)
        self.notify(REINSTATED_NOTICE)

    def _ends(self, ending: AdmissionEnding) -> Exception:
        self.how = ending.value
        return self.ends(ending)
