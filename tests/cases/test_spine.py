from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from backoffice.actors import Level, system
from backoffice.cards.models import CardState, Reason
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cases import answering, freezing, timeline, transitions, withdrawing
from backoffice.cases.models import Case, CaseState, Command, Event, ItemState, WaitingOn, WorkItem
from backoffice.refusals import Conflict, Forbidden, Invalid, NeedsProof, NotFound
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_customer, make_staff
from tests.playing import advance, ask, close, customer_actor, open_card_case, outside_actor
from workflows.base.contracts import DoEffect, Said, SendNotice, Transition

pytestmark = pytest.mark.django_db


def test_opening_writes_case_event_and_command_together_and_blocks_the_card() -> None:
    card = make_card()

    case = open_card_case(card)

    card.refresh_from_db()
    assert card.state == CardState.BLOCKED
    assert list(Event.objects.filter(case=case).values_list("kind", flat=True)) == ["case.opened"]
    command = Command.objects.get(case=case)
    assert (command.kind, command.number, command.payload["facts"]) == ("start", 1, {"reason": "fraud"})


def test_the_same_opening_key_twice_is_one_case_and_other_content_is_refused() -> None:
    customer = make_customer()
    card, other = make_card(customer=customer), make_card(customer=customer)
    by = customer_actor(customer)
    first, new = open_reissue(card=card, reason=Reason.LOST, by=by, key="k1")

    again, new_again = open_reissue(card=card, reason=Reason.LOST, by=by, key="k1")

    assert (first.id, new, new_again) == (again.id, True, False)
    with pytest.raises(Conflict) as refused:
        open_reissue(card=other, reason=Reason.LOST, by=by, key="k1")
    assert refused.value.code == "key_used"


def test_a_card_has_one_live_reissue() -> None:
    card = make_card()
    open_card_case(card)

    with pytest.raises(Conflict) as refused:
        open_card_case(card, reason=Reason.DAMAGED)

    assert refused.value.code == "not_reissuable"
    assert Case.objects.count() == 1


def test_a_customer_does_not_open_a_case_for_the_card_of_another() -> None:
    card = make_card()

    with pytest.raises(NotFound):
        open_card_case(card, by=customer_actor(make_customer()))


def test_a_transition_is_done_once_for_its_number() -> None:
    case = open_card_case(make_card())
    step = Transition(
        case=str(case.id),
        number=1,
        at=datetime.now(UTC),
        said=Said(stage="checked", effects=(DoEffect("assess_risk"),), notices=(SendNotice("card_blocked"),)),
    )

    first, again = transitions.apply(step), transitions.apply(step)

    assert first == again
    assert first.facts == {"risk": "low"}
    assert Event.objects.filter(case=case, kind="case.told").count() == 1


def test_a_rule_that_fails_in_a_transition_leaves_nothing_behind() -> None:
    case = open_card_case(make_card())
    before = Event.objects.count()

    with pytest.raises(KeyError):
        advance(case, stage="survey", effects=(DoEffect("no_such_effect"),))

    case.refresh_from_db()
    assert (case.stage, case.applied, Event.objects.count()) == ("", 0, before)


def test_a_case_waits_on_who_holds_its_open_item() -> None:
    case = open_card_case(make_card())

    item = ask(case, "prove_identity")

    assert case.waiting_on == WaitingOn.CUSTOMER
    assert case.waiting_until == item.due_at


def test_an_answer_needs_the_level_of_its_item() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")

    with pytest.raises(NeedsProof) as refused:
        answering.answer(item_id=item.id, by=customer_actor(case.customer), data={})

    assert refused.value.level == Level.CONFIRMED
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_an_answer_writes_event_and_command_and_answering_again_gives_the_first_result() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")
    by = customer_actor(case.customer, level=Level.CONFIRMED, proof="totp")

    first = answering.answer(item_id=item.id, by=by, data={})
    again = answering.answer(item_id=item.id, by=by, data={})

    assert (first.outcome, first.again, again.outcome, again.again) == ("proven", False, "proven", True)
    assert Command.objects.filter(case=case, signal="answered").count() == 1
    assert Event.objects.get(case=case, kind="item.answered_by_customer").proof == "totp"


def test_another_customer_does_not_know_of_the_item() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")

    with pytest.raises(NotFound):
        answering.answer(item_id=item.id, by=customer_actor(make_customer(), level=Level.CONFIRMED), data={})
    with pytest.raises(NotFound):
        answering.answer(item_id=uuid.uuid4(), by=customer_actor(case.customer), data={})


def test_all_errors_of_a_form_come_at_once_and_nothing_is_written() -> None:
    case = open_card_case(make_card())
    item = ask(case, "email_survey")

    with pytest.raises(Invalid) as refused:
        answering.answer(item_id=item.id, by=customer_actor(case.customer), data={})

    assert set(refused.value.errors) == {"card_where", "contacted", "asked_for_secrets", "address_right"}
    assert not Command.objects.filter(case=case, signal="answered").exists()


def test_who_opened_a_case_does_not_approve_it() -> None:
    hanna = make_staff(role=Role.APPROVER)
    case = open_card_case(make_card(), by=actor(hanna))
    item = ask(case, "approve_reissue")

    with pytest.raises(Forbidden) as refused:
        answering.answer(item_id=item.id, by=actor(hanna), data={"outcome": "approved", "reason": "fine"})

    assert refused.value.code == "four_eyes"
    other = make_staff(role=Role.APPROVER)
    done = answering.answer(item_id=item.id, by=actor(other), data={"outcome": "approved", "reason": "fine"})
    assert done.outcome == "approved"


def test_the_database_refuses_an_approval_without_its_part_whatever_the_route() -> None:
    hanna = make_staff(role=Role.APPROVER)
    case = open_card_case(make_card(), by=actor(hanna))
    item = ask(case, "approve_reissue")

    with pytest.raises(DatabaseError, match="four eyes"), transaction.atomic():
        WorkItem.objects.filter(id=item.id).update(state=ItemState.ANSWERED, outcome="approved", answered_by=hanna)


@pytest.mark.parametrize("statement", ["UPDATE cases_event SET reason = 'x'", "DELETE FROM cases_event"])
def test_the_timeline_is_append_only_in_the_database(statement: str) -> None:
    open_card_case(make_card())

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_frozen_case_takes_no_answer_and_no_transition_until_a_supervisor_lets_it_go_on() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")
    sam, sue = make_staff(role=Role.SUPERVISOR), make_staff(role=Role.SUPERVISOR)
    freezing.freeze(case_id=case.id, by=actor(sam), reason="suspicious")

    by = customer_actor(case.customer, level=Level.CONFIRMED)
    with pytest.raises(Conflict) as refused:
        answering.answer(item_id=item.id, by=by, data={})
    assert refused.value.code == "frozen"
    assert advance(case, stage="survey").held == "frozen"
    with pytest.raises(Forbidden):
        freezing.unfreeze(case_id=case.id, by=actor(sam), reason="mine")
    with pytest.raises(Forbidden):
        freezing.unfreeze(case_id=case.id, by=actor(make_staff(role=Role.SUPPORT)), reason="not my role")

    freezing.unfreeze(case_id=case.id, by=actor(sue), reason="cleared")

    item.refresh_from_db()
    assert answering.answer(item_id=item.id, by=by, data={}).outcome == "proven"


def test_withdrawing_is_refused_past_the_point_of_no_return_and_done_once_before_it() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")
    by = customer_actor(case.customer)

    withdrawing.withdraw(case_id=case.id, by=by, reason="changed my mind")
    withdrawing.withdraw(case_id=case.id, by=by)

    item.refresh_from_db()
    case.refresh_from_db()
    assert (item.state, case.state) == (ItemState.WITHDRAWN, CaseState.STOPPING)
    assert Command.objects.filter(case=case, signal="withdraw").count() == 1
    assert advance(case, no_return=True).held == "stopping"
    late = open_card_case(make_card())
    advance(late, no_return=True)
    with pytest.raises(Conflict):
        withdrawing.withdraw(case_id=late.id, by=customer_actor(late.customer))


def test_a_step_expires_unless_it_was_answered_a_moment_before() -> None:
    case = open_card_case(make_card())
    item = ask(case, "prove_identity")
    answering.answer(item_id=item.id, by=customer_actor(case.customer, level=Level.CONFIRMED), data={})

    late = advance(case, expires=(item.step,))

    assert late.late == (item.step,)
    other = ask(case, "email_survey")
    assert advance(case, expires=(other.step,)).late == ()
    with pytest.raises(Conflict) as refused:
        answering.answer(item_id=other.id, by=customer_actor(case.customer), data={})
    assert refused.value.code == "expired"


def test_closing_a_child_tells_its_parent_the_outcome_and_the_parts() -> None:
    from workflows.base.contracts import Close, OpenChild

    parent = open_card_case(make_card())
    advance(parent, children=(OpenChild("home_visit", "home_visit"),))
    child = Case.objects.get(parent=parent)

    advance(child, close=Close("done", facts={"result": "passed"}, parts={"v": "visitor"}))

    told = Command.objects.filter(case=parent, signal="child_closed").get()
    assert told.payload == {
        "step": "home_visit",
        "result": "done",
        "facts": {"result": "passed"},
        "parts": {"v": "visitor"},
    }


def test_a_timeline_verifies_and_a_signal_of_the_same_card_joins_its_case() -> None:
    from backoffice.cards.reissue.signals import fraud_signalled

    card = make_card()
    first, new = fraud_signalled(signal_id="s1", card=card, by=outside_actor())
    same, _ = fraud_signalled(signal_id="s1", card=card, by=outside_actor())
    joined, new_again = fraud_signalled(signal_id="s2", card=card, by=outside_actor())

    assert (new, new_again, first.id) == (True, False, same.id)
    assert joined.id == first.id
    first.refresh_from_db()
    assert timeline.verify(first) is None
    close(first)
    first.refresh_from_db()
    assert (first.outcome, first.waiting_on, timeline.verify(first)) == ("done", WaitingOn.NOBODY, None)
    assert system().kind == "system"
