"""What a transfer-out does after the back office has kept its domain here during a freeze (`transfer_out/guarding.py`),
on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.transferring import TAKES_BACK, asked_for, code_is_good, open_transfer, reach_code

pytestmark = pytest.mark.anyio


async def test_after_a_freeze_the_domain_is_unlocked_again_with_another_code(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    until = await reach_code(case)
    await case.is_quiet()
    await case.is_frozen()
    await case.happens("locked_meanwhile")
    await case.passes(days=3)
    assert "open_domain_again" not in case.effects
    case.gives["open_domain_again"] = [{"state": "none"}]
    await case.is_unfrozen()

    assert (await case.asks("take_transfer_code-2")).due_at == until
    assert case.effects[-2:] == ["open_domain_again", "set_transfer_code"]
    await case.until(lambda: case.told.count("transfer_code_ready") == 2, "tell of the other code")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"
    assert case.effects[-2:] == TAKES_BACK


async def test_a_request_that_was_quicker_than_the_freeze_is_what_counts_after_it(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await case.is_quiet()
    await case.is_frozen()
    await case.happens("locked_meanwhile")
    until = (await case.now() + timedelta(days=5)).isoformat()
    case.gives["open_domain_again"] = [{"state": "pending", "until": until}]
    await case.is_unfrozen()

    await case.enters("pending")
    assert case.effects.count("set_transfer_code") == 1
    await case.happens("registry_transfer", state="gone")
    assert await case.ends() == "done"


async def test_a_freeze_that_lasts_longer_than_the_code_opens_nothing_any_more(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    until = await code_is_good(case, days=15)
    case.gives["ask_transfer"] = [{"state": "none"}]
    await case.passes(days=1, minutes=1)
    await case.asks("take_transfer_code")
    await case.is_quiet()
    await case.is_frozen()
    await case.happens("locked_meanwhile")
    await case.passes_until(until + timedelta(days=1))
    await case.is_unfrozen()

    assert await case.ends() == "expired"
    assert "open_domain_again" not in case.effects
    assert case.effects[-2:] == TAKES_BACK


@pytest.mark.parametrize("heard", [True, False])
async def test_a_transfer_that_was_refused_while_frozen_ends_as_stayed(skipping: Rehearsal, heard: bool) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    if heard:
        await asked_for(case)
    await case.is_quiet()
    await case.is_frozen()
    await case.passes(days=4)
    await case.is_withdrawn(because="refused_while_frozen")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "refused_while_frozen"
    assert case.stages[-1] == "stayed"
    assert case.effects[-2:] == TAKES_BACK
    assert case.told[-1] == "transfer_out_ended"
