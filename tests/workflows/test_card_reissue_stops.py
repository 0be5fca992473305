"""The card reissue withdrawn, frozen, cancelled, and told things twice or by a forger, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from tests.workflows.rehearsal import QUEUE, Rehearsal
from tests.workflows.reissue import BEFORE_ORDER, activate, deliver, does, expects_letter, open_reissue, order, reach
from workflows.base.contracts import Answered, Happened, Turned

pytestmark = pytest.mark.anyio

# --- withdrawn --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", BEFORE_ORDER)
async def test_a_case_may_be_withdrawn_wherever_it_waits(skipping: Rehearsal, step: str) -> None:
    case = await open_reissue(skipping, reason="stolen", risk="high")
    await reach(case, step)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.told[-1] == "reissue_ended"
    assert set(case.effects) <= {"block_card", "assess_risk", "post_code"}
    assert len(case.closes) == 1


@pytest.mark.parametrize(
    ("step", "unblocked"),
    [
        ("prove_identity", False),
        ("call_back", False),
        ("email_survey", True),
        ("correct_address", True),
        ("home_visit", False),
        ("identify_at_branch", False),
        ("approve_reissue", False),
    ],
)
async def test_a_card_found_again_works_again_after_a_proof_and_without_a_doubt(
    skipping: Rehearsal, step: str, unblocked: bool
) -> None:
    case = await open_reissue(skipping, reason="lost", risk="high")
    await reach(case, step)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert ("unblock_card" in case.effects) is unblocked


async def test_a_lost_card_stays_blocked_when_its_owner_cannot_be_called_back(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, reason="lost")
    await reach(case, "email_survey")
    await case.passes(days=14, minutes=1)
    await case.child_closes("call_back", "expired", result="not_reached")

    assert await case.ends() == "expired"
    assert "unblock_card" not in case.effects


async def test_a_card_that_cannot_be_unblocked_is_a_work_item_and_the_case_still_closes(skipping: Rehearsal) -> None:
    skipping.refuses("unblock_card", "card_closed")
    case = await open_reissue(skipping, reason="lost")
    await reach(case, "email_survey")
    await case.is_withdrawn()
    await case.answer("resolve_failure", "give_up", by="supervisor-1")

    assert await case.ends() == "failed"
    assert [close.reason for close in case.closes] == ["unblock_card:card_closed"]


async def test_a_withdrawal_written_just_before_the_point_of_no_return_stops_the_order(skipping: Rehearsal) -> None:
    """The rows are already changed; the signal is still on its way."""
    case = await open_reissue(skipping, reason="lost")
    await reach(case, "email_survey")
    case.gives["assess_risk"] = [lambda args: _then(lambda: setattr(case, "state", "stopping"))]
    await case.answer("email_survey", "answered")
    await case.is_quiet()
    assert "ordered" not in case.stages
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert not case.past_no_return
    assert case.effects[-1] == "unblock_card"


def _then(act: object) -> dict[str, str]:
    assert callable(act)
    act()
    return {"risk": "low"}


# --- frozen -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["prove_identity", "email_survey"])
async def test_time_in_which_a_case_was_frozen_does_not_count(skipping: Rehearsal, step: str) -> None:
    case = await open_reissue(skipping)
    await reach(case, step)
    await case.passes(days=13)
    await case.is_frozen()
    await case.passes(days=5)
    assert case.expired == []
    await case.is_unfrozen()
    await case.passes(hours=23)
    assert case.expired == []
    await case.passes(hours=2)

    assert case.expired == [step]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_reminders_wait_while_a_case_is_frozen(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await reach(case, "prove_identity")
    await case.passes(hours=1)
    await case.is_frozen()
    await case.passes(days=4)
    assert case.reminded == []
    await case.is_unfrozen()
    await case.passes(hours=22)
    assert case.reminded == []
    await case.passes(hours=2)

    assert case.reminded == ["prove_identity"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


@pytest.mark.parametrize("shipped", [False, True])
async def test_a_letter_may_take_longer_by_the_time_the_case_was_frozen(skipping: Rehearsal, shipped: bool) -> None:
    case = await open_reissue(skipping)
    await order(case)
    await case.is_frozen()
    await case.passes(days=20)
    await case.is_unfrozen()
    if shipped:
        await case.happens("card_shipped", posting=1)
    await case.passes(days=13)
    assert "card_lost" not in case.told

    await deliver(case)
    assert await activate(case) == "done"


@pytest.mark.parametrize("step", ["email_survey", "approve_reissue"])
async def test_an_answer_that_came_before_a_freeze_goes_on_after_it(skipping: Rehearsal, step: str) -> None:
    case = await open_reissue(skipping, risk="high" if step == "approve_reissue" else "low")
    await reach(case, step)
    case.state = "frozen"
    await case.answer(step, "approved" if step == "approve_reissue" else "answered", by="approver-1", part="approver")
    await case.is_frozen()
    await case.is_quiet()
    assert "ordered" not in case.stages
    await case.is_unfrozen()

    await does(case, "order_card")
    await deliver(case)
    assert await activate(case) == "done"


async def test_what_a_freeze_kept_from_being_asked_is_due_later(skipping: Rehearsal) -> None:
    """The rows are frozen a moment before the survey would have been opened."""
    case = await open_reissue(skipping)
    await case.asks("prove_identity")
    case.state = "frozen"
    await case.answer("prove_identity", "proven")
    await case.is_frozen()
    await case.passes(days=20)
    await case.is_unfrozen()
    item = await case.asks("email_survey")
    due_at, now = item.due_at, await case.now()
    assert abs(due_at - now - timedelta(days=14)) < timedelta(minutes=1)

    await case.passes(days=13, hours=23)
    assert case.expired == []
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_frozen_case_may_be_withdrawn(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await reach(case, "email_survey")
    await case.is_frozen()
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"


async def test_a_case_that_is_rejected_while_frozen_closes_once_it_is_withdrawn(skipping: Rehearsal) -> None:
    """The end itself is held back by the rows; a withdrawal lets it pass."""
    case = await open_reissue(skipping, risk="high")
    await reach(case, "approve_reissue")
    case.state = "frozen"
    await case.answer("approve_reissue", "rejected", by="approver-1")
    await case.is_quiet()
    assert not bool(case.closes)
    await case.is_withdrawn()

    assert await case.ends() == "rejected"


# --- an operator cancels ----------------------------------------------------------------------------------------------


async def test_an_operators_cancellation_takes_back_what_was_done(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, reason="lost")
    await reach(case, "email_survey")
    await case.handle.cancel()

    assert await case.ends() == "withdrawn"
    assert case.effects[-1] == "unblock_card"
    assert [close.reason for close in case.closes] == ["cancelled_by_operator"]


async def test_an_operators_cancellation_past_the_point_of_no_return_fails_for_a_person_to_see(
    skipping: Rehearsal,
) -> None:
    case = await open_reissue(skipping, reason="lost")
    await order(case)
    await case.is_quiet()
    await case.handle.cancel()

    assert await case.ends() == "failed"
    assert case.effects[-1] == "order_card"


async def test_an_operators_cancellation_does_not_break_off_a_withdrawal(skipping: Rehearsal) -> None:
    skipping.refuses("unblock_card", "busy")
    case = await open_reissue(skipping, reason="lost")
    await reach(case, "email_survey")
    await case.is_withdrawn()
    await case.asks("resolve_failure")
    await case.handle.cancel()
    await case.is_quiet()
    await case.answer("resolve_failure", "retry", by="supervisor-1")

    assert await case.ends() == "withdrawn"
    assert case.effects[-1] == "unblock_card"
    assert len(case.closes) == 1


# --- told twice, or by a forger ---------------------------------------------------------------------------------------


async def test_a_command_that_comes_twice_counts_once(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await order(case)
    await expects_letter(case)
    returned = Happened(case.id, "the same command", "card_returned", {"posting": 1})
    for _ in range(3):
        await case.handle.signal("happened", returned)
    await does(case, "reship_card")
    await case.is_quiet()
    assert case.effects.count("reship_card") == 1

    await deliver(case, posting=2)
    assert await activate(case) == "done"


async def test_a_first_answer_is_not_replaced_by_a_second(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, risk="high")
    await reach(case, "approve_reissue")
    for command, outcome in (("one", "rejected"), ("two", "approved")):
        await case.handle.signal(
            "answered", Answered(case.id, command, "approve_reissue", outcome, "approver-1", "approver")
        )

    assert await case.ends() == "rejected"


async def test_what_we_did_not_seal_is_dropped(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, risk="high")
    await reach(case, "approve_reissue")
    told = f'"case":"{case.id}","command":"c"'
    forged = {
        "answered": f'{{{told},"step":"approve_reissue","outcome":"approved","by":"x","part":"approver","facts":{{}}}}',
        "happened": f'{{{told},"kind":"card_delivered","facts":{{"posting":"1"}}}}',
        "withdraw": f'{{{told},"reason":"by_customer"}}',
        "freeze": f'{{{told},"reason":""}}',
        "unfreeze": f'{{{told},"reason":""}}',
    }
    for signal, content in forged.items():
        await case.raw(signal, Payload(metadata={"encoding": b"json/plain"}, data=content.encode()))
    await case.is_quiet()
    assert case.stages[-1] == "approval"

    await case.answer("approve_reissue", "rejected", by="approver-1")
    assert await case.ends() == "rejected"


async def test_what_is_meant_for_another_case_is_dropped(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, risk="high")
    await reach(case, "approve_reissue")
    other = "00000000-0000-0000-0000-000000000000"
    approved = Answered(other, "c1", "approve_reissue", "approved", "approver-1", "approver")
    await case.handle.signal("answered", approved)
    await case.handle.signal("withdraw", Turned(other, "c2", "by_customer"))
    await case.handle.signal("freeze", Turned(other, "c3", ""))
    await case.is_quiet()
    assert case.stages[-1] == "approval"

    await case.answer("approve_reissue", "rejected", by="approver-1")
    assert await case.ends() == "rejected"


async def test_a_freeze_told_twice_is_one_freeze(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await reach(case, "prove_identity")
    await case.is_frozen()
    await case.passes(days=2)
    await case.is_frozen()
    await case.passes(days=2)
    await case.is_unfrozen()
    await case.passes(timedelta(days=14) - timedelta(hours=1))
    assert case.expired == []
    await case.passes(hours=2)

    assert case.expired == ["prove_identity"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_start_that_we_did_not_seal_does_nothing(skipping: Rehearsal) -> None:
    forger = Client(skipping.env.client.service_client)
    case_id = "00000000-0000-0000-0000-000000000000"
    opened = {"case": case_id, "facts": {"reason": "lost"}}
    forged = await forger.start_workflow("card_reissue", opened, id=case_id, task_queue=QUEUE)

    with pytest.raises(WorkflowFailureError):
        await forged.result()
    assert (await forged.describe()).status is WorkflowExecutionStatus.FAILED
