"""Money of a payout that comes back, played by the engine on a server that skips time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import away_for
from workflows.payout_return.spec import PERIODS, TAKE, TRIES

pytestmark = pytest.mark.anyio
DUE, NOTHING = {"due": True}, {"due": False}
TAKEN, REFUSED = {"taken": True}, {"taken": False}


async def opened(skipping: Rehearsal, found: list[Any], *answers: Any) -> Rehearsed:
    return await skipping.open("payout_return", gives={"look_at_return": found, "take_payout_back": list(answers)})


def tries(case: Rehearsed) -> int:
    """How often the provider was asked and answered."""
    return case.acts.count(TAKE.name)


async def test_the_provider_takes_it_at_once_and_the_merchant_is_told(skipping: Rehearsal) -> None:
    case = await opened(skipping, [DUE], TAKEN)

    assert await case.ends() == "done"
    assert (case.stages, case.told) == (["asked", "back"], ["payout_taken_back"])
    assert tries(case) == 1


async def test_what_is_refused_is_tried_again_each_week_and_told_once(skipping: Rehearsal) -> None:
    case = await opened(skipping, [DUE], REFUSED, REFUSED, TAKEN)
    await case.enters("owed")
    await case.passes(PERIODS.until_it_is_tried_again - timedelta(hours=1))
    assert tries(case) == 1
    await case.passes(hours=2)
    assert tries(case) == 2

    assert await case.ends() == "done"
    assert case.stages == ["asked", "owed", "back"]
    assert case.told == ["payout_owed", "payout_taken_back"]


async def test_after_the_last_try_it_stays_a_debt_and_a_supervisor_hears_of_it(skipping: Rehearsal) -> None:
    case = await opened(skipping, [DUE], REFUSED)

    assert await case.ends() == "done"
    assert tries(case) == TRIES
    assert (case.stages, case.told) == (["asked", "owed"], ["payout_owed"])
    assert case.effects.count("leave_as_debt") == 1


async def test_what_other_payouts_have_kept_is_not_taken(skipping: Rehearsal) -> None:
    case = await opened(skipping, [DUE, NOTHING], REFUSED)

    assert await case.ends() == "done"
    assert tries(case) == 1
    assert case.stages == ["asked", "owed", "settled"]


async def test_a_provider_that_is_away_is_asked_again_for_the_same(skipping: Rehearsal) -> None:
    away = away_for()
    case = await opened(skipping, [DUE], away, away, TAKEN)

    assert await case.ends() == "done"
    assert len({one.key for one in case.tries if one.name == "take_payout_back"}) == 1
