"""Whom a row of the policy table allows something, as a template asks it."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.staff.models import User
from backoffice.staff.rights import Right


@dataclass(frozen=True)
class Those:
    """The members of staff whom a right allows something: `{% if request.user in may_name %}`."""

    right: Right

    def __contains__(self, user: User) -> bool:
        return bool(self.right.roles & user.role_names)
