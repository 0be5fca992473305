"""Pages for a field agent: who they are, which case is theirs, and what became of the last step that they sent.

The field's own pages and those of the processes are made with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backoffice.actors import Actor, Channel
from backoffice.cases.models import Case, Command, CommandState, ItemState, WorkItem
from backoffice.refusals import Invalid, NotFound
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.ui.customers import never_kept, to_sign_in

LOOKS_EVERY = 2
"""How often the page checks whether the next step is there, in seconds."""
_OF_THE_PAGE = frozenset({"csrfmiddlewaretoken", "key", "item"})


class FieldRequest(HttpRequest):
    """A request of a signed-in field agent; `for_field_agents` makes it one."""

    user: User
    actor: Actor


View = Callable[..., HttpResponse]


def for_field_agents(view: View) -> View:
    """Lets only field agents in; no cache keeps the page. What is not theirs is a 404. The middleware checks that they
    have shown a second factor (`staff.mfa`).
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return never_kept(to_sign_in(request))
        if not request.user.has_perm("staff.use_field"):
            raise PermissionDenied
        theirs = cast("FieldRequest", request)
        theirs.actor = actor_of(user=request.user, channel=Channel.FIELD, request=request)
        try:
            return never_kept(view(theirs, *args, **kwargs))
        except NotFound as refused:
            raise Http404 from refused

    return guarded


@dataclass(frozen=True)
class Sent:
    """What became of the agent's last step. `at` is when we got it; `waits` is true until its process has taken it
    up."""

    at: datetime | None = None
    waits: bool = False

    @property
    def version(self) -> str:
        return f"{self.at.timestamp() if self.at else 0}-{self.waits}"


def last_sent(case: Case, *, user: User) -> Sent:
    """When this agent last sent a step of the case, and whether its process has yet to take it up."""
    answered = WorkItem.objects.filter(case_id=case.pk, answered_by=user, state=ItemState.ANSWERED)
    at = answered.order_by("-answered_at").values_list("answered_at", flat=True).first()
    waits = Command.objects.filter(case_id=case.pk).exclude(state=CommandState.SENT).exists()
    return Sent(at, waits and at is not None)


def ids_sent(request: HttpRequest) -> tuple[uuid.UUID, uuid.UUID]:
    """The work item and the key of the page that was sent. Raises `Invalid` when one of them is missing."""
    try:
        return uuid.UUID(request.POST.get("item", "")), uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid({"": [_("This page was not complete. Nothing was sent. Send it again.")]}) from None


def answer_sent(request: HttpRequest, *, without: Collection[str] = ()) -> dict[str, str]:
    """The fields that the agent filled in, without those of the page itself."""
    left_out = _OF_THE_PAGE.union(without)
    return {name: str(value) for name, value in request.POST.items() if name not in left_out}
