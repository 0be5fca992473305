"""Who sits at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from backoffice.actors import Actor, Channel
from backoffice.cases import answering
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of


@dataclass(frozen=True)
class Clerk:
    """A signed-in member of staff: his account, what the rules see of him, and his session for proofs."""

    user: User
    actor: Actor
    session: answering.Session


def clerk(request: HttpRequest) -> Clerk:
    """Raises `Forbidden` for who is not signed in or belongs to nobody."""
    actor = actor_of(user=request.user, channel=Channel.DESK, request=request)
    user = request.user
    assert isinstance(user, User)
    return Clerk(user, actor, answering.Session(user, request.session.session_key or ""))
