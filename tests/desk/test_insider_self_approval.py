"""Threat 7: a person who opened a case, visited, or reviewed it never approves it, whichever way they try."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction

from backoffice.cases import answering, worklist
from backoffice.cases.models import ItemState, Part, WorkItem
from backoffice.refusals import Forbidden
from backoffice.staff.models import Role, User
from tests.desk.conftest import Desk
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, open_card_case

pytestmark = pytest.mark.django_db
APPROVED = {"outcome": "approved", "reason": "It is all right"}


@pytest.fixture
def insider() -> User:
    """Somebody with both roles, who opened the case too."""
    user = make_staff(role=Role.SUPPORT)
    user.groups.add(*make_staff(role=Role.APPROVER).groups.all())
    return User.objects.get(pk=user.pk)


@pytest.fixture
def approval(insider: User) -> WorkItem:
    return ask(open_card_case(make_card(), by=actor(insider)), "approve_reissue")


def still_open(approval: WorkItem) -> bool:
    approval.refresh_from_db()
    return approval.state == ItemState.OPEN and approval.answered_by is None


def test_their_pages_say_why_not_and_offer_no_form(at_desk: Desk, insider: User, approval: WorkItem) -> None:
    desk = at_desk(insider)

    item = desk.get(f"/desk/item/{approval.id}/").content.decode()
    case = desk.get(f"/desk/case/{approval.case.reference}/").content.decode()

    for page in (item, case):
        assert "You opened this case; another person must do this." in page
        assert "Approve: order the new card" not in page


def test_their_post_is_refused(at_desk: Desk, insider: User, approval: WorkItem) -> None:
    answer = at_desk(insider).post(f"/desk/item/{approval.id}/", APPROVED)

    assert answer.status_code == 403
    assert "You opened this case; another person must do this." in answer.content.decode()
    assert still_open(approval)


def test_they_cannot_claim_it_either(at_desk: Desk, insider: User, approval: WorkItem) -> None:
    answer = at_desk(insider).post(f"/desk/item/{approval.id}/claim/")

    approval.refresh_from_db()
    assert answer.status_code == 403
    assert approval.holder is None


def test_it_cannot_be_handed_to_them(at_desk: Desk, insider: User, approval: WorkItem) -> None:
    approver = make_staff(role=Role.APPROVER)
    worklist.claim(item_id=approval.id, by=actor(approver), user=approver)

    answer = at_desk(approver).post(f"/desk/item/{approval.id}/hand-over/", {"to": str(insider.public_id)})

    approval.refresh_from_db()
    assert answer.status_code == 409
    assert approval.holder == approver


def test_the_rule_refuses_them_without_a_face(insider: User, approval: WorkItem) -> None:
    with pytest.raises(Forbidden) as refused:
        answering.answer(item_id=approval.id, by=actor(insider), data=APPROVED)

    assert refused.value.code == "four_eyes"
    assert still_open(approval)


def test_a_role_that_does_not_approve_is_refused_by_a_raw_post(at_desk: Desk, approval: WorkItem) -> None:
    answer = at_desk(role=Role.SUPPORT).post(f"/desk/item/{approval.id}/", APPROVED)

    assert answer.status_code == 403
    assert still_open(approval)


def test_an_approval_that_was_raised_is_not_inherited_by_supervisors(at_desk: Desk, approval: WorkItem) -> None:
    advance(approval.case, escalates=(approval.step,))

    assert at_desk(role=Role.SUPERVISOR).post(f"/desk/item/{approval.id}/", APPROVED).status_code == 403
    assert still_open(approval)


def test_the_admin_has_no_bulk_action_and_no_form(at_desk: Desk, insider: User, approval: WorkItem) -> None:
    desk = at_desk(insider)

    for model in ("case", "workitem", "event"):
        posted = desk.post(
            f"/desk/cases/{model}/",
            {"action": "delete_selected", "_selected_action": [str(approval.pk)], "post": "yes"},
        )
        assert posted.status_code in (200, 302, 403)
        assert desk.get(f"/desk/cases/{model}/add/").status_code == 403
    for model_admin in (admin.site.get_model_admin(model) for model in (WorkItem, type(approval.case))):
        assert model_admin.actions is None
    assert desk.post(f"/desk/cases/workitem/{approval.pk}/change/", {"state": "answered"}).status_code in (302, 403)
    assert desk.post(f"/desk/cases/workitem/{approval.pk}/delete/", {"post": "yes"}).status_code == 403
    assert still_open(approval)


def test_the_database_refuses_an_answer_without_its_part(insider: User, approval: WorkItem) -> None:
    with pytest.raises(IntegrityError, match="four eyes"), transaction.atomic():
        WorkItem.objects.filter(pk=approval.pk).update(state="answered", outcome="approved", answered_by=insider)

    assert still_open(approval)


def test_the_database_refuses_a_second_part_and_the_change_of_the_first(insider: User, approval: WorkItem) -> None:
    with pytest.raises(IntegrityError, match="one_part_a_person_in_a_case"), transaction.atomic():
        Part.objects.create(root=approval.case, user=insider, part="approver")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_part SET part = 'approver' WHERE user_id = %s", [insider.pk])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_part WHERE user_id = %s", [insider.pk])

    assert still_open(approval)


def test_four_eyes_are_counted_over_the_whole_family(at_desk: Desk, approval: WorkItem) -> None:
    visitor = make_staff(role=Role.APPROVER)
    Part.objects.create(root=approval.case, user=visitor, part="visitor")

    answer = at_desk(visitor).post(f"/desk/item/{approval.id}/", APPROVED)

    assert answer.status_code == 403
    assert "You made the visit; another person must do this." in answer.content.decode()


def test_another_approver_approves(at_desk: Desk, approval: WorkItem) -> None:
    at_desk(role=Role.APPROVER).post(f"/desk/item/{approval.id}/", APPROVED)

    approval.refresh_from_db()
    assert approval.outcome == "approved"
