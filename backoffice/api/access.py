"""Who uses the API: staff and machines, with a token (`manage.py api_token USER`) that has the rights of its user."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from backoffice.actors import Actor, Channel
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of


class MayReadCases(BasePermission):
    """The user's groups hold the permission to see cases."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_active and request.user.is_staff and request.user.has_perm("cases.view_case"))


def user_of(request: Request) -> User:
    if not isinstance(request.user, User):
        raise TypeError("an unauthenticated request came past the permission classes")
    return request.user


def caller(request: Request) -> Actor:
    return actor_of(user=user_of(request), channel=Channel.API, proof="token")
