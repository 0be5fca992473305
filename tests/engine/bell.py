"""A process that counts how often it was rung, and a broken version of it. Only for tests of the engine."""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.inbox import Ended
from workflows.base.process import Process
from workflows.base.spec import N_, Call, Effect, Facts, NoEnding, Nothing, Periods, ProcessSpec, Result, Signal, Stage


class BellStage(Stage):
    LISTENING = "listening", N_("Listening"), N_("We listen")


class Rung(Facts, frozen=True):
    """How often it was rung until then."""

    times: int = 0


RUNG = Signal(name="rung", facts=Nothing)
ENOUGH = Signal(name="enough", facts=Nothing)
FAIL = Effect(name="fail", args=Nothing, answer=Nothing)
CALL = Call(name="call", system="belfry", args=Nothing, answer=Rung)

BELL = ProcessSpec(
    name="bell",
    title=N_("Bell"),
    customer_title=N_("Bell"),
    stages=BellStage,
    endings=NoEnding,
    kinds=(),
    notices=(),
    effects=(FAIL,),
    calls=(CALL,),
    signals=(RUNG, ENOUGH),
    periods=Periods(),
)


@workflow.defn(name="bell")
class Bell(Process[Nothing]):
    """Ends as rejected when it has had enough. The reason says how often it was rung: "rung 2"."""

    spec = BELL

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self.enter(BellStage.LISTENING)
        rung = 0
        while True:
            event = await self.wait_for_event(RUNG, ENOUGH)
            if event is None or event.signal is ENOUGH:
                raise Ended(Result.REJECTED, f"rung {rung}")
            rung += 1


@workflow.defn(name="bell")
class BrokenBell:
    """A faulty deploy: it has the same name, and raises what no workflow may raise."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        raise LookupError("the customer is called Wilhelmina Quist")

    @workflow.signal
    def happened(self, happening: dict[str, str] | None) -> None:
        """Takes what comes."""
