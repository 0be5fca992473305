from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, Permission
from structlog.contextvars import bound_contextvars

from backoffice.actors import ActorKind, Channel, Level
from backoffice.refusals import Forbidden, Invalid
from backoffice.staff import roles
from backoffice.staff.models import Role, User
from backoffice.staff.rights import Right
from backoffice.staff.roles import actor_of, assign, create_groups, has_role, permissions_of
from tests.factories import actor, make_customer, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms_declare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Has the room of visits declare what is read beside cases."""

    def declare(*models: str) -> None:
        monkeypatch.setattr(apps.get_app_config("visits"), "read_with_cases", models)
        permissions_of.cache_clear()

    yield declare
    permissions_of.cache_clear()


def given_to(role: Role) -> set[str]:
    held = Group.objects.get(name=role.value).permissions.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in held}


def every_role() -> dict[Role, frozenset[str]]:
    return {role: permissions_of(role) for role in Role}


def known_permissions() -> set[str]:
    return {f"{label}.{name}" for label, name in Permission.objects.values_list("content_type__app_label", "codename")}


def test_a_row_of_a_room_grants_no_more_than_to_view_what_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = frozenset({"visits.view_visit", "visits.change_visit", "cards.view_card", "staff.view_user"})
    row = Right(act="x", what="x", refusal="x", roles=frozenset({Role.FIELD}), grants=asked)
    before = permissions_of(Role.FIELD)
    monkeypatch.setattr(roles, "rows_of_rooms", lambda: {"visits": [row]})
    permissions_of.cache_clear()

    after = {role: permissions_of(role) for role in (Role.FIELD, Role.ADMINISTRATOR)}

    permissions_of.cache_clear()
    assert after[Role.FIELD] - before == {"visits.view_visit"}
    assert "visits.view_visit" not in after[Role.ADMINISTRATOR]


@pytest.mark.parametrize("role", list(Role))
def test_a_group_has_exactly_the_permissions_listed(role: Role) -> None:
    assert given_to(role) == permissions_of(role) & known_permissions()


def test_every_permission_listed_exists_once_its_room_does() -> None:
    missing = set().union(*every_role().values()) - known_permissions()
    built = {config.label for config in apps.get_app_configs() if list(config.get_models())}

    assert {name for name in missing if name.split(".")[0] in built} == set()


def test_making_the_groups_again_takes_away_what_was_added_by_hand() -> None:
    group = Group.objects.get(name=Role.SUPPORT.value)
    group.permissions.add(Permission.objects.get(codename="delete_case"))

    create_groups(apps=apps, using="default")

    assert given_to(Role.SUPPORT) == permissions_of(Role.SUPPORT) & known_permissions()
    assert Group.objects.filter(name__in=Role.values).count() == len(Role)


def test_who_reads_cases_reads_what_a_room_declares_beside_them_and_nobody_else_does(
    rooms_declare: Callable[..., None],
) -> None:
    rooms_declare("slot")

    create_groups(apps=apps, using="default")

    reading = {role for role in Role if "visits.view_slot" in given_to(role)}
    assert reading == {Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE}
    assert not any("visits.view_visit" in given_to(role) for role in Role)


@pytest.mark.parametrize("name", ["cards.view_card", "domains.view_domain", "visits.view_visit"])
def test_a_support_agent_reads_what_a_case_is_about(name: str) -> None:
    assert name in given_to(Role.SUPPORT)


def test_a_room_gives_nothing_but_reading(rooms_declare: Callable[..., None]) -> None:
    before = permissions_of(Role.SUPPORT)
    rooms_declare("visit", "slot")

    assert permissions_of(Role.SUPPORT) - before == {"visits.view_slot"}


def test_nobody_deletes_anything() -> None:
    assert [name for names in every_role().values() for name in names if ".delete_" in name] == []


def test_nobody_changes_cases_events_or_cards_through_a_form() -> None:
    rooms = ("cases.", "cards.", "trust.", "outgoing.", "visits.", "domains.")
    changing = [n for names in every_role().values() for n in names if n.startswith(rooms) and ".view_" not in n]

    assert changing == []


def test_only_administrators_touch_accounts_and_they_see_no_customers() -> None:
    touching = {role for role, names in every_role().items() if {"staff.change_user", "staff.add_user"} & names}

    assert touching == {Role.ADMINISTRATOR}
    assert not any(name.startswith(("customers.", "cards.")) for name in permissions_of(Role.ADMINISTRATOR))


def test_a_field_agent_has_the_field_face_and_nothing_else() -> None:
    assert permissions_of(Role.FIELD) == {"staff.use_field"}


def test_support_agents_do_not_see_the_issuers_token() -> None:
    assert not make_staff(role=Role.SUPPORT).has_perm("staff.see_issuer_token")
    assert make_staff(role=Role.SUPERVISOR).has_perm("staff.see_issuer_token")


def test_a_role_is_a_group_and_being_almighty_is_none() -> None:
    assert has_role(make_staff(role=Role.APPROVER), Role.APPROVER, Role.SUPERVISOR)
    assert not has_role(make_staff(role=Role.APPROVER), Role.SUPERVISOR)
    assert not has_role(make_staff(role=None, is_superuser=True), Role.ADMINISTRATOR)
    assert not has_role(AnonymousUser(), Role.SUPPORT)


def test_being_almighty_gives_no_permission_and_neither_does_one_of_the_account_alone() -> None:
    user = make_staff(role=Role.SUPPORT, is_superuser=True)
    user.user_permissions.add(Permission.objects.get(codename="add_customer"))

    held = {name for name in known_permissions() if User.objects.get(pk=user.pk).has_perm(name)}

    assert held == permissions_of(Role.SUPPORT) & known_permissions()
    assert not make_staff(role=None, is_superuser=True).has_module_perms("cases")


def test_a_permission_that_a_group_got_by_hand_gives_nothing() -> None:
    Group.objects.get(name=Role.SUPPORT.value).permissions.add(Permission.objects.get(codename="delete_case"))

    assert not make_staff(role=Role.SUPPORT).has_perm("cases.delete_case")


def test_who_was_switched_off_has_no_role() -> None:
    user = make_staff(role=Role.APPROVER, is_active=False)

    assert not has_role(user, Role.APPROVER)


def test_a_customer_in_a_staff_group_by_mistake_has_no_role() -> None:
    user = make_user()
    user.groups.add(Group.objects.get(name=Role.APPROVER.value))

    assert not has_role(user, Role.APPROVER)


def test_staff_acts_under_an_opaque_id_with_its_roles() -> None:
    user = make_staff(role=Role.APPROVER)

    actor = actor_of(user=user, channel=Channel.DESK, level=Level.CONFIRMED, proof="totp")

    assert (actor.kind, actor.id, actor.roles) == (ActorKind.STAFF, str(user.public_id), frozenset({"approver"}))
    assert (actor.channel, actor.level, actor.proof) == (Channel.DESK, Level.CONFIRMED, "totp")


def test_a_customers_user_acts_under_the_customers_id_without_roles() -> None:
    customer = make_customer()
    assert customer.user is not None

    actor = actor_of(user=customer.user, channel=Channel.PORTAL)

    assert (actor.kind, actor.id, actor.roles) == (ActorKind.CUSTOMER, str(customer.public_id), frozenset())
    assert actor.level == Level.SIGNED_IN


def test_what_one_request_does_has_one_request_id() -> None:
    user = make_staff()

    with bound_contextvars(request_id="r-1"):
        ids = {actor_of(user=user, channel=Channel.DESK).request_id for _turn in range(2)}

    assert ids == {"r-1"}


@pytest.mark.parametrize("who", ["nobody", "switched off", "neither"])
def test_who_is_not_somebody_does_not_act(who: str) -> None:
    users: dict[str, User | AnonymousUser] = {
        "nobody": AnonymousUser(),
        "switched off": make_staff(is_active=False),
        "neither": make_user(),
    }

    with pytest.raises(Forbidden):
        actor_of(user=users[who], channel=Channel.DESK)


def test_an_administrator_gives_exactly_the_roles_told() -> None:
    user = make_staff(role=Role.SUPPORT)

    assign(user=user, roles=[Role.APPROVER, Role.SUPERVISOR], by=actor(make_staff(role=Role.ADMINISTRATOR)))

    assert user.role_names == {"approver", "supervisor"}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_else_gives_roles(role: Role) -> None:
    user = make_staff()

    with pytest.raises(Forbidden):
        assign(user=user, roles=[Role.APPROVER], by=actor(make_staff(role=role)))

    assert user.role_names == {"support agent"}


def test_nobody_changes_their_own_roles() -> None:
    otto = make_staff(role=Role.ADMINISTRATOR)

    with pytest.raises(Forbidden):
        assign(user=otto, roles=[Role.ADMINISTRATOR, Role.APPROVER], by=actor(otto))


def test_a_customers_account_gets_no_role() -> None:
    customer = make_customer()
    assert customer.user is not None

    with pytest.raises(Invalid):
        assign(user=customer.user, roles=[Role.APPROVER], by=actor(make_staff(role=Role.ADMINISTRATOR)))
