"""A card reissue that gets any message in any order: hypothesis plays people, the post, clocks, and forgers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from temporalio.api.common.v1 import Payload
from temporalio.testing import WorkflowEnvironment

from backoffice.cases.models import CaseOutcome
from backoffice.engine.codec import data_converter
from tests.workflows.conftest import GOLDEN_KEYS, TEST_SERVER
from tests.workflows.rehearsal import Rehearsal, Rehearsed, with_search_attributes
from tests.workflows.reissue import expects_letter
from workflows.base.contracts import Answered, Happened
from workflows.base.spec import COMMON_KINDS, WhenDue
from workflows.card_reissue.spec import CARD_REISSUE
from workflows.card_reissue.story import CardReissue

KINDS = {kind.name: kind for kind in (*CARD_REISSUE.kinds, *COMMON_KINDS)}
STAGES = {stage.value for stage in CARD_REISSUE.stages}
OUTCOMES = set(CaseOutcome.values) - {""}
VISITS = [
    ("done", "passed", ""),
    ("done", "declined", "branch"),
    ("done", "declined", "remote"),
    ("done", "declined", "post"),
    ("done", "unreachable", ""),
    ("done", "refused", ""),
    ("rejected", "mismatch", ""),
    ("withdrawn", "", ""),
]
CALLED = ["spoken", "not_reached", "declined"]
LETTERS = ["card_shipped", "card_delivered", "card_returned", "card_lost"]

Act = tuple[str, int]
ACTS: st.SearchStrategy[Act] = st.tuples(
    st.sampled_from(
        # Acts that move a case on are played more often than acts that disturb it.
        ["answer"] * 9 + ["letter"] * 3 + ["visit"] * 3 + ["below"] * 2
        + ["pass", "withdraw", "freeze", "unfreeze", "unfreeze", "duplicate", "forged", "other", "insider", "refuse"]
    ),
    st.integers(0, 23),
)  # fmt: skip
REFUSABLE = ["block_card", "order_card", "activate_card", "cancel_new_card"]


@dataclass
class Player:
    """Plays acts as the rows would let them pass, and notes what was answered."""

    skipping: Rehearsal
    case: Rehearsed
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    """(kind, outcome, by) of each answer that the rows took."""
    visits: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """The other cases under this one that have ended."""
    last: Answered | None = None

    @property
    def closed(self) -> bool:
        return bool(self.case.closes)

    @property
    def past_no_return(self) -> bool:
        return self.case.past_no_return

    def open_steps(self) -> list[str]:
        gone = {*self.case.answered, *self.case.expired, *self.case.withdrawn}
        if self.case.state == "frozen":
            return []
        steps = [step for step in self.case.items if step not in gone]
        return [step for step in steps if step.startswith("resolve_failure")] if self.case.state else steps

    async def play(self, act: Act) -> None:
        name, number = act
        await getattr(self, f"_{name}")(number)
        await self.case.is_quiet()

    async def _answer(self, number: int) -> None:
        steps = self.open_steps()
        if not steps:
            return
        step = steps[number % len(steps)]
        kind = KINDS[self.case.items[step].kind]
        outcomes = [outcome.value for outcome in kind.decisions]
        # The first outcome of each kind is the one that goes on.
        outcome = outcomes[0] if number % 4 else outcomes[number // 4 % len(outcomes)]
        by = {"identifier": "identifier-1", "approver": "approver-1"}.get(kind.part, "desk-2" if kind.role else "")
        self.answers.append((kind.name, outcome, by))
        self.last = Answered(self.case.id, f"answer {len(self.answers)}", step, outcome, by, kind.part)
        self.case.answered.add(step)
        await self.case.handle.signal("answered", self.last)
        if kind.name == "activate_early":
            postings = sum(name in ("order_card", "reship_card") for name in self.case.effects)
            await self.case.happens("card_in_hand", posting=postings)

    async def _insider(self, number: int) -> None:
        """A signal from the person who opened the case, past the rows: the process itself drops it."""
        for step in self.open_steps():
            if KINDS[self.case.items[step].kind].part:
                told = Answered(self.case.id, f"insider {number}", step, "approved", "insider", "approver")
                await self.case.handle.signal("answered", told)

    async def _duplicate(self, number: int) -> None:
        if self.last:
            await self.case.handle.signal("answered", self.last)

    async def _forged(self, number: int) -> None:
        for step in self.open_steps():
            told = f'{{"case":"{self.case.id}","command":"f{number}","step":"{step}","outcome":"approved"}}'
            await self.case.raw("answered", Payload(metadata={"encoding": b"json/plain"}, data=told.encode()))

    async def _other(self, number: int) -> None:
        await self.case.handle.signal("happened", Happened("another case", f"o{number}", LETTERS[number % 4], {}))

    async def _letter(self, number: int) -> None:
        """News of the current posting, or late news of the one before."""
        postings = sum(name in ("order_card", "reship_card") for name in self.case.effects)
        if postings:
            posting = max(1, postings - (number % 6 == 0))
            await self.case.happens(LETTERS[number % 4], posting=posting)

    async def _visit(self, number: int) -> None:
        if "home_visit" in self.case.children and not self.visits and not self.case.state:
            outcome, result, alternative = VISITS[number % len(VISITS)]
            self.visits.append(result)
            facts = {name: value for name, value in (("result", result), ("alternative", alternative)) if value}
            await self.case.child_closes("home_visit", outcome, **facts)

    async def _below(self, number: int) -> None:
        """A call-back ends, or the case that moves the payments."""
        opened = [one for one in self.case.children if one != "home_visit"]
        if len(opened) > len(self.others) and not self.case.state:
            process = opened[len(self.others)]
            self.others.append(process)
            called = {"result": CALLED[number % len(CALLED)]} if process == "call_back" else {}
            await self.case.child_closes(process, **called)

    async def _pass(self, number: int) -> None:
        await expects_letter(self.case, after=timedelta(days=60))
        await self.case.passes(days=1 + number)

    async def _withdraw(self, number: int) -> None:
        """Past the point of no return the rows refuse it. It is played rarely, so that cases get far."""
        if number < 8 and not self.past_no_return and self.case.state != "stopping" and not self.closed:
            await self.case.is_withdrawn()

    async def _freeze(self, number: int) -> None:
        if not self.case.state and not self.closed:
            await self.case.is_frozen()

    async def _unfreeze(self, number: int) -> None:
        if self.case.state == "frozen":
            await self.case.is_unfrozen()

    async def _refuse(self, number: int) -> None:
        self.skipping.refuses(REFUSABLE[number % len(REFUSABLE)], "refused")

    async def to_the_end(self) -> str:
        """Nobody disturbs the case any more: it is let go on, and open items are given up or left to expire."""
        self.skipping.failures.clear()
        await self._unfreeze(0)
        for _ in range(30):
            await self.case.is_quiet()
            if self.closed:
                return await self.case.ends()
            if "home_visit" in self.case.children and not self.visits:
                await self._visit(5)
            elif len([one for one in self.case.children if one != "home_visit"]) > len(self.others):
                await self._below(1)
            elif steps := self.open_steps():
                await self._last_answer(steps[0])
            else:
                await self.case.passes(days=61)
        raise AssertionError(f"never ended: {self.case.stages}, {list(self.case.items)}, {self.case.state}")

    async def _last_answer(self, step: str) -> None:
        """The last outcome of each kind ends the case; items that expire are left to expire."""
        kind = KINDS[self.case.items[step].kind]
        if kind.when_due is WhenDue.EXPIRE:
            await self.case.passes(days=31)
        else:
            self.answers.append((kind.name, kind.decisions[-1].value, "desk-9"))
            await self.case.answer(step, kind.decisions[-1].value, by="desk-9")


def holds(player: Player, outcome: str, *, reason: str, risk: str) -> None:
    """What is true of every case, whatever happened to it."""
    case = player.case
    answered = {(kind, outcome) for kind, outcome, _by in player.answers}
    effects = case.effects
    assert outcome in OUTCOMES
    assert set(case.stages) <= STAGES
    assert len(case.closes) == 1
    assert case.closes[0].result == outcome
    if "order_card" in effects:
        assert ("prove_identity", "proven") in answered
        assert player.past_no_return
        if risk == "high":
            seen = {
                ("identify_at_branch", "matched"),
                ("identify_remotely", "matched"),
                ("enter_posted_code", "matched"),
            }
            assert "passed" in player.visits or seen & answered
            assert ("approve_reissue", "approved", "approver-1") in player.answers
    assert not {"activate_card", "cancel_new_card"} <= set(effects)
    for once in ("order_card", "activate_card", "close_card", "cancel_new_card"):
        assert effects.count(once) <= 1
    assert effects.count("reship_card") <= 2
    if outcome == "withdrawn":
        assert "order_card" not in effects
        proven = ("prove_identity", "proven") in answered and any(s.startswith("email_survey") for s in case.items)
        found_again = reason == "lost" and proven and not (risk == "high" and "assess_risk" in effects)
        assert ("unblock_card" in effects) == found_again
    else:
        assert "unblock_card" not in effects or outcome == "failed"
    if outcome == "done":
        assert {"activate_card", "close_card"} <= set(effects)


async def _play(reason: str, risk: str, acts: list[Act]) -> None:
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        skipping = Rehearsal(await with_search_attributes(env), branch="any order")
        async with skipping.worker():
            case = await skipping.open(
                "card_reissue", requester="insider", gives={"assess_risk": {"risk": risk}}, reason=reason
            )
            await expects_letter(case, after=timedelta(days=60))
            player = Player(skipping, case)
            await case.is_quiet()
            for act in acts:
                if player.closed:
                    break
                await player.play(act)
            outcome = await player.to_the_end()
            holds(player, outcome, reason=reason, risk=risk)


@pytest.mark.parametrize(("risk", "entries_a_run"), [("low", 2000), ("high", 2000), ("high", 1)])
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # a second an example: shrinking would take minutes
)
@given(reason=st.sampled_from(["lost", "fraud", "damaged"]), acts=st.lists(ACTS, min_size=6, max_size=22))
def test_whatever_comes_in_whatever_order_the_rules_hold(
    risk: str, entries_a_run: int, settings: Settings, reason: str, acts: list[Act]
) -> None:
    settings.CODEC_KEYS = GOLDEN_KEYS
    CardReissue.entries_a_run = entries_a_run

    try:
        asyncio.run(_play(reason, risk, acts))
    finally:
        del CardReissue.entries_a_run
