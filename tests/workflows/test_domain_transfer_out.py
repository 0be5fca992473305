"""Every branch and timer of the transfer-out, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.transferring import (
    FORTHWITH,
    GENERIC,
    TAKES_BACK,
    asked_for,
    code_is_good,
    open_transfer,
    reach_code,
)

pytestmark = pytest.mark.anyio


# --- the straight ways ------------------------------------------------------------------------------------------------


async def test_where_the_code_is_due_forthwith_only_hours_pass_and_nobody_approves(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping, {**FORTHWITH, "high_value": True, "contacts_changed": True})
    await case.enters("announced")
    await code_is_good(case, days=14)
    await case.passes(hours=1, minutes=59)
    assert case.effects == ["assess_transfer"]
    await case.passes(minutes=2)
    await case.asks("take_transfer_code")
    await case.happens("code_wanted")
    await asked_for(case)
    await case.happens("registry_transfer", state="gone")

    assert await case.ends() == "done"
    assert case.stages == ["confirmed", "announced", "unlocked", "authinfo", "pending", "gone"]
    assert case.effects == [
        *["assess_transfer", "assess_transfer", "unlock_domain", "set_transfer_code", "let_domain_go"],
    ]
    assert case.told == [
        *["transfer_out_requested", "transfer_out_announced", "transfer_code_ready", "transfer_pending", "domain_gone"],
    ]


async def test_a_generic_name_waits_a_day(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    await code_is_good(case, days=14)
    await case.passes(hours=23, minutes=59)
    assert "unlock_domain" not in case.effects
    await case.passes(minutes=2)

    await case.asks("take_transfer_code")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_one_of_high_value_waits_three_days_and_a_second_person_approves(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping, {**GENERIC, "high_value": True})
    await case.enters("announced")
    await case.passes(days=2, hours=23, minutes=59)
    assert "approval" not in case.stages
    await case.passes(minutes=2)
    item = await case.asks("release_domain")
    assert (case.kind(item).part, case.kind(item).sensitive) == ("approver", True)
    await code_is_good(case, days=14)
    await case.answer("release_domain", "approved", by="approver-1")
    await case.asks("take_transfer_code")
    await case.happens("registry_transfer", state="gone")

    assert await case.ends() == "done"
    assert case.effects.count("assess_transfer") == 3
    assert case.closes[0].parts == {"approver-1": "approver"}


async def test_where_the_registry_moves_it_at_once_nothing_is_pending(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await case.happens("registry_transfer", state="gone")

    assert await case.ends() == "done"
    assert "pending" not in case.stages


# --- before anything is unlocked --------------------------------------------------------------------------------------


async def test_who_does_not_confirm_in_a_week_is_reminded_and_it_expires(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping, confirms=False)

    assert await case.ends() == "expired"
    assert case.reminded == ["confirm_transfer_out", "confirm_transfer_out"]
    assert case.closes[0].reason == "not_confirmed"
    assert case.effects == []
    assert case.at() - case.at(0) >= timedelta(days=7)


@pytest.mark.parametrize("looked_at", [1, 2, 3])
async def test_a_domain_that_may_not_leave_ends_it_whenever_that_is_found(skipping: Rehearsal, looked_at: int) -> None:
    careful = {**GENERIC, "contacts_changed": True}
    case = await open_transfer(skipping, [*[careful] * (looked_at - 1), {"refused": True}])
    if looked_at == 3:
        await case.enters("announced")
        await case.passes(days=1, minutes=1)
        await case.answer("release_domain", "approved", by="approver-1")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "not_eligible"
    assert case.effects == ["assess_transfer"] * looked_at


async def test_who_rejects_it_ends_it_with_nothing_changed(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping, {**GENERIC, "contacts_changed": True})
    await case.enters("announced")
    await case.passes(days=1, minutes=1)
    await case.answer("release_domain", "rejected", by="approver-1")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "not_approved"
    assert "unlock_domain" not in case.effects


async def test_an_approval_that_nobody_gives_goes_to_the_supervisors(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping, {**GENERIC, "contacts_changed": True})
    await case.enters("announced")
    await case.passes(days=1, minutes=1)
    await case.asks("release_domain")
    await case.passes(days=1, hours=1)
    assert case.escalated == ["release_domain"]

    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_the_time_to_stop_it_moves_while_the_case_is_frozen(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    await case.is_quiet()
    await case.is_frozen()
    await case.passes(days=3)
    assert "unlock_domain" not in case.effects
    await code_is_good(case, days=20)
    await case.is_unfrozen()
    await case.passes(hours=23)
    assert "unlock_domain" not in case.effects
    await case.passes(hours=2)

    await case.asks("take_transfer_code")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


# --- the code ---------------------------------------------------------------------------------------------------------


async def test_a_code_that_nobody_uses_is_taken_away_and_the_domain_locked_again(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    until = await code_is_good(case, days=15)
    case.gives["ask_transfer"] = [{"state": "none"}]
    await case.passes(days=1, minutes=1)
    await case.asks("take_transfer_code")
    await case.passes_until(until - timedelta(minutes=1))
    assert "unset_transfer_code" not in case.effects

    assert await case.ends() == "expired"
    assert case.closes[0].reason == "not_used"
    assert case.effects[-3:] == ["ask_transfer", *TAKES_BACK]
    assert case.told[-1] == "transfer_out_ended"


async def test_who_wants_to_see_it_again_gets_another_one_until_the_same_day(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    until = await reach_code(case)
    await case.happens("code_wanted")
    assert (await case.asks("take_transfer_code-2")).due_at == until
    assert case.effects.count("set_transfer_code") == 1
    await case.happens("code_wanted", again=True)
    assert (await case.asks("take_transfer_code-3")).due_at == until
    assert case.effects.count("set_transfer_code") == 2

    case.gives["ask_transfer"] = [{"state": "stayed"}]
    assert await case.ends() == "expired"
    assert case.effects.count("unset_transfer_code") == 1


@pytest.mark.parametrize(("says", "result"), [("pending", "done"), ("gone", "done")])
async def test_late_news_of_the_registry_is_asked_for_in_the_end(skipping: Rehearsal, says: str, result: str) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    case.gives["ask_transfer"] = [{"state": says}, {"state": "gone"}]

    assert await case.ends() == result
    assert ("pending" in case.stages) == (says == "pending")


async def test_a_request_that_came_to_nothing_before_we_heard_of_it_changes_nothing(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await case.happens("registry_transfer", state="stayed")
    await case.is_quiet()
    assert case.stages[-1] == "authinfo"

    await case.happens("registry_transfer", state="gone")
    assert await case.ends() == "done"


# --- pending ----------------------------------------------------------------------------------------------------------


async def test_the_holder_refuses_and_everything_is_taken_back(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    until = await asked_for(case)
    assert (await case.asks("refuse_transfer")).due_at == until
    assert (await case.asks("approve_transfer")).due_at == until
    case.gives["reject_transfer"] = [{"state": "stayed"}]
    await case.happens("holder_decided")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "refused_by_holder"
    assert case.stages[-1] == "stayed"
    assert case.effects[-3:] == ["reject_transfer", *TAKES_BACK]
    assert case.withdrawn[-2:] == ["refuse_transfer", "approve_transfer"]
    assert case.told[-1] == "transfer_out_ended"


async def test_a_refusal_that_comes_too_late_ends_with_the_domain_gone(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await asked_for(case)
    case.gives["reject_transfer"] = [{"state": "gone"}]
    await case.happens("holder_decided")

    assert await case.ends() == "done"
    assert case.effects[-1] == "let_domain_go"


async def test_the_holder_lets_it_go_at_once_past_the_point_of_no_return(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await asked_for(case)
    case.gives["approve_transfer"] = [{"state": "gone"}]
    await case.happens("holder_decided", approves=True)

    assert await case.ends() == "done"
    assert case.past_no_return
    assert case.effects[-2:] == ["approve_transfer", "let_domain_go"]


async def test_an_approval_after_the_other_side_gave_up_takes_everything_back(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await asked_for(case)
    case.gives["approve_transfer"] = [{"state": "stayed"}]
    await case.happens("holder_decided", approves=True)

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "not_transferred"
    assert case.effects[-3:] == ["approve_transfer", *TAKES_BACK]


async def test_silence_leaves_it_to_the_registry(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    until = await asked_for(case)
    await case.passes_until(until + timedelta(minutes=1))
    assert "ask_transfer" not in case.effects
    await case.happens("registry_transfer", state="gone")

    assert await case.ends() == "done"


async def test_a_silent_registry_is_asked_every_day(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    until = await asked_for(case)
    case.gives["ask_transfer"] = [{"state": "pending"}, {"state": "pending"}, {"state": "stayed"}]

    assert await case.ends() == "rejected"
    assert case.effects.count("ask_transfer") == 3
    assert timedelta(days=3) <= case.at() - until <= timedelta(days=3, hours=1)


async def test_the_other_registrar_gives_up(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    await asked_for(case)
    await case.happens("registry_transfer", state="stayed")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "not_transferred"
    assert case.effects[-2:] == TAKES_BACK


async def test_while_the_case_is_frozen_the_registrys_clock_goes_on(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await reach_code(case)
    until = await asked_for(case)
    await case.is_quiet()
    await case.is_frozen()
    await case.passes_until(until + timedelta(days=2))
    await case.happens("registry_transfer", state="gone")
    await case.is_unfrozen()

    assert await case.ends() == "done"


# --- stopped, and an outside system that fails ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "taken_back"),
    [
        ("confirm_transfer_out", []),
        ("announced", []),
        ("release_domain", []),
        ("take_transfer_code", TAKES_BACK),
        ("refuse_transfer", TAKES_BACK),
    ],
)
async def test_the_holder_stops_it_at_each_step(skipping: Rehearsal, step: str, taken_back: list[str]) -> None:
    careful = {**GENERIC, "contacts_changed": step == "release_domain"}
    case = await open_transfer(skipping, careful, confirms=step != "confirm_transfer_out")
    if step == "announced":
        await case.enters("announced")
        await case.is_quiet()
    elif step in ("take_transfer_code", "refuse_transfer"):
        await reach_code(case)
        if step == "refuse_transfer":
            await asked_for(case)
    elif step == "release_domain":
        await case.enters("announced")
        await case.passes(days=1, minutes=1)
    if step != "announced":
        await case.asks(step)
    before = len(case.effects)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects[before:] == taken_back
    assert case.told[-1] == "transfer_out_ended"


async def test_a_registry_that_refuses_to_unlock_is_for_a_person(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    skipping.refuses("unlock_domain", "epp_2304")
    await case.passes(days=1, minutes=1)
    item = await case.asks("resolve_failure")
    assert item.why is not None
    assert item.why.about == "unlock_domain: epp_2304"
    await case.answer("resolve_failure", "give_up", by="supervisor-1")

    assert await case.ends() == "failed"
    assert case.effects == ["assess_transfer", "assess_transfer"]


async def test_a_registry_that_refuses_the_code_has_the_domain_locked_again(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    skipping.refuses("set_transfer_code", "epp_2306")
    await case.passes(days=1, minutes=1)
    await case.answer("resolve_failure", "give_up", by="supervisor-1")

    assert await case.ends() == "failed"
    assert case.effects[-1] == "relock_domain"
    assert "unset_transfer_code" not in case.effects


async def test_a_silent_registry_is_asked_again_with_the_same_key(skipping: Rehearsal) -> None:
    case = await open_transfer(skipping)
    await case.enters("announced")
    await code_is_good(case, days=20)
    case.is_away("unlock_domain")
    await case.env.sleep(timedelta(days=1, minutes=1))
    await case.until(lambda: [call.name for call in case.tries].count("unlock_domain") >= 2, "try it")
    case.gives["unlock_domain"] = [{}]
    await case.system_is_back("registry")
    await case.asks("take_transfer_code")
    assert len({call.key for call in case.tries if call.name == "unlock_domain"}) == 1

    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"
