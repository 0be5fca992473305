"""The contact change, from its opening to the address in force or an early end, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import Gives
from workflows.contact_change.spec import PERIODS

pytestmark = pytest.mark.anyio
CALM: dict[str, Any] = {"risk": "low", "witnessed": True}
RISKY = CALM | {"risk": "high"}
ALONE = CALM | {"witnessed": False, "by_letter": True}
APPLIED = {"applied": True}
WAITS = ("confirm_change", "enter_code", "home_visit", "identify_at_branch", "announced", "approve_change")


async def open_change(
    skipping: Rehearsal, *assessed: dict[str, Any], applied: bool = True, what: str = "mail", **facts: Any
) -> Rehearsed:
    """`assessed` is what each assessment finds; the last one stays."""
    found: list[Gives] = list(assessed or (CALM,))
    gives: dict[str, Gives | list[Gives]] = {"assess": found, "apply": {"applied": applied}}
    return await skipping.open("contact_change", gives=gives, what=what, **facts)


async def reach(case: Rehearsed, place: str) -> None:
    """Plays a change that needs everything until it waits at that place."""
    if place == "confirm_change":
        await case.asks(place)
        return
    await case.answer("confirm_change", "confirmed")
    if place == "enter_code":
        await case.asks(place)
        return
    await case.answer("enter_code", "matched")
    if place == "home_visit":
        await case.until(lambda: place in case.children)
        return
    await case.child_closes("home_visit", result="declined", alternative="branch")
    if place == "identify_at_branch":
        await case.asks(place)
        return
    await case.answer("identify_at_branch", "matched", by="desk-1")
    await case.enters("announced")
    if place == "approve_change":
        await its_time_is_over(case)
        await case.asks(place)


async def proven(case: Rehearsed) -> None:
    await case.answer("confirm_change", "confirmed")
    await case.answer("enter_code", "matched")


async def its_time_is_over(case: Rehearsed) -> None:
    await case.enters("announced")
    await case.passes(PERIODS.time_to_stop_it)


async def test_it_is_confirmed_proven_announced_for_three_days_and_applied(skipping: Rehearsal) -> None:
    case = await open_change(skipping)
    begun = await case.now()
    await proven(case)

    assert await case.ends() == "done"
    assert case.stages == ["confirmed", "new_proven", "announced", "applied"]
    assert case.effects == ["send_code", "assess", "assess", "apply"]
    assert case.told == ["change_asked", "change_announced", "change_applied"]
    assert case.at() - begun >= timedelta(hours=72)


async def test_no_code_goes_out_before_the_customer_has_confirmed(skipping: Rehearsal) -> None:
    case = await open_change(skipping)
    await case.asks("confirm_change")

    assert case.effects == []
    assert await case.ends() == "expired"
    assert case.effects == []
    assert case.expired == ["confirm_change"]
    assert case.closes[0].reason == "not_confirmed"


async def test_a_code_that_is_not_entered_ends_it_after_the_time_of_its_channel(skipping: Rehearsal) -> None:
    for what, abroad, days in (("mail", False, 3), ("phone", False, 1), ("postal", False, 35), ("postal", True, 45)):
        case = await open_change(skipping, what=what, abroad=abroad)
        await case.answer("confirm_change", "confirmed")
        item = await case.asks("enter_code")

        assert await case.ends() == "expired"
        assert item.due_at is not None
        sent = case.done[2 if what == "phone" else 1]
        assert item.due_at - sent.at == timedelta(days=days)
        assert case.expired == ["enter_code"]
        assert (case.told[-1], case.closes[0].reason) == ("change_ended", "not_proven")


async def test_nothing_is_applied_an_hour_before_the_time_to_stop_it_is_over(skipping: Rehearsal) -> None:
    case = await open_change(skipping)
    await proven(case)
    await case.enters("announced")
    await case.passes(hours=71)

    assert "apply" not in case.effects
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"
    assert "apply" not in case.effects
    assert case.told[-1] == "change_ended"


async def test_it_may_be_stopped_wherever_it_waits_and_nothing_is_changed(skipping: Rehearsal) -> None:
    for place in WAITS:
        case = await open_change(skipping, ALONE, RISKY)
        await reach(case, place)
        await case.is_withdrawn()

        assert await case.ends() == "withdrawn"
        assert set(case.effects) <= {"send_code", "assess"}, place


async def test_the_time_for_which_it_is_frozen_does_not_count(skipping: Rehearsal) -> None:
    case = await open_change(skipping)
    await proven(case)
    await case.enters("announced")
    await case.is_frozen()
    await case.passes(days=10)
    assert "apply" not in case.effects
    await case.is_unfrozen()
    await case.passes(hours=71)
    assert "apply" not in case.effects

    assert await case.ends() == "done"


@pytest.mark.parametrize(("outcome", "ended"), [("approved", "done"), ("rejected", "rejected")])
async def test_a_risky_one_is_approved_after_the_time_to_stop_it(skipping: Rehearsal, outcome: str, ended: str) -> None:
    case = await open_change(skipping, CALM, RISKY)
    await proven(case)
    await its_time_is_over(case)
    await case.answer("approve_change", outcome, by="approver-1")

    assert await case.ends() == ended
    assert case.stages[:4] == ["confirmed", "new_proven", "announced", "approval"]
    assert ("apply" in case.effects) is (ended == "done")


async def test_an_approval_by_the_requester_is_dropped(skipping: Rehearsal) -> None:
    gives: dict[str, Gives | list[Gives]] = {"assess": RISKY, "apply": APPLIED}
    case = await skipping.open("contact_change", requester="desk-1", gives=gives, what="mail")
    await proven(case)
    await its_time_is_over(case)
    await case.answer("approve_change", "approved", by="desk-1")
    await case.passes(days=2)

    assert "apply" not in case.effects
    assert case.escalated == ["approve_change"]
    await case.answer("approve_change", "approved", by="approver-1")
    assert await case.ends() == "done"


async def test_without_another_old_channel_a_visit_comes_before_the_announcement(skipping: Rehearsal) -> None:
    case = await open_change(skipping, ALONE)
    await proven(case)
    await case.child_closes("home_visit", result="passed")

    assert await case.ends() == "done"
    assert case.stages == ["confirmed", "new_proven", "identity", "announced", "applied"]
    assert case.told == ["change_asked", "change_announced", "change_announced_letter", "change_applied"]


async def test_who_declines_the_visit_is_identified_otherwise_and_never_by_a_letter(skipping: Rehearsal) -> None:
    for alternative, step, outcome, ended in (
        ("branch", "identify_at_branch", "mismatch", "rejected"),
        ("post", "identify_at_branch", "matched", "done"),
        ("remote", "identify_remotely", "matched", "done"),
    ):
        case = await open_change(skipping, ALONE)
        await proven(case)
        await case.child_closes("home_visit", result="declined", alternative=alternative)
        await case.answer(step, outcome, by="desk-1")

        assert await case.ends() == ended
        assert "identity_needed" in case.told


async def test_where_no_visitor_could_come_they_are_identified_at_the_branch(skipping: Rehearsal) -> None:
    case = await open_change(skipping, CALM | {"witnessed": False, "no_home": True})
    await proven(case)
    await case.answer("identify_at_branch", "matched", by="desk-1")

    assert await case.ends() == "done"
    assert not case.children
    assert case.stages == ["confirmed", "new_proven", "identity", "announced", "applied"]
    assert case.told == ["change_asked", "identity_needed", "change_announced", "change_applied"]


async def test_who_has_no_sign_in_is_identified_at_the_branch_and_a_second_person_approves(skipping: Rehearsal) -> None:
    case = await open_change(skipping, RISKY, at_branch=True)
    begun = await case.now()
    await case.answer("identify_at_branch", "matched", by="desk-2")
    await its_time_is_over(case)
    await case.answer("approve_change", "approved", by="approver-1")

    assert await case.ends() == "done"
    assert case.stages == ["identity", "announced", "approval", "applied"]
    assert case.effects == ["assess", "assess", "apply"]
    assert case.told == ["change_asked", "change_announced", "change_applied"]
    assert case.at() - begun >= timedelta(hours=72)


async def test_who_has_no_sign_in_and_is_somebody_else_changes_nothing(skipping: Rehearsal) -> None:
    for outcome in ("mismatch", "not_seen"):
        case = await open_change(skipping, RISKY, at_branch=True)
        await case.answer("identify_at_branch", outcome, by="desk-2")

        assert await case.ends() == "rejected"
        assert case.closes[0].reason == "identity_not_shown"
        assert case.effects == []


async def test_who_is_not_the_customer_changes_nothing(skipping: Rehearsal) -> None:
    for result in ("mismatch", "refused", None):
        case = await open_change(skipping, ALONE)
        await proven(case)
        await case.child_closes("home_visit", result=result)

        assert await case.ends() == "rejected"
        assert case.closes[0].reason == "identity_not_shown"
        assert "apply" not in case.effects


async def test_who_stops_the_visit_only_is_identified_at_the_branch(skipping: Rehearsal) -> None:
    case = await open_change(skipping, ALONE)
    await proven(case)
    await case.child_closes("home_visit", "withdrawn")
    await case.answer("identify_at_branch", "not_seen", by="desk-1")

    assert await case.ends() == "rejected"


async def test_it_gives_way_when_the_old_address_was_replaced_meanwhile(skipping: Rehearsal) -> None:
    overtaken = CALM | {"overtaken": True}
    for assessed in ((overtaken,), (CALM, overtaken)):
        case = await open_change(skipping, *assessed)
        await proven(case)

        assert await case.ends() == "rejected"
        assert case.closes[0].reason == "overtaken"
        assert "apply" not in case.effects


async def test_it_gives_way_at_the_very_last_moment_too(skipping: Rehearsal) -> None:
    case = await open_change(skipping, applied=False)
    await proven(case)

    assert await case.ends() == "rejected"
    assert "applied" not in case.stages
    assert case.told[-1] == "change_ended"


async def test_a_letter_goes_to_the_old_postal_address_too(skipping: Rehearsal) -> None:
    case = await open_change(skipping, CALM | {"by_letter": True}, what="postal")
    await proven(case)

    assert await case.ends() == "done"
    assert "change_announced_letter" in case.told


async def test_a_number_that_costs_extra_ends_it_before_a_code_goes_there(skipping: Rehearsal) -> None:
    case = await skipping.open("contact_change", gives={"look_at_number": {"refused": True}}, what="phone")
    await case.answer("confirm_change", "confirmed")

    assert await case.ends() == "rejected"
    assert case.effects == ["look_at_number"]
    assert (case.told[-1], case.closes[0].reason) == ("change_ended", "costs_extra")


async def test_a_number_that_comes_to_cost_extra_ends_it_wherever_that_is_found(skipping: Rehearsal) -> None:
    refused = CALM | {"refused": True}
    for assessed, applied in (
        ((refused,), APPLIED),
        ((CALM, refused), APPLIED),
        ((CALM,), {"applied": False} | refused),
    ):
        answer = {name: value for name, value in applied.items() if name in ("applied", "refused")}
        gives: dict[str, Gives | list[Gives]] = {"look_at_number": {}, "assess": list(assessed), "apply": answer}
        case = await skipping.open("contact_change", gives=gives, what="phone")
        await proven(case)

        assert await case.ends() == "rejected"
        assert case.closes[0].reason == "costs_extra"
        assert "applied" not in case.stages
