"""Order by mail: somebody wrote to us and asks for a change. What the headers say is a hint; the customer decides.

OPENED by the desk, with the evidence → ASKED (a notice to the address on file; the customer, level 2, seven days)
{mine: CONFIRMED, and the customer starts in the portal what the mail asked for | not mine: whatever else of theirs is
sensitive is paused with the answer, and SUSPICION, an alarm and compliance {forged | mistaken} | silent: EXPIRED}.
Nothing is changed by the mail itself, whatever its headers say.
"""

from __future__ import annotations

from typing import assert_never

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.mail_order.facts import LookedInto, MailOrderOpening, Told
from workflows.mail_order.spec import (
    CONFIRMED_NOTICE,
    LOOK_INTO,
    MAIL_ORDER,
    NOT_YOURS_NOTICE,
    RAISE_ALARM,
    RECEIVED_NOTICE,
    SAY,
    MailOrderEnding,
    MailOrderStage,
)


@workflow.defn(name=MAIL_ORDER.name)
class MailOrder(Process[MailOrderOpening]):
    spec = MAIL_ORDER

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """Whoever did not write the mail has been told already that nothing was changed."""
        if result is not Result.REJECTED:
            super().farewell(result)

    async def story(self) -> None:
        self.enter(MailOrderStage.ASKED)
        self.notify(RECEIVED_NOTICE)
        said = await self.ask(SAY)
        match said.outcome:
            case Told.MINE:
                self.enter(MailOrderStage.CONFIRMED)
                self.notify(CONFIRMED_NOTICE)
            case Told.NOT_MINE:
                await self._look_into_forgery()
            case Told.EXPIRED:
                raise self.ends(MailOrderEnding.NOT_SAID)
            case _:
                assert_never(said.outcome)

    async def _look_into_forgery(self) -> None:
        """SUSPICION: the customer is told, an alarm is raised, and compliance looks into it."""
        self.enter(MailOrderStage.SUSPICION)
        await self.do(RAISE_ALARM)
        self.notify(NOT_YOURS_NOTICE)
        found = await self.ask(LOOK_INTO)
        match found.outcome:
            case LookedInto.FORGED:
                raise self.ends(MailOrderEnding.FORGED)
            case LookedInto.MISTAKEN:
                raise self.ends(MailOrderEnding.MISTAKEN)
            case _:
                assert_never(found.outcome)
