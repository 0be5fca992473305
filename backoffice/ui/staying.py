"""How long somebody stays signed in: until they have done nothing for a while, and never longer than twelve hours.

What a page does by itself, such as looking for news every few seconds, is nothing that a person does. Times in the
session are seconds since 1970.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backoffice.staff.models import User
from backoffice.staff.sign_in import FIELD, face_of

NOTED_EVERY = 60
"""Seconds. So often at most the session is written because somebody did something."""
WARNED_BEFORE = 120
"""Seconds before the end."""
_STAY, _ENDED = "signed_in", "sign_in_ended"


@dataclass(frozen=True)
class Stay:
    """`since` is the sign-in, `seen` the last thing that the person did, `idle` for how many seconds they may do
    nothing."""

    since: float
    seen: float
    idle: float

    @property
    def ends(self) -> float:
        return min(self.seen + self.idle, self.latest)

    @property
    def latest(self) -> float:
        """When the sign-in ends whatever the person does."""
        return self.since + settings.SESSION_COOKIE_AGE

    @property
    def can_be_renewed(self) -> bool:
        return self.ends < self.latest


def begin(request: HttpRequest, user: User) -> None:
    """At sign-in. A visitor on the road may be idle for longer than somebody at a desk or in the portal."""
    now = time.time()
    idle = settings.IDLE_IN_THE_FIELD if face_of(user) == FIELD else settings.IDLE
    request.session[_STAY] = [now, now, idle.total_seconds()]
    request.session.pop(_ENDED, None)


def stay_of(request: HttpRequest) -> Stay | None:
    """None when nobody is signed in."""
    if SESSION_KEY not in request.session:
        return None
    told = request.session.get(_STAY)
    return Stay(*told) if told else None


def ended_at(request: HttpRequest) -> float | None:
    """When the sign-in of this browser ended, if we still know."""
    found: float | None = request.session.get(_ENDED)
    return found


def renew(request: HttpRequest, stay: Stay) -> Stay:
    """Notes that the person did something now."""
    renewed = Stay(stay.since, time.time(), stay.idle)
    request.session[_STAY] = [renewed.since, renewed.seen, renewed.idle]
    return renewed


class SignInEnds:
    """Ends a sign-in whose time is over. Must come right after the user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            stay, now = stay_of(request), time.time()
            if stay is None:  # Signed in before this was counted.
                if isinstance(request.user, User):
                    begin(request, request.user)
            elif stay.ends <= now:
                request.session.flush()
                request.session[_ENDED] = stay.ends
                request.user = AnonymousUser()
            elif now - stay.seen >= NOTED_EVERY and _is_done_by_a_person(request):
                renew(request, stay)
        return self.get_response(request)


@never_cache
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """For the script of the warning: for how many seconds one is still signed in. A POST renews it; a form without
    script leads back."""
    stay = stay_of(request)
    if stay is not None and request.method == "POST":
        stay = renew(request, stay)
    if request.method == "POST" and "text/html" in request.headers.get("Accept", ""):
        return redirect("home")
    return JsonResponse({"left": max(0, int(stay.ends - time.time())) if stay else 0})


def _is_done_by_a_person(request: HttpRequest) -> bool:
    """Not what a page fetches by itself: its news, pictures, and how long the sign-in lasts."""
    if request.method == "POST":
        return True
    if request.path == reverse("account_session"):
        return False
    if request.headers.get("HX-Request"):
        return bool(request.headers.get("HX-Boosted"))
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"
