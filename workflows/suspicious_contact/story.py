"""Suspicious contact: somebody wrote, called or came in our name, or did they? The register says at once.

REPORTED, with what is sensitive paused in the same moment unless it is ours → {ours: OURS, told at once | not ours |
cannot tell: ASKED (the customer tells more, 3 days, and it is matched again) {ours, and nothing paused: OURS}} →
LOOKED_INTO (compliance decides on the whole group within 1 h; after that the supervisors are alarmed) → {cleared: what
this report paused goes on, CLEARED | confirmed: the warning is published, CONFIRMED → {nothing paused | else MADE_SAFE:
a supervisor talks with the customer and lets it go on, or leaves it paused}}.
Of a report without a proof the customer says meanwhile, at level 2, whether it was theirs: {not mine: what it paused
goes on, BY_STRANGERS | mine | silent: as above}.
"""

from __future__ import annotations

from typing import assert_never

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.suspicious_contact.facts import Gave, MadeSafe, Match, SuspicionOpening, Verdict, WasItYou
from workflows.suspicious_contact.spec import (
    CLEARED_NOTICE,
    CONFIRMED_NOTICE,
    DECIDED,
    LET_GO_ON,
    MAKE_SAFE,
    PAUSED_NOTICE,
    PERIODS,
    RAISE_LATE,
    SAY_MORE,
    SETTLE_LATE,
    STRANGERS_NOTICE,
    SUSPICIOUS_CONTACT,
    WAS_IT_YOU,
    WEIGH,
    SuspicionEnding,
    SuspicionStage,
)


@workflow.defn(name=SUSPICIOUS_CONTACT.name)
class SuspiciousContact(Process[SuspicionOpening]):
    spec = SUSPICIOUS_CONTACT

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """Whoever let their cases go on by themselves need not be told."""
        if result is not Result.REJECTED:
            super().farewell(result)

    async def story(self) -> None:
        match, verdict, paused = self.opening.match, self.opening.known, 0
        if match is Match.CANNOT_TELL and verdict is None:
            match, verdict, paused = await self._ask_for_more()
        if match is Match.OURS and verdict is None and not paused:
            self.enter(SuspicionStage.OURS)
            return
        if verdict is None:
            verdict = await self._look_into(match)
        match verdict:
            case Verdict.CLEARED:
                await self.do(LET_GO_ON)
                self.enter(SuspicionStage.CLEARED)
                self.notify(CLEARED_NOTICE)
            case Verdict.CONFIRMED:
                self.enter(SuspicionStage.CONFIRMED)
                self.notify(CONFIRMED_NOTICE)
                await self._make_safe()
            case _:
                assert_never(verdict)

    async def _ask_for_more(self) -> tuple[Match, Verdict | None, int]:
        """ASKED. The analyst has the report meanwhile, and may decide first. What was paused while nobody could tell
        goes on by the analyst's word alone: what is told now may come from whoever sits in the customer's session."""
        self.enter(SuspicionStage.ASKED)
        try:
            with self.unless(DECIDED):
                said = await self.ask(SAY_MORE)
        except Overtaken as overtaken:
            return Match.CANNOT_TELL, overtaken.event.facts.verdict, 0
        return said.facts.match, None, said.facts.paused

    async def _look_into(self, match: Match) -> Verdict:
        """LOOKED_INTO, for which the customer need do nothing; of a report that nobody has proven they are asked."""
        self.enter(SuspicionStage.LOOKED_INTO)
        late = self.deadline(self.now + PERIODS.an_analyst_decides)
        if not self.opening.proven:
            self.notify(STRANGERS_NOTICE)
            try:
                with self.unless(DECIDED):
                    await self._say_whether_it_was_they()
            except Overtaken as overtaken:
                return Verdict(overtaken.event.facts.verdict)
        elif match is Match.NOT_OURS:
            self.notify(PAUSED_NOTICE)
        self.waiting("us", late.moment)
        decided = await self.wait_for_event(DECIDED, until=late)
        if decided is None:
            await self.do(RAISE_LATE)
            self.waiting("us")
            decided = await self.wait_for_event(DECIDED)
            assert decided is not None
            await self.do(SETTLE_LATE)
        return decided.facts.verdict

    async def _say_whether_it_was_they(self) -> None:
        said = await self.ask(WAS_IT_YOU)
        if said.outcome is WasItYou.NOT_MINE:
            raise self.ends(SuspicionEnding.BY_STRANGERS)

    async def _make_safe(self) -> None:
        """Weighing answers “nothing” only in cases that were weighed before that ceased to count."""
        weighed = await self.do(WEIGH)
        if weighed.paused == 0:
            return
        if weighed.gave is not Gave.NOTHING:
            self.enter(SuspicionStage.MADE_SAFE)
            looked = await self.ask(MAKE_SAFE)
            if looked.outcome is MadeSafe.STAY:
                return
        await self.do(LET_GO_ON)
