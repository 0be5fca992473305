"""Demonstration mode: the people of the story, and a sign-in with one click as each of them, on loopback only.

With production settings the product refuses to start while the mode is on; and the pages refuse by themselves.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.mfa.app_settings import TOTP_PERIOD
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from backoffice.staff.mfa import note_demonstration_sign_in
from backoffice.staff.models import Role, User
from backoffice.staff.sign_in import face_of

PASSWORD = "demonstration-only"  # noqa: S105  (it opens accounts that exist in demonstration mode only)

P = ParamSpec("P")


@dataclass(frozen=True)
class Person:
    """One of the people of the story. `role` is None for a customer; `seed` is eight signs of Base32."""

    username: str
    given_name: str
    family_name: str
    role: Role | None
    line: str | Promise
    seed: str

    @property
    def totp_secret(self) -> str:
        """The secret of the person's authenticator, in Base32."""
        return self.seed * 4

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def totp_code(self) -> str:
        """The six digits that the person's authenticator shows now."""
        return str(format_hotp_value(hotp_value(self.totp_secret, int(time.time()) // TOTP_PERIOD)))


PEOPLE: tuple[Person, ...] = (
    Person("maria", "Maria", "Jansen", None, _("The customer whose card is misused."), "JVAVEUSJ"),
    Person("piotr", "Piotr", "Nowak", None, _("Another customer; he sees nothing of Maria's."), "KBEU6VCS"),
    Person("tulip", "Eva", "de Wit", None, _("Signs in for Tulip Trading, an organisation."), "KRKUYSKQ"),
    Person("hanna", "Hanna", "Bakker", Role.SUPPORT, _("Answers the telephone: is this ours?"), "JBAU4TSB"),
    Person("sam", "Sam", "Visser", Role.SUPERVISOR, _("Reviews visits; unfreezes; has what is late."), "KNAU2U2B"),
    Person("ada", "Ada", "Smit", Role.APPROVER, _("Approves what another person asked for."), "IFCECQKE"),
    Person("viktor", "Viktor", "Mulder", Role.FIELD, _("Visits, and proves himself at the door."), "KZEUWVCP"),
    Person("vera", "Vera", "Dekker", Role.FIELD, _("The second visitor."), "KZCVEQKW"),
    Person("carla", "Carla", "Meijer", Role.COMPLIANCE, _("Reads who opened which record."), "INAVETCB"),
    Person("otto", "Otto", "Kok", Role.ADMINISTRATOR, _("Gives accounts and roles; sees no customer."), "J5KFIT2P"),
)
BY_USERNAME = {person.username: person for person in PEOPLE}


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
    """The people of the story, each with his role, what he does in it, and a button to be him."""
    known = set(User.objects.filter(username__in=BY_USERNAME, is_active=True).values_list("username", flat=True))
    context = {"people": [person for person in PEOPLE if person.username in known], "password": PASSWORD}
    return render(request, "account/demonstration.html", context)


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
