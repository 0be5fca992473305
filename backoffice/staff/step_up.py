"""Step-up: a sensitive action asks staff for their second factor again when the last time is over 15 minutes ago."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache

from backoffice.staff.mfa import FACTORS, last_factor_at

FRESH_FOR = timedelta(minutes=15)

P = ParamSpec("P")


def recently_confirmed(request: HttpRequest) -> bool:
    """Whether the person showed a second factor in this session within fifteen minutes; a password does not do."""
    at = last_factor_at(request)
    return at is not None and time.time() - at < FRESH_FOR.total_seconds()


def way_to_confirm(request: HttpRequest, *, back_to: str = "") -> str:
    """The address where the person confirms who they are, and comes back from to `back_to`, or to this page."""
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back_to or request.get_full_path()})}"


def step_up_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For views of sensitive actions: sends the person to confirm who they are first, and back to the page.

    What was being sent is not kept, so that no personal data lies in the session: it is sent once more.
    """

    @wraps(view)
    def confirmed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        return view(request, *args, **kwargs)

    return confirmed


def factor_first(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages that change how one signs in: who has an authenticator or a passkey shows it, the password does not do.

    So a stolen session, even with the password, adds no authenticator to those that are there, and takes none away.
    """

    @wraps(view)
    def confirmed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        has_one = request.user.is_authenticated and is_mfa_enabled(request.user, FACTORS)
        if has_one and not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        return view(request, *args, **kwargs)

    return never_cache(confirmed)
