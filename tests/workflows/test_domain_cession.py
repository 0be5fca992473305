"""Every branch and timer of a domain cession, on the server that skips time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.base.contracts import Answered
from workflows.domain_cession.spec import PERIODS

pytestmark = pytest.mark.anyio
FIVE_DAYS = int(timedelta(days=5).total_seconds())
SIXTY_DAYS = int(timedelta(days=60).total_seconds())
HELD = ["lock_edits", "lock_domain"]
RELEASED = ["unlock_domain", "unlock_edits"]
EXECUTED = ["make_contact", "change_holder"]


async def opened(skipping: Rehearsal, route: str = "electronic", **more: Any) -> Rehearsed:
    """Confirmed by its holder. `careful` asks for an approval."""
    careful = more.pop("careful", False)
    gives = {"weigh_cession": {"needs_approval": careful}, "make_contact": {"handle": "CS1"}}
    facts = {"route": route, "cooling": FIVE_DAYS, **more}
    case = await skipping.open("domain_cession", gives=gives, **facts)  # type: ignore[arg-type]
    await case.answer("request", "confirmed")
    return case


async def both_confirm(case: Rehearsed) -> None:
    await case.answer("confirm_new", "agreed")
    await case.answer("confirm_old", "agreed")


async def test_both_confirm_and_after_the_time_to_stop_it_the_registry_changes_the_holder(
    skipping: Rehearsal,
) -> None:
    case = await opened(skipping)
    await both_confirm(case)
    await case.enters("cooling")
    await case.passes(timedelta(days=5) - timedelta(minutes=1))
    assert "change_holder" not in case.effects

    assert await case.ends() == "done"
    assert case.stages == ["requested", "locked", "agreed", "cooling", "executed"]
    assert case.effects == [*HELD, "weigh_cession", *EXECUTED]
    assert case.acts.index("no return") < case.acts.index("change_holder")
    assert case.told == [
        "cession_requested",
        "cession_asked",
        "cession_announced",
        "cession_announced_to_new_holder",
        "cession_done",
        "cession_done_for_new_holder",
    ]


async def test_nothing_is_locked_before_the_holder_confirms(skipping: Rehearsal) -> None:
    case = await skipping.open("domain_cession", route="electronic", cooling=FIVE_DAYS)
    await case.asks("request")

    assert await case.ends() == "expired"
    assert case.effects == []
    assert case.told[-2:] == ["case_expired", "cession_ended_for_new_holder"]


@pytest.mark.parametrize("who", ["confirm_old", "confirm_new"])
async def test_who_declines_ends_it_for_both_and_everything_is_unlocked(skipping: Rehearsal, who: str) -> None:
    case = await opened(skipping)
    await case.answer(who, "declined")

    assert await case.ends() == "rejected"
    assert case.withdrawn == [{"confirm_old": "confirm_new", "confirm_new": "confirm_old"}[who]]
    assert case.effects == [*HELD, *RELEASED]


async def test_silence_of_one_of_the_two_ends_it_after_seven_days(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("confirm_old", "agreed")
    await case.passes(PERIODS.both_confirm - timedelta(minutes=1))
    assert case.state != "closed"

    assert await case.ends() == "expired"
    assert case.effects == [*HELD, *RELEASED]


@pytest.mark.parametrize("abroad", [False, True])
async def test_a_letter_to_the_new_holder_has_the_time_that_it_needs(skipping: Rehearsal, abroad: bool) -> None:
    case = await opened(skipping, by_letter=True, abroad=abroad)
    lasts = PERIODS.both_confirm_by_letter_abroad if abroad else PERIODS.both_confirm_by_letter
    await case.passes(lasts - timedelta(minutes=1))
    assert case.state != "closed"

    assert await case.ends() == "expired"
    assert case.effects == [*HELD, *RELEASED]


async def test_what_asks_for_care_is_approved_by_another_person(skipping: Rehearsal) -> None:
    case = await opened(skipping, careful=True)
    await both_confirm(case)
    await case.answer("approve_cession", "approved", by="ada")

    assert await case.ends() == "done"
    assert case.stages[3:5] == ["approval", "cooling"]


async def test_who_opened_it_lets_nothing_pass_even_by_a_raw_signal(trying: Rehearsal) -> None:
    case = await trying.open(
        "domain_cession", requester="insider", gives={"weigh_cession": {"needs_approval": True}}, route="electronic"
    )
    await case.answer("request", "confirmed")
    await both_confirm(case)
    await case.asks("approve_cession")
    await case.signal("answered", Answered(case.id, "raw", "approve_cession", "approved", "insider", "approver"))
    await case.is_quiet()
    assert case.stages[-1] == "approval"

    await case.answer("approve_cession", "approved", by="ada")
    assert await case.ends() == "done"


async def test_one_person_has_one_part_in_a_check_even_by_a_raw_signal(trying: Rehearsal) -> None:
    case = await trying.open("domain_cession", route="paper")
    await case.answer("request", "confirmed")
    await case.answer("receive_form", "scanned", by="hanna")
    await case.answer("check_form", "checked", by="hanna", fits=True)
    raw = Answered(case.id, "raw", "check_again", "checked", "hanna", "second_checker", "", {"fits": True})
    await case.signal("answered", raw)
    await case.is_quiet()
    assert "call_back" not in case.items

    await case.answer("check_again", "checked", by="ada", fits=True)
    await case.asks("call_back")
    raw = Answered(case.id, "raw", "call_back", "confirmed", "hanna", "caller", "", {})
    await case.signal("answered", raw)
    await case.is_quiet()
    assert case.stages[-1] == "checked"


async def test_what_is_not_approved_changes_nothing(skipping: Rehearsal) -> None:
    case = await opened(skipping, careful=True)
    await both_confirm(case)
    await case.answer("approve_cession", "rejected", by="ada")

    assert await case.ends() == "rejected"
    assert case.effects == [*HELD, "weigh_cession", *RELEASED]


async def test_it_can_be_stopped_until_the_last_minute(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await both_confirm(case)
    await case.enters("cooling")
    await case.passes(timedelta(days=5) - timedelta(minutes=1))
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == [*HELD, "weigh_cession", *RELEASED]
    assert case.told[-2:] == ["case_withdrawn", "cession_ended_for_new_holder"]


async def test_while_it_is_paused_the_time_to_stop_it_stands_still(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await both_confirm(case)
    await case.enters("cooling")
    await case.is_frozen()
    await case.passes(days=9)
    assert "change_holder" not in case.effects
    await case.is_unfrozen()
    await case.passes(timedelta(days=5) - timedelta(minutes=1))
    assert "change_holder" not in case.effects

    assert await case.ends() == "done"


async def test_a_form_signed_by_both_is_as_good(skipping: Rehearsal) -> None:
    case = await opened(skipping, "signed_pdf")
    await case.answer("upload_form", "signed")

    assert await case.ends() == "done"
    assert "cession_form" in case.told


async def test_a_pdf_that_cannot_be_signed_becomes_paper(skipping: Rehearsal) -> None:
    case = await opened(skipping, "signed_pdf")
    await case.answer("upload_form", "on_paper")
    await _checked(case)
    await case.answer("call_back", "confirmed", by="sam")

    assert await case.ends() == "done"
    assert case.stages == ["requested", "locked", "agreed", "checked", "cooling", "executed"]


async def test_a_pdf_that_never_comes_ends_it(skipping: Rehearsal) -> None:
    case = await opened(skipping, "signed_pdf")

    assert await case.ends() == "expired"
    assert case.effects == [*HELD, "make_form", *RELEASED]


async def test_a_letter_that_never_comes_ends_it_after_thirty_days(skipping: Rehearsal) -> None:
    case = await opened(skipping, "paper")
    await case.asks("receive_form")
    await case.passes(PERIODS.letter_comes - timedelta(minutes=1))
    assert not case.effects[3:]

    assert await case.ends() == "expired"


@pytest.mark.parametrize("first", [True, False])
async def test_both_checks_must_find_that_the_form_fits(skipping: Rehearsal, first: bool) -> None:
    case = await opened(skipping, "paper")
    await _checked(case, first=first, second=not first)

    assert await case.ends() == "rejected"
    assert case.effects == [*HELD, "make_form", *RELEASED]


@pytest.mark.parametrize("came", ["denied", "not_reached"])
async def test_who_is_called_back_and_does_not_confirm_it_keeps_the_domain(skipping: Rehearsal, came: str) -> None:
    case = await opened(skipping, "paper")
    await _checked(case)
    await case.answer("call_back", came, by="sam")

    assert await case.ends() == "rejected"
    assert case.effects == [*HELD, "make_form", *RELEASED]


async def test_a_registry_with_a_lock_keeps_it_for_sixty_days(skipping: Rehearsal) -> None:
    case = await opened(skipping, post_lock=SIXTY_DAYS)
    await both_confirm(case)
    await case.passes(days=5, minutes=1)
    await case.enters("post_lock")
    await case.passes(timedelta(days=60) - timedelta(hours=1))
    assert "release_transfers" not in case.effects

    assert await case.ends() == "done"
    assert case.effects[-1] == "release_transfers"


async def test_a_registry_that_refuses_for_good_is_asked_about_and_given_up(skipping: Rehearsal) -> None:
    skipping.refuses("change_holder", "epp_2304", "epp_2304")
    case = await opened(skipping)
    await both_confirm(case)
    await case.passes(days=5, minutes=1)
    await case.answer("resolve_failure", "retry", by="sam")
    await case.answer("resolve_failure-2", "give_up", by="sam")

    assert await case.ends() == "failed"
    assert case.effects[-2:] == RELEASED
    assert case.told[-2:] == ["case_rejected", "cession_ended_for_new_holder"]


async def _checked(case: Rehearsed, *, first: bool = True, second: bool = True) -> None:
    await case.answer("receive_form", "scanned", by="hanna")
    await case.answer("check_form", "checked", by="hanna", fits=first)
    await case.answer("check_again", "checked", by="ada", fits=second)
