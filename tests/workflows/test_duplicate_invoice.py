"""The duplicate of an invoice, played by the engine on a server that skips time."""

from __future__ import annotations

import pytest

from tests.workflows.rehearsal import Rehearsal

pytestmark = pytest.mark.anyio


async def test_the_duplicate_is_made_and_told_and_the_case_closes(skipping: Rehearsal) -> None:
    case = await skipping.open("duplicate_invoice")

    assert await case.ends() == "done"
    assert case.stages == ["made"]
    assert case.effects == ["make_duplicate"]
    assert case.told == ["duplicate_ready"]
    assert not case.items
