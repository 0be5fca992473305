"""A process that counts how often it was rung, and a version of it that does not run. For tests of the engine only."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.base.spec import N_, Call, Effect, NoEnding, Nothing, Periods, ProcessSpec, Stage
    from workflows.exchange import Opened
    from workflows.process import Process


class BellStage(Stage):
    LISTENING = "listening", N_("Listening"), N_("We listen")


FAIL = Effect(name="fail", args=Nothing, answer=Nothing)
RING_OUTSIDE = Call(name="call", system="belfry", args=Nothing, answer=Nothing)
BELL = ProcessSpec(
    name="bell",
    title=N_("Bell"),
    customer_title=N_("Bell"),
    stages=BellStage,
    endings=NoEnding,
    kinds=(),
    notices=(),
    periods=Periods(),
    effects=(FAIL,),
    calls=(RING_OUTSIDE,),
)


@workflow.defn(name="bell")
class Bell(Process):
    """Ends as rejected when it has had enough, for the reason that it was rung so many times: "rung 2"."""

    declaration = BELL

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self.enter(BellStage.LISTENING)
        rung = 0
        while True:
            happened = await self.happens("rung", "enough")
            if happened is None or happened.kind == "enough":
                raise self.stop("rejected", f"rung {rung}")
            rung += 1


@workflow.defn(name="bell")
class BrokenBell:
    """What a faulty deploy may bring: it is of the same name, and raises what no workflow may raise."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        raise LookupError("the customer is called Wilhelmina Quist")

    @workflow.signal
    def happened(self, happening: dict[str, str] | None) -> None:
        """Takes what comes."""
