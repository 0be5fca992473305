"""Every branch of a change of a domain's safeguards, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed

pytestmark = pytest.mark.anyio


async def open_change(
    skipping: Rehearsal, change: str, *, by_us: bool = False, confirms: bool = True, changed: bool = True
) -> Rehearsed:
    case = await skipping.open(
        "domain_safeguard", gives={"apply_safeguard": {"changed": changed}}, change=change, by_us=by_us
    )
    if confirms and change in ("unprotect", "decline_lock"):
        step, outcome = ("approve_safeguard", "approved") if by_us else ("confirm_safeguard", "confirmed")
        await case.answer(step, outcome, by="approver-1" if by_us else "")
    return case


async def test_what_protects_more_is_in_force_at_once(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "keep_lock")

    assert await case.ends() == "done"
    assert (case.stages, case.told) == (["in_force"], ["safeguard_changed"])
    assert case.at() - case.at(0) < timedelta(minutes=1)


async def test_what_the_holder_loosens_waits_for_seven_days(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "decline_lock")
    await case.enters("announced")
    await case.passes(timedelta(days=7) - timedelta(minutes=1))
    assert case.effects == []

    assert await case.ends() == "done"
    assert case.stages == ["confirmed", "announced", "in_force"]
    assert case.told == ["safeguard_asked", "safeguard_announced", "safeguard_changed"]


async def test_what_we_loosen_needs_a_second_person_and_waits_too(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "unprotect", by_us=True, confirms=False)
    item = await case.asks("approve_safeguard")
    assert (case.kind(item).part, case.kind(item).sensitive) == ("approver", True)
    await case.answer("approve_safeguard", "approved", by="approver-1")
    await case.enters("announced")
    await case.passes(days=6, hours=23)
    assert case.effects == []

    assert await case.ends() == "done"
    assert case.closes[0].parts == {"approver-1": "approver"}


async def test_who_rejects_it_ends_it(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "unprotect", by_us=True, confirms=False)
    await case.answer("approve_safeguard", "rejected", by="approver-1")

    assert await case.ends() == "rejected"
    assert (case.effects, case.closes[0].reason, case.told) == ([], "not_approved", ["safeguard_ended"])


async def test_who_does_not_confirm_in_a_week_changes_nothing(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "decline_lock", confirms=False)

    assert await case.ends() == "expired"
    assert (case.effects, case.told[-1]) == ([], "safeguard_ended")


async def test_it_is_stopped_while_everybody_can(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "decline_lock")
    await case.enters("announced")
    await case.passes(days=6)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert (case.effects, case.told[-1]) == ([], "safeguard_ended")


async def test_while_it_is_frozen_no_time_passes_for_it(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "unprotect")
    await case.enters("announced")
    await case.is_quiet()
    await case.is_frozen()
    await case.passes(days=30)
    await case.is_unfrozen()
    await case.passes(days=6)
    assert case.effects == []

    assert await case.ends() == "done"


async def test_a_domain_that_went_to_somebody_else_meanwhile_is_left_alone(skipping: Rehearsal) -> None:
    case = await open_change(skipping, "decline_lock", changed=False)

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.told[-1]) == ("overtaken", "safeguard_ended")
