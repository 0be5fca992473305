"""Whose role may do a work item: the one rule, and everything that asks it."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from backoffice.cases import need_to_know, permissions, worklist
from backoffice.cases.answering import check_performer
from backoffice.cases.models import PerformerKind, WorkItem
from backoffice.refusals import Forbidden
from backoffice.staff.models import Role, User
from tests.factories import actor, make_card, make_staff, now
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
ROLE_SETS = [*((role,) for role in Role), *combinations(Role, 2)]
SUPPORT, SUPERVISOR, APPROVER = Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER


@pytest.fixture
def items() -> list[WorkItem]:
    """Of each role four items: raised to the supervisors or not, with a part in the case or without one."""
    case, at = open_card_case(make_card()), now()
    return WorkItem.objects.bulk_create(
        WorkItem(
            case=case,
            step=f"step-{number}",
            kind="call_customer",
            performer=PerformerKind.ROLE,
            role=role.value,
            part=part,
            opened_at=at,
            escalated_at=at if raised else None,
        )
        for number, (role, part, raised) in enumerate(product(Role, ("", "approver"), (False, True)))
    )


def with_roles(*roles: Role) -> User:
    """A member of staff with exactly these roles."""
    user = make_staff(role=roles[0])
    for role in roles[1:]:
        user.groups.add(*make_staff(role=role).groups.all())
    return User.objects.get(pk=user.pk)


def may_answer(item: WorkItem, user: User) -> bool:
    try:
        check_performer(item.case, item, by=actor(user), user=user)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("roles", "raised", "part", "may"),
    [
        ([SUPPORT], False, "", True),
        ([SUPPORT], True, "", True),
        ([SUPPORT], False, "approver", True),
        ([APPROVER], False, "", False),
        ([APPROVER], True, "", False),
        ([SUPERVISOR], False, "", False),
        ([SUPERVISOR], True, "", True),
        ([SUPERVISOR], False, "approver", False),
        ([SUPERVISOR], True, "approver", False),
        ([SUPERVISOR, SUPPORT], True, "approver", True),
        ([], True, "", False),
    ],
)
def test_an_item_is_for_its_role_and_a_raised_one_without_a_part_for_supervisors(
    roles: list[Role], raised: bool, part: str, may: bool
) -> None:
    item = WorkItem(performer=PerformerKind.ROLE, role=SUPPORT.value, part=part, escalated_at=now() if raised else None)

    assert permissions.may_do(item, roles=roles) is may


@pytest.mark.parametrize("roles", [(), *ROLE_SETS])
def test_the_filter_of_items_finds_what_the_question_allows(items: list[WorkItem], roles: tuple[Role, ...]) -> None:
    found = WorkItem.objects.filter(permissions.items_of(roles))

    assert set(found) == {item for item in items if permissions.may_do(item, roles=roles)}


def test_the_filter_of_people_finds_whom_the_question_allows(items: list[WorkItem]) -> None:
    people = [with_roles(*roles) for roles in ROLE_SETS]

    for item in items:
        found = User.objects.filter(permissions.people_for(item), pk__in=[user.pk for user in people])
        assert set(found) == {user for user in people if permissions.may_do(item, roles=user.role_names)}


@pytest.mark.parametrize("roles", ROLE_SETS)
def test_answering_the_worklist_and_the_need_to_know_ask_the_same_rule(
    items: list[WorkItem], roles: tuple[Role, ...]
) -> None:
    user = with_roles(*roles)
    allowed = {item for item in items if permissions.may_do(item, roles=user.role_names)}

    assert {item for item in items if may_answer(item, user)} == allowed
    assert set(worklist.of_my_roles(by=actor(user))) == allowed
    assert set(need_to_know.items_for(user)) == allowed


@pytest.mark.parametrize(
    "performer", [PerformerKind.CUSTOMER, PerformerKind.PARTY, PerformerKind.PERSON], ids=lambda kind: str(kind.value)
)
def test_an_item_that_is_for_no_role_is_in_no_roles_list(items: list[WorkItem], performer: PerformerKind) -> None:
    WorkItem.objects.update(performer=performer)

    assert not WorkItem.objects.filter(permissions.items_of(list(Role))).exists()


def test_an_item_that_somebody_has_claimed_is_in_no_roles_list(items: list[WorkItem]) -> None:
    WorkItem.objects.update(holder=make_staff())

    assert not WorkItem.objects.filter(permissions.items_of(list(Role))).exists()
