"""Staff always sign in with a second factor. Without it, the desk, the field pages and the API stay closed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.staff.models import User

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
DEMONSTRATION = "demonstration"
"""The method of a one-click sign-in in demonstration mode; there it counts as a second factor."""
_FACTOR_METHODS = ("mfa", DEMONSTRATION)
OPEN_PREFIXES = ("/account/", "/static/", "/demo/", "/check", "/livez", "/readyz", "/i18n/")
"""The pages that staff reach before the second factor: signing in and out, setting a factor up, and public pages."""


def proof_of_session(request: HttpRequest) -> str:
    """The strongest method with which this session was opened: "totp", "webauthn", "demonstration", "password" or
    ""."""
    ways = [_way(record) for record in _records(request)]
    strong = [way for way in ways if way != "password"]
    return (strong or ways or [""])[-1]


def _records(request: HttpRequest) -> list[dict[str, object]]:
    if not request.user.is_authenticated:
        return []
    return list(get_authentication_records(request, request.user))


def _way(record: dict[str, object]) -> str:
    return str(record.get("type") or record.get("method") or "")


def passed_mfa(request: HttpRequest) -> bool:
    """Whether this session was opened or confirmed with a second factor; a recovery code counts as one."""
    return any(record.get("method") in _FACTOR_METHODS for record in _records(request))


def last_factor_at(request: HttpRequest) -> float | None:
    """When a second factor was last shown in this session, in seconds since 1970; None if never."""
    times = [record.get("at") for record in _records(request) if record.get("method") in _FACTOR_METHODS]
    return max((float(at) for at in times if isinstance(at, int | float)), default=None)


def note_demonstration_sign_in(request: HttpRequest, user: User) -> None:
    """Notes in the session that it was opened with one click, which `passed_mfa` accepts. For demonstration only."""
    record_authentication(request, user, method=DEMONSTRATION, reauthenticated=True)


def needs_mfa(request: HttpRequest) -> bool:
    """Whether the signed-in person is staff (or a superuser) and has not shown a second factor."""
    user = request.user
    return isinstance(user, User) and (user.is_staff or user.is_superuser) and not passed_mfa(request)


def note_password(request: HttpRequest, user: User) -> None:
    """Notes in the session that its user has just chosen their password, so that it is not asked again at once."""
    record_authentication(request, user, method="password", reauthenticated=True)


def way_to_factor(request: HttpRequest) -> str:
    """The URL where the person sets up a second factor, or shows the one that they have and comes back."""
    if not is_mfa_enabled(request.user, FACTORS):
        return reverse("mfa_activate_totp")
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}"


class RequireStaffMFA:
    """Sends staff without a second factor to set one up, or to show it; the API answers 403 in JSON.

    It must come after allauth's AccountMiddleware in the settings.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OPEN_PREFIXES) or not needs_mfa(request):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            sentence = _("Sign in with your second factor first.")
            return JsonResponse({"code": "mfa_required", "detail": sentence}, status=403)
        return HttpResponseRedirect(way_to_factor(request))
