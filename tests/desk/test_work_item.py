"""Answering a work item at the desk."""

from __future__ import annotations

import pytest

from backoffice.cases import answering, freezing, worklist
from backoffice.cases.models import ItemState, WorkItem
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, open_card_case

pytestmark = pytest.mark.django_db
DECISION = {"outcome": "reached", "reason": "They answer tonight"}


@pytest.fixture
def item() -> WorkItem:
    return ask(open_card_case(make_card()), "call_customer")


def path(item: WorkItem, what: str = "") -> str:
    return f"/desk/item/{item.id}/{what}"


def test_an_answer_is_taken_and_told(at_desk: Desk, item: WorkItem) -> None:
    answer = at_desk().post(path(item), DECISION, follow=True)

    item.refresh_from_db()
    assert item.outcome == "reached"
    assert answer.redirect_chain[0][0] == f"/desk/case/{item.case.reference}/?answered=1#next"
    assert "Answered: Call the customer" in answer.content.decode()


def test_the_form_stands_on_the_page_of_the_case_too(at_desk: Desk, item: WorkItem) -> None:
    page = at_desk().get(f"/desk/case/{item.case.reference}/").content.decode()

    assert f'action="{path(item)}"' in page
    assert "I reached the customer; ask again" in page


def test_all_errors_come_at_once_and_values_stay(at_desk: Desk, item: WorkItem) -> None:
    document = ask(item.case, "identify_at_branch")
    answer = at_desk().post(
        path(document), {"outcome": "matched", "reason": "They came with their mother", "document_last": "x"}
    )
    page = answer.content.decode()

    document.refresh_from_db()
    assert answer.status_code == 400
    assert "Check what you filled in" in page
    assert "Say which document you saw." in page
    assert "Enter a valid value." in page
    assert "They came with their mother" in page
    assert document.state == ItemState.OPEN


def test_answering_twice_is_answering_once(at_desk: Desk, item: WorkItem) -> None:
    desk = at_desk()
    desk.post(path(item), DECISION)
    commands = item.case.outbox.count()

    again = desk.post(path(item), DECISION | {"outcome": "not_reached"}, follow=True)

    item.refresh_from_db()
    assert "You had answered this already (I reached the customer; ask again)." in again.content.decode()
    assert item.outcome == "reached"
    assert item.case.outbox.count() == commands


def test_what_a_colleague_answered_is_a_conflict(at_desk: Desk, item: WorkItem) -> None:
    first = make_staff()
    answering.answer(item_id=item.id, by=actor(first), data=DECISION)

    answer = at_desk().post(path(item), DECISION)

    assert answer.status_code == 409
    assert "This was answered already. Nothing was changed." in answer.content.decode()
    assert f"Look at case {item.case.reference}" in answer.content.decode()


def test_what_a_colleague_holds_is_a_conflict(at_desk: Desk, item: WorkItem) -> None:
    first = make_staff()
    worklist.claim(item_id=item.id, by=actor(first), user=first)

    answer = at_desk().post(path(item), DECISION)

    item.refresh_from_db()
    assert answer.status_code == 409
    assert item.state == ItemState.OPEN


def test_a_frozen_case_takes_no_answer_and_says_why(at_desk: Desk, item: WorkItem) -> None:
    freezing.freeze(case_id=item.case_id, by=actor(make_staff()), reason="Suspicion")

    answer = at_desk().post(path(item), DECISION)

    assert answer.status_code == 409
    assert "This case is paused while we look into something." in answer.content.decode()


def test_an_item_that_ran_out_says_so(at_desk: Desk, item: WorkItem) -> None:
    advance(item.case, expires=(item.step,))

    answer = at_desk().post(path(item), DECISION)

    assert answer.status_code == 409
    assert "The time to answer this ran out." in answer.content.decode()


def test_what_is_the_customer_s_is_not_answered_at_the_desk(at_desk: Desk, item: WorkItem) -> None:
    survey = ask(item.case, "email_survey")
    desk = at_desk()

    page = desk.get(path(survey)).content.decode()
    refused = desk.post(path(survey), {"card_where": "with_me"})

    assert "Only the customer can answer this, after signing in." in page
    assert refused.status_code == 404


@pytest.mark.parametrize("typed", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_item_is_told(at_desk: Desk, typed: str) -> None:
    answer = at_desk().get(f"/desk/item/{typed}/")

    assert answer.status_code == 404
    assert "There is no such work item." in answer.content.decode()


def test_an_approval_asks_for_the_second_factor_and_keeps_what_was_typed(at_desk: Desk, item: WorkItem) -> None:
    approval = ask(item.case, "approve_reissue")
    approver = make_staff(role=Role.APPROVER)
    typed = {"outcome": "approved", "reason": "The survey and the visit agree"}

    asked = at_desk(approver, seconds_ago=16 * 60).post(path(approval), typed)
    page = at_desk(approver).get(path(approval)).content.decode()

    approval.refresh_from_db()
    assert asked.headers["Location"].startswith("/account/2fa/reauthenticate/?next=")
    assert approval.state == ItemState.OPEN
    assert "The survey and the visit agree" in page


def test_an_approval_is_asked_to_confirm_before_its_form_is_shown(at_desk: Desk, item: WorkItem) -> None:
    approval = ask(item.case, "approve_reissue")

    page = at_desk(role=Role.APPROVER, seconds_ago=16 * 60).get(path(approval)).content.decode()

    assert "Confirm that it is me" in page
    assert "Approve: order the new card" not in page


def test_with_a_fresh_second_factor_it_is_approved(at_desk: Desk, item: WorkItem) -> None:
    approval = ask(item.case, "approve_reissue")

    at_desk(role=Role.APPROVER).post(path(approval), {"outcome": "approved", "reason": "All fits"})

    approval.refresh_from_db()
    assert approval.outcome == "approved"


def test_releasing_gives_it_back_to_the_role(at_desk: Desk, item: WorkItem) -> None:
    hanna = make_staff()
    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)

    at_desk(hanna).post(path(item, "release/"))

    item.refresh_from_db()
    assert item.holder is None


def test_only_a_supervisor_releases_what_another_holds(at_desk: Desk, item: WorkItem) -> None:
    hanna = make_staff()
    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)

    refused = at_desk().post(path(item, "release/"))
    at_desk(role=Role.SUPERVISOR).post(path(item, "release/"))

    item.refresh_from_db()
    assert refused.status_code == 403
    assert item.holder is None


def test_what_nobody_holds_is_not_released(at_desk: Desk, item: WorkItem) -> None:
    assert at_desk().post(path(item, "release/")).status_code == 409


def test_handing_over_gives_it_to_a_colleague_of_the_role(at_desk: Desk, item: WorkItem) -> None:
    hanna, piotr = make_staff(), make_staff()
    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)
    desk = at_desk(hanna)

    page = desk.get(path(item)).content.decode()
    desk.post(path(item, "hand-over/"), {"to": str(piotr.public_id)})

    item.refresh_from_db()
    assert str(piotr.public_id) in page
    assert item.holder == piotr


@pytest.mark.parametrize(("role", "status"), [(Role.APPROVER, 409), (None, 400)])
def test_it_is_not_handed_to_who_may_not_do_it(at_desk: Desk, item: WorkItem, role: Role | None, status: int) -> None:
    hanna = make_staff()
    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)
    to = str(make_staff(role=role).public_id) if role else "nobody"

    assert at_desk(hanna).post(path(item, "hand-over/"), {"to": to}).status_code == status


def test_what_another_holds_is_not_handed_over_by_me(at_desk: Desk, item: WorkItem) -> None:
    hanna, piotr = make_staff(), make_staff()
    worklist.claim(item_id=item.id, by=actor(hanna), user=hanna)

    assert at_desk(piotr).post(path(item, "hand-over/"), {"to": str(piotr.public_id)}).status_code == 403


def test_an_item_that_is_over_offers_nothing_to_do(at_desk: Desk, item: WorkItem) -> None:
    hanna = make_staff(role=Role.SUPPORT)
    desk = at_desk(hanna)
    desk.post(path(item, "claim/"))
    desk.post(path(item), DECISION)

    page = desk.get(path(item)).content.decode()

    assert "Nothing any more: this was answered." in page
    assert path(item, "release/") not in page
    assert "Nothing was changed." not in page


def test_who_holds_an_item_alone_in_their_role_is_told_so(at_desk: Desk, item: WorkItem) -> None:
    desk = at_desk(make_staff(role=Role.SUPPORT))
    desk.post(path(item, "claim/"))

    page = desk.get(path(item)).content.decode()

    assert 'id="hand-over"' in page, "the link “Hand over” leads there"
    assert "Nobody else may do this." in page


def test_the_page_of_an_item_leads_to_its_customer(at_desk: Desk, item: WorkItem) -> None:
    desk = at_desk(make_staff(role=Role.SUPPORT))
    desk.post(path(item, "claim/"))

    assert f'href="/desk/customer/{item.case.customer.public_id}/"' in desk.get(path(item)).content.decode()
