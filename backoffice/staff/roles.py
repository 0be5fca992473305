"""Roles and who has them. Each role is a group, made after every migration with exactly the permissions of
`permissions_of`, which come from the policy table (`rights.py`).

What staff read beside a case, its room declares: `read_with_cases` of its `AppConfig` names models, and who sees lists
of cases may view these. What fewer may see, a row of the room grants (`rights` of its `AppConfig`). A room gives no
more than to view what is its own.

Least privilege: only administrators change accounts, and they change nothing else. Nobody deletes. Field agents see no
customers and no cases, only their own work on the field face, which the rules check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from django.apps import apps as installed
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind, Channel, Level
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff import rights
from backoffice.staff.mfa import proof_of_session
from backoffice.staff.models import Role, User

if TYPE_CHECKING:
    from django.http import HttpRequest


@cache
def permissions_of(role: Role) -> frozenset[str]:
    """The permissions of a role, as Django names them: `app_label.codename`."""
    rows = [row for row in rights.COMMON if role in row.roles]
    granted = frozenset().union(*(row.grants for row in rows), _seen_in_rooms(role))
    return granted | _read_beside_cases() if rights.LIST in rows else granted


@cache
def rooms_of(role: Role) -> frozenset[str]:
    """The labels of the apps of which the role may do or see something."""
    return frozenset(name.partition(".")[0] for name in permissions_of(role))


def grants(user: User, permission: str) -> bool:
    """Whether a role of the user comes with this permission of Django's. Nothing else gives one: no `is_superuser`, and
    no permission of the account alone."""
    return any(permission in permissions_of(Role(name)) for name in user.role_names if name in Role.values)


def rows_of_rooms() -> Mapping[str, Sequence[rights.Right]]:
    """The rows that rooms name as `rights` in their `AppConfig`, by the label of the room."""
    rooms = [room for room in installed.get_app_configs() if hasattr(room, "rights")]
    return {room.label: import_string(room.rights) for room in rooms}


def _seen_in_rooms(role: Role) -> frozenset[str]:
    return frozenset(
        permission
        for label, rows in rows_of_rooms().items()
        for row in rows
        for permission in row.grants
        if role in row.roles and permission.startswith(f"{label}.view_")
    )


def _read_beside_cases() -> frozenset[str]:
    return frozenset(
        f"{room.label}.view_{model}"
        for room in installed.get_app_configs()
        for model in getattr(room, "read_with_cases", ())
    )


def create_groups(*, apps: Any, using: str) -> None:
    """Makes the groups, and gives each exactly its permissions. Other groups stay as they are. Safe to repeat."""
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    known = {
        f"{label}.{codename}": pk
        for label, codename, pk in permission_model.objects.using(using).values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    for role in Role:
        group, _made = group_model.objects.using(using).get_or_create(name=role.value)
        group.permissions.set([known[name] for name in permissions_of(role) if name in known])


def has_role(user: User | AnonymousUser, *roles: Role) -> bool:
    """Whether the user is in one of the groups. `is_superuser` does not count: it is no role."""
    return isinstance(user, User) and user.is_staff and any(role.value in user.role_names for role in roles)


@rights.needs(rights.CHANGE_ACCOUNTS)
def assign(*, user: User, roles: Collection[Role], by: Actor) -> None:
    """Gives a member of staff exactly these roles. Raises Forbidden unless an administrator does it for somebody
    else."""
    if by.id == str(user.public_id):
        raise Forbidden("own_roles", _("Nobody changes their own roles. Ask another administrator."), field="groups")
    if not user.is_staff and roles:
        raise Invalid({"groups": [_("A customer's account cannot have a role.")]})
    with transaction.atomic():
        user.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
    user.__dict__.pop("role_names", None)


def first_administrator(*, username: str, password: str) -> User:
    """Makes the account of the first administrator, who makes all others. For the operator of a new installation, at
    the machine. Raises `Conflict` once there is an administrator, and `Invalid` for a name that is taken or a weak
    password."""
    role = Role.ADMINISTRATOR
    if User.objects.filter(groups__name=role.value, is_active=True, is_staff=True).exists():
        raise Conflict("has_administrator", _("There is an administrator already. Ask them for an account."))
    errors: dict[str, list[str]] = {}
    if not username.strip() or User.objects.filter(username__iexact=username.strip()).exists():
        errors["username"] = [_("Somebody else has this name. Choose another one.")]
    try:
        validate_password(password, User(username=username))
    except ValidationError as weak:
        errors["password"] = list(weak.messages)
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        user = User.objects.create_user(username.strip(), password=password, is_staff=True)
        user.groups.add(Group.objects.get(name=role.value))
    return user


def actor_of(
    *,
    user: User | AnonymousUser,
    channel: Channel,
    request: HttpRequest | None = None,
    level: Level = Level.SIGNED_IN,
    proof: str = "",
) -> Actor:
    """Who acts: staff with their roles and their own id, a customer with the customer's id. `proof` names the evidence;
    without it, the evidence is how the session of `request` was opened. Raises Forbidden when nobody is signed in, or
    when the account is switched off or belongs neither to staff nor to a customer.
    """
    if not isinstance(user, User) or not user.is_active:
        raise Forbidden("not_signed_in", _("Sign in first."))
    if user.is_staff:
        actor = Actor(kind=ActorKind.STAFF, id=str(user.public_id), channel=channel, level=level, roles=user.role_names)
    else:
        customer = getattr(user, "customer", None)
        if customer is None:
            raise Forbidden("nobody", _("This account belongs to no customer and to no member of staff."))
        actor = Actor(kind=ActorKind.CUSTOMER, id=str(customer.public_id), channel=channel, level=level)
    request_id = str(structlog.contextvars.get_contextvars().get("request_id") or actor.request_id)
    return replace(actor, proof=proof or (proof_of_session(request) if request else ""), request_id=request_id)
