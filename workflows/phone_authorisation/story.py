"""Phone authorisation: a caller proves by a code from their own portal that they may order one thing.

ASKED (the customer has the code shown, in the portal; the agent types what the caller reads out: 10 minutes, 3 tries) →
{PROVEN: the agent opens what was ordered | REFUSED: no code, no right one, nobody typed one, or the customer says that
they are not talking to us; the customer is told on every channel} → the agent's WRAP_UP (15 minutes, then a
supervisor's), which nobody can skip; where somebody may have pretended to be the customer, a supervisor looks into it
at the same time → DONE.
"""

from __future__ import annotations

from typing import assert_never

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.phone_authorisation.facts import (
    CallClosing,
    CallEnded,
    CallOpening,
    CallResult,
    Typed,
    WrappedUp,
)
from workflows.phone_authorisation.spec import (
    CODE_DENIED,
    END_CALL,
    GIVE_CODE,
    LOOK_INTO_CALLER,
    ORDERED_NOTICE,
    PERIODS,
    PHONE_AUTHORISATION,
    REFUSED_NOTICE,
    TYPE_CODE,
    WRAP_UP,
    WRAP_UP_LATE,
    CallEnding,
    CallStage,
)

SUSPICIOUS = (CallResult.DENIED, CallResult.NOT_PROVEN)


@workflow.defn(name=PHONE_AUTHORISATION.name)
class PhoneAuthorisation(Process[CallOpening]):
    spec = PHONE_AUTHORISATION
    result: CallResult | None = None

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def closing(self) -> CallClosing:
        return CallClosing(result=self.result)

    def farewell(self, result: Result) -> None:
        """The customer was told when the code was typed, or was not."""

    async def story(self) -> None:
        self.enter(CallStage.ASKED)
        self.result = await self._code()
        await self.do(END_CALL, CallEnded(result=self.result))
        if self.result is CallResult.PROVEN:
            self.enter(CallStage.PROVEN)
            self.notify(ORDERED_NOTICE)
        else:
            self.enter(CallStage.REFUSED)
            self.notify(REFUSED_NOTICE)
        if self.result in SUSPICIOUS:
            await self.settle()
            await self.together(self._wrap_up(), self._look_into())
        else:
            await self._wrap_up()
        self.enter(CallStage.WRAPPED_UP)
        if self.result is not CallResult.PROVEN:
            raise self.ends(CallEnding[self.result.name])

    async def _code(self) -> CallResult:
        """ASKED: the customer sees the code in the portal while the agent waits for it. At any time the customer may
        say that they are not talking to us."""
        until = self.now + PERIODS.code_asked
        showing = self.offer(GIVE_CODE, due_at=until)
        try:
            with self.unless(CODE_DENIED):
                typed = await self.ask(TYPE_CODE, due_at=until, holder=self.opening.agent)
        except Overtaken:
            return CallResult.DENIED
        finally:
            self.no_longer(showing)
        match typed.outcome:
            case Typed.PROVEN:
                return CallResult.PROVEN
            case Typed.NO_CODE:
                return CallResult.NO_CODE
            case Typed.NOT_PROVEN:
                return CallResult.NOT_PROVEN
            case Typed.EXPIRED:
                return CallResult.SILENT
            case _:
                assert_never(typed.outcome)

    async def _wrap_up(self) -> None:
        """By the agent, else by a supervisor."""
        written = await self.ask(WRAP_UP, holder=self.opening.agent)
        if written.outcome is WrappedUp.EXPIRED:
            await self.ask(WRAP_UP_LATE)

    async def _look_into(self) -> None:
        await self.ask(LOOK_INTO_CALLER)
