"""A case and those under it: stopped, paused and closed together; and items that are given, kept and raised."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.actors import Actor, Level
from backoffice.cases import answering, freezing, withdrawing, worklist
from backoffice.cases.models import Case, CaseState, Command, Event, ItemState, PerformerKind, WorkItem
from backoffice.refusals import Conflict, Forbidden, NotFound
from backoffice.staff.models import Role
from tests.factories import actor, make_card, make_customer, make_staff
from tests.playing import advance, ask, close, customer_actor, open_card_case
from workflows.base.contracts import OpenChild

pytestmark = pytest.mark.django_db


@pytest.fixture
def family() -> tuple[Case, Case]:
    parent = open_card_case(make_card())
    advance(parent, children=(OpenChild("home_visit", "home_visit"),))
    return parent, Case.objects.get(parent=parent)


def states(*cases: Case) -> list[str]:
    for case in cases:
        case.refresh_from_db()
    return [case.state for case in cases]


def signals(case: Case) -> list[str]:
    return list(Command.objects.filter(case=case, kind="signal").order_by("number").values_list("signal", flat=True))


def supervisor() -> Actor:
    return actor(make_staff(role=Role.SUPERVISOR))


# --- withdrawn --------------------------------------------------------------------------------------------------------


def test_a_case_that_is_withdrawn_takes_those_under_it_along(family: tuple[Case, Case]) -> None:
    parent, child = family
    item = ask(child, "choose_visit")

    withdrawing.withdraw(case_id=parent.id, by=customer_actor(parent.customer))

    item.refresh_from_db()
    assert states(parent, child) == [CaseState.STOPPING] * 2
    assert item.state == ItemState.WITHDRAWN
    assert (signals(parent), signals(child)) == (["withdraw"], ["withdraw"])


def test_a_case_under_another_may_be_withdrawn_alone(family: tuple[Case, Case]) -> None:
    parent, child = family

    withdrawing.withdraw(case_id=child.id, by=customer_actor(parent.customer))

    assert states(parent, child) == [CaseState.OPEN, CaseState.STOPPING]


def test_a_case_that_ends_first_stops_those_under_it(family: tuple[Case, Case]) -> None:
    """An operator cancelled its process: nobody visits for a case that is closed."""
    parent, child = family

    close(parent, "withdrawn")

    assert states(parent, child) == [CaseState.CLOSED, CaseState.STOPPING]
    assert signals(child) == ["withdraw"]


def test_another_customer_does_not_know_of_the_case() -> None:
    case = open_card_case(make_card())

    with pytest.raises(NotFound):
        withdrawing.withdraw(case_id=case.id, by=customer_actor(make_customer()))


@pytest.mark.parametrize("role", [Role.APPROVER, Role.FIELD, Role.COMPLIANCE])
def test_a_role_that_does_not_stop_cases_is_refused(role: Role) -> None:
    case = open_card_case(make_card())

    with pytest.raises(Forbidden):
        withdrawing.withdraw(case_id=case.id, by=actor(make_staff(role=role)))
    assert states(case) == [CaseState.OPEN]


def test_what_the_taking_back_of_a_stopped_case_asks_can_be_answered() -> None:
    case = open_card_case(make_card())
    withdrawing.withdraw(case_id=case.id, by=customer_actor(case.customer))
    item = ask(case, "resolve_failure", compensating=True)

    done = answering.answer(item_id=item.id, by=supervisor(), data={"outcome": "retry", "reason": "they are back"})

    assert done.outcome == "retry"
    assert signals(case) == ["withdraw", "answered"]


# --- frozen -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1])
def test_a_pause_holds_the_whole_family_from_wherever_it_comes(family: tuple[Case, Case], at: int) -> None:
    parent, child = family
    item = ask(child, "choose_visit")
    due_at = item.due_at

    freezing.freeze(case_id=family[at].id, by=supervisor(), reason="odd")
    assert states(parent, child) == [CaseState.FROZEN] * 2
    assert advance(parent, stage="survey").held == advance(child, stage="proposed").held == "frozen"
    freezing.freeze(case_id=family[at].id, by=supervisor(), reason="odd again")
    freezing.unfreeze(case_id=family[1 - at].id, by=supervisor(), reason="cleared")

    item.refresh_from_db()
    assert states(parent, child) == [CaseState.OPEN] * 2
    assert (signals(parent), signals(child)) == (["freeze", "unfreeze"], ["freeze", "unfreeze"])
    assert item.due_at is not None
    assert due_at is not None
    assert timedelta(0) < item.due_at - due_at < timedelta(minutes=1)


def test_the_customer_is_told_of_a_pause_once_and_neutrally(family: tuple[Case, Case]) -> None:
    from backoffice.messages.models import Message

    parent, child = family
    freezing.freeze(case_id=child.id, by=supervisor(), reason="we suspect somebody")

    told = list(Message.objects.filter(template="case_frozen"))
    assert [message.contact.case_id for message in told] == [parent.id]
    assert "suspect" not in str(told[0].context)


def test_a_case_that_is_being_stopped_is_not_paused(family: tuple[Case, Case]) -> None:
    parent, child = family
    withdrawing.withdraw(case_id=child.id, by=customer_actor(parent.customer))

    with pytest.raises(Conflict):
        freezing.freeze(case_id=child.id, by=supervisor(), reason="odd")
    freezing.freeze(case_id=parent.id, by=supervisor(), reason="odd")

    assert states(parent, child) == [CaseState.FROZEN, CaseState.STOPPING]


# --- items of staff ---------------------------------------------------------------------------------------------------


def test_an_item_is_claimed_given_back_and_handed_over() -> None:
    case = open_card_case(make_card())
    item = ask(case, "call_customer")
    hanna, piet = make_staff(), make_staff()

    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)
    assert list(worklist.mine(user=hanna)) == [item]
    assert list(worklist.of_my_roles(by=actor(piet))) == []
    with pytest.raises(Conflict):
        worklist.claim(item_id=item.id, by=actor(piet), user=piet)
    with pytest.raises(Forbidden):
        worklist.release(item_id=item.id, by=actor(piet), user=piet)

    worklist.hand_over(item_id=item.id, to=piet, by=actor(hanna), user=hanna)
    assert list(worklist.mine(user=piet)) == [item]
    worklist.release(item_id=item.id, by=actor(piet), user=piet)
    assert list(worklist.of_my_roles(by=actor(hanna))) == [item]
    kinds = Event.objects.filter(case=case, kind__in=["item.claimed", "item.handed_over", "item.released"])
    assert list(kinds.order_by("number").values_list("kind", flat=True)) == [
        "item.claimed", "item.handed_over", "item.released",
    ]  # fmt: skip


def test_an_item_is_not_handed_to_who_may_not_do_it() -> None:
    requester, approver, other = make_staff(role=Role.APPROVER), make_staff(role=Role.APPROVER), make_staff()
    case = open_card_case(make_card(), by=actor(requester))
    item = ask(case, "approve_reissue")
    worklist.claim(item_id=item.id, by=actor(approver), user=approver)

    for receiver in (requester, other):
        with pytest.raises(Conflict) as refused:
            worklist.hand_over(item_id=item.id, to=receiver, by=actor(approver), user=approver)
        assert refused.value.code == "cannot_receive"
    with pytest.raises(Forbidden):
        worklist.hand_over(item_id=item.id, to=other, by=actor(other), user=other)


@pytest.mark.parametrize("performer", [PerformerKind.CUSTOMER, PerformerKind.PERSON])
def test_an_item_that_is_for_no_role_is_handed_to_nobody(performer: PerformerKind) -> None:
    item, sam = ask(open_card_case(make_card()), "call_customer"), make_staff(role=Role.SUPERVISOR)
    WorkItem.objects.filter(pk=item.pk).update(performer=performer, holder=make_staff())

    with pytest.raises(Conflict) as refused:
        worklist.hand_over(item_id=item.id, to=make_staff(), by=actor(sam), user=sam)
    assert refused.value.code == "cannot_receive"


def test_who_opened_the_case_does_not_claim_its_approval() -> None:
    requester = make_staff(role=Role.APPROVER)
    item = ask(open_card_case(make_card(), by=actor(requester)), "approve_reissue")

    with pytest.raises(Forbidden) as refused:
        worklist.claim(item_id=item.id, by=actor(requester), user=requester)
    assert refused.value.code == "four_eyes"


def test_an_item_that_is_late_is_a_supervisors_too_and_an_approval_never() -> None:
    case = open_card_case(make_card())
    call, approval = ask(case, "call_customer"), ask(case, "approve_reissue")
    sam = make_staff(role=Role.SUPERVISOR)
    assert list(worklist.of_my_roles(by=actor(sam))) == []

    advance(case, escalates=(call.step, approval.step))

    assert list(worklist.of_my_roles(by=actor(sam))) == [call]
    with pytest.raises(Forbidden):
        answering.answer(item_id=approval.id, by=actor(sam), data={"outcome": "approved", "reason": "late"})
    done = answering.answer(item_id=call.id, by=actor(sam), data={"outcome": "reached", "reason": "rang"})
    assert done.outcome == "reached"


def test_a_draft_is_kept_for_its_customer_and_goes_with_the_answer() -> None:
    case = open_card_case(make_card())
    item = ask(case, "email_survey")
    by = customer_actor(case.customer, level=Level.CONFIRMED)

    answering.save_draft(item_id=item.id, by=by, data={"card_where": "lost"})
    answering.save_draft(item_id=item.id, by=by, data={"card_where": "stolen"})
    with pytest.raises(NotFound):
        answering.save_draft(item_id=item.id, by=customer_actor(make_customer()), data={})

    item.refresh_from_db()
    assert item.draft == {"card_where": "stolen"}
    assert Event.objects.filter(case=case, kind="item.draft_saved").count() == 1
    calm = {"card_where": "stolen", "contacted": "nobody", "asked_for_secrets": "no", "address_right": "yes"}
    answering.answer(item_id=item.id, by=by, data=calm)
    item.refresh_from_db()
    assert item.draft is None
