"""Who is at the field pages: a member of staff who makes visits, with his second factor, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRefresh

from backoffice.actors import Actor, Channel
from backoffice.refusals import NotFound
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of


class VisitorRequest(HttpRequest):
    """A request of a signed-in visitor; `for_visitors` makes it one."""

    user: User
    actor: Actor


View = Callable[..., HttpResponse]


def for_visitors(view: View) -> View:
    """Lets only who makes visits in; nothing of the page may be kept by anybody. What is not his is a 404.

    That he has shown a second factor is the middleware's to see to (`staff.mfa`).
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return _never_kept(_to_sign_in(request))
        if not request.user.has_perm("staff.use_field"):
            raise PermissionDenied
        his = cast("VisitorRequest", request)
        his.actor = actor_of(user=request.user, channel=Channel.FIELD, request=request)
        try:
            return _never_kept(view(his, *args, **kwargs))
        except NotFound as refused:
            raise Http404 from refused

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())


def _never_kept(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response
