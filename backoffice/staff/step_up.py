"""Step-up: a sensitive action asks staff for their second factor again if the last time was over 15 minutes ago."""

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
    """Whether the person showed a second factor in this session within the last fifteen minutes. A password is not
    enough."""
    at = last_factor_at(request)
    return at is not None and time.time() - at < FRESH_FOR.total_seconds()


def way_to_confirm(request: HttpRequest, *, back_to: str = "") -> str:
    """The URL where the person confirms who they are; it leads back to `back_to`, or to this page."""
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back_to or request.get_full_path()})}"


def step_up_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For views of sensitive actions: first sends the person to confirm who they are, then back to the page. What they
    typed stands in its form again (`ui.kept_pages`), and they send it once more.
    """

    @wraps(view)
    def confirmed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        return view(request, *args, **kwargs)

    return confirmed


def factor_first(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages that change how somebody signs in. Users with an authenticator or a passkey must show it; the password
    is not enough. So a thief with the session, and even the password, can neither add an authenticator to the existing
    ones nor remove one.
    """

    @wraps(view)
    def confirmed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        has_one = request.user.is_authenticated and is_mfa_enabled(request.user, FACTORS)
        if has_one and not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        return view(request, *args, **kwargs)

    return never_cache(confirmed)
