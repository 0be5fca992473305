"""People at the desk, and cases in the states that their pages show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from backoffice.staff.models import Role, User
from tests.factories import make_staff, sign_in

Desk = Callable[..., Client]


@pytest.fixture
def at_desk() -> Desk:
    """Signs a member of staff in, with their second factor: `at_desk(user)` or `at_desk(role=Role.APPROVER)`."""

    def sit(user: User | None = None, *, role: Role = Role.SUPPORT, seconds_ago: float = 0) -> Client:
        return sign_in(Client(), user or make_staff(role=role), seconds_ago=seconds_ago)

    return sit
