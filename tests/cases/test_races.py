"""Many requests at once, on real connections: of two that exclude each other one wins, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pytest

from backoffice.actors import Level
from backoffice.cards.models import CardReissue, Reason
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cards.reissue.signals import fraud_signalled
from backoffice.cases import answering, checkpoints, freezing, timeline, transitions, withdrawing, worklist
from backoffice.cases.models import Case, CaseState, Command, Event, ItemState, Part, WorkItem
from backoffice.refusals import Conflict, Forbidden, Refused
from backoffice.staff.models import Role
from tests.at_once import at_once
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, customer_actor, open_card_case, outside_actor
from workflows.base.contracts import Close, OpenChild, Said, Transition

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(results: Sequence[object]) -> list[Refused]:
    unexpected = [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert unexpected == []
    return [one for one in results if isinstance(one, Refused)]


def test_fifty_answers_of_the_customer_at_once_are_one_answer_and_one_receipt() -> None:
    """Threat 9."""
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")
    by = customer_actor(case.customer, level=Level.CONFIRMED)

    results = at_once([lambda: answering.answer(item_id=item.id, by=by, data={})] * 50)

    assert refusals(results) == []
    receipts = [one for one in results if isinstance(one, answering.Receipt)]
    assert Counter(receipt.again for receipt in receipts) == {False: 1, True: 49}
    assert {receipt.outcome for receipt in receipts} == {"proven"}
    assert Command.objects.filter(case=case, signal="answered").count() == 1
    assert Event.objects.filter(case=case, kind="item.answered_by_customer").count() == 1


def test_of_many_who_approve_at_once_one_does_and_the_others_are_told() -> None:
    case = open_card_case(make_card())
    item = ask(case, "approve_reissue")
    staff = [make_staff(role=Role.APPROVER) for _ in range(12)]
    outcomes = ["approved", "rejected"] * 6

    results = at_once(
        [
            partial(answering.answer, item_id=item.id, by=actor(user), data={"outcome": outcome, "reason": "seen"})
            for user, outcome in zip(staff, outcomes, strict=True)
        ]
    )

    refused = refusals(results)
    assert [error.code for error in refused] == ["already_answered"] * 11
    assert all(isinstance(error, Conflict) and error.status == 409 for error in refused)
    item.refresh_from_db()
    won = next(one for one in results if isinstance(one, answering.Receipt))
    assert (item.outcome, item.answered_by_id) == (won.outcome, won.item.answered_by_id)
    assert Part.objects.filter(root=case, part="approver").count() == 1


def test_a_withdrawal_and_an_answer_at_once_are_both_whole() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")
    by = customer_actor(case.customer, level=Level.CONFIRMED)

    results = at_once(
        [
            lambda: answering.answer(item_id=item.id, by=by, data={}),
            lambda: withdrawing.withdraw(case_id=case.id, by=by),
        ]
    )

    refused = refusals(results)
    item.refresh_from_db()
    case.refresh_from_db()
    assert case.state == CaseState.STOPPING
    assert item.state == (ItemState.WITHDRAWN if refused else ItemState.ANSWERED)
    assert timeline.verify(case) is None


def test_a_withdrawal_and_the_point_of_no_return_at_once_exclude_each_other() -> None:
    for _ in range(5):
        case = open_card_case(make_card())
        by = customer_actor(case.customer)
        step = Transition(str(case.id), case.applied + 1, datetime.now(UTC), Said(no_return=True))

        results = at_once(
            [
                partial(withdrawing.withdraw, case_id=case.id, by=by),
                partial(transitions.apply, step),
            ]
        )

        refusals(results)
        case.refresh_from_db()
        assert case.past_no_return is not (case.state == CaseState.STOPPING)


def test_twenty_openings_with_one_key_at_once_are_one_case() -> None:
    card = make_card()
    by = customer_actor(card.customer)

    results = at_once([lambda: open_reissue(card=card, reason=Reason.LOST, by=by, key="the one key")] * 20)

    assert refusals(results) == []
    opened = [one for one in results if isinstance(one, tuple)]
    assert len({case.id for case, _new in opened}) == 1
    assert sum(new for _case, new in opened) == 1
    assert Case.objects.count() == CardReissue.objects.count() == 1


def test_of_openings_of_one_card_with_different_keys_at_once_one_is_done() -> None:
    card = make_card()
    by = customer_actor(card.customer)

    results = at_once(
        [partial(open_reissue, card=card, reason=Reason.LOST, by=by, key=f"key {number}") for number in range(10)]
    )

    assert [error.code for error in refusals(results)] == ["not_reissuable"] * 9
    assert Case.objects.count() == 1


def test_one_signal_of_fraud_many_times_at_once_is_one_case() -> None:
    card = make_card()

    results = at_once([lambda: fraud_signalled(signal_id="s1", card=card, by=outside_actor())] * 10)

    assert refusals(results) == []
    assert Case.objects.count() == 1


def test_of_those_who_claim_an_item_at_once_one_has_it() -> None:
    item = ask(open_card_case(make_card()), "call_customer")
    staff = [make_staff() for _ in range(10)]

    results = at_once([partial(worklist.claim, item_id=item.id, by=actor(user), user=user) for user in staff])

    assert [error.code for error in refusals(results)] == ["held_by_another"] * 9
    winner = next(one for one in results if isinstance(one, WorkItem))
    item.refresh_from_db()
    assert item.holder_id == winner.holder_id
    assert Event.objects.filter(case=item.case, kind="item.claimed").count() == 1


def test_a_family_that_closes_is_withdrawn_frozen_and_signed_at_once_never_locks_itself_up() -> None:
    sam = actor(make_staff(role=Role.SUPERVISOR))
    for _ in range(6):
        parent = open_card_case(make_card())
        advance(parent, children=(OpenChild("home_visit", "home_visit"),))
        child = Case.objects.get(parent=parent)
        end = Transition(
            str(child.id), child.applied + 1, datetime.now(UTC), Said(close=Close("done")), compensating=True
        )
        by = customer_actor(parent.customer)

        results = at_once(
            [
                partial(transitions.apply, end),
                partial(withdrawing.withdraw, case_id=parent.id, by=by),
                partial(freezing.freeze, case_id=child.id, by=sam, reason="odd"),
                lambda: checkpoints.sign(now=datetime.now(UTC)),
            ]
        )

        assert all(isinstance(error, (Conflict, Forbidden)) for error in refusals(results))
        for case in Case.objects.filter(id__in=[parent.id, child.id]):
            assert timeline.verify(case) is None
    assert checkpoints.contradiction() == ""
