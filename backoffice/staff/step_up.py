"""Step-up: a sensitive action asks staff for their second factor again when the last time is over 15 minutes ago."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from backoffice.staff.mfa import last_factor_at

FRESH_FOR = timedelta(minutes=15)

P = ParamSpec("P")


def recently_confirmed(request: HttpRequest) -> bool:
    """Whether the person showed a second factor in this session within fifteen minutes; a password does not do."""
    at = last_factor_at(request)
    return at is not None and time.time() - at < FRESH_FOR.total_seconds()


def way_to_confirm(request: HttpRequest, *, back_to: str = "") -> str:
    """The address where the person confirms himself, and comes back from to `back_to`, or to this page."""
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back_to or request.get_full_path()})}"


def step_up_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For views of sensitive actions: sends the person to confirm himself first, and back to the page.

    What was being sent is not kept, so that no personal data lies in the session: it is sent once more.
    """

    @wraps(view)
    def confirmed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not recently_confirmed(request):
            return HttpResponseRedirect(way_to_confirm(request))
        return view(request, *args, **kwargs)

    return confirmed
