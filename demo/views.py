"""A sign-in with one click as each of the people of the story, on loopback only.

With production settings the product refuses to start while the mode is on, and the pages refuse too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from backoffice.staff.mfa import note_demonstration_sign_in
from backoffice.staff.models import User
from backoffice.staff.sign_in import face_of
from demo.people import BY_USERNAME, PASSWORD, PEOPLE
from demo.tours import INBOX, ISSUER, TEMPORAL, TOURS, Tour, Words

P = ParamSpec("P")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def is_allowed(request: HttpRequest) -> bool:
    """Whether the mode is on and the request comes from this machine to this machine, with no proxy between."""
    host, _port = split_domain_port(request.get_host())
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    return bool(
        settings.DEMO_MODE
        and not settings.PRODUCTION
        and not forwarded
        and _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and _is_loopback(host)
    )


def _demonstration_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_allowed(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@_demonstration_only
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The people of the story, each with their role, what they do in it, and a button to be them."""
    known = set(User.objects.filter(username__in=BY_USERNAME, is_active=True).values_list("username", flat=True))
    outside = {name: address for name, (address, _words) in _outside().items()}
    context = {
        "people": [person for person in PEOPLE if person.username in known],
        "tours": [_shown(tour, outside) for tour in TOURS if not tour.who or tour.who in known],
        "outside": [{"address": address, "words": words} for address, words in _outside().values() if address],
        "password": PASSWORD,
    }
    return render(request, "account/demonstration.html", context)


def _outside() -> dict[str, tuple[str, Words]]:
    """The pages around the product: address and words. An address is empty where its part does not run."""
    return {
        INBOX: (settings.INBOX_URL, _("All messages")),
        ISSUER: (settings.ISSUER_URL if settings.INBOX_URL else "", _("Card issuer")),
        "registry": (settings.REGISTRY_CONTROL_URL, _("Registry of domains")),
        TEMPORAL: (settings.TEMPORAL_UI_URL, _("Engine (Temporal)")),
        "api": ("/api/schema/", _("API")),
    }


def _shown(tour: Tour, outside: dict[str, str]) -> dict[str, Any]:
    """A tour for the page, with the addresses of its steps."""
    steps = [
        {"do": step.do, "see": step.see, "link": step.link, "address": outside.get(step.at, step.at)}
        for step in tour.steps
    ]
    begins = next((step["address"] for step in steps if step["address"]), "/check/")
    person = BY_USERNAME.get(tour.who)
    return {"key": tour.key, "title": tour.title, "steps": steps, "person": person, "begins": begins}


@never_cache
@_demonstration_only
@require_POST
def enter(request: HttpRequest, username: str) -> HttpResponse:
    """Opens a session as one of the people of the story; nobody else's account opens in this way."""
    if username not in BY_USERNAME:
        raise Http404
    user = get_object_or_404(User, username=username, is_active=True)
    request.session.flush()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    note_demonstration_sign_in(request, user)
    return HttpResponseRedirect(face_of(user))
