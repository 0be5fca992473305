"""The short way of machines that sign what they send: no session, no form token, no language, no account.

Below `MACHINES` every view is a `Signed` one. Its requests keep what comes before `ShortWay` in the settings
(transport, policies, no copy kept on the way) and `MACHINE_MIDDLEWARE`; what follows `ShortWay` is for people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import translation
from django.utils.module_loading import import_string
from django_structlog.middlewares import RequestMiddleware
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from backoffice.refusals import Refused

MACHINES = ("/api/v1/signals/", "/api/v1/webhooks/")
Handler = Callable[[HttpRequest], HttpResponseBase]


class Signed(APIView):
    """A view for a machine that is known by its signature alone.

    Who signs is not counted: an issuer that has much to tell is never told to wait. A request that is not signed costs
    the check of its signature and one count of its address, and no query; too many of them are 429.
    """

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "unsigned"
    unsigned: tuple[type[Refused], ...]
    """How this view refuses what is not signed, or was signed too long ago."""

    def check_throttles(self, request: Request) -> None:
        """Nobody is counted before the signature was looked at, see `handle_exception`."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, self.unsigned):
            try:
                super().check_throttles(self.request)
            except Throttled as throttled:
                exc = throttled
        return super().handle_exception(exc)


class ShortWay:
    """Takes requests below `MACHINES` straight to their view, in the language of the settings."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.to_machines = _safe(_answer)
        for name in reversed(settings.MACHINE_MIDDLEWARE):
            self.to_machines = _safe(import_string(name)(self.to_machines))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(MACHINES):
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):  # The thread may still speak the last person's language.
            return self.to_machines(request)


class RequestLog(RequestMiddleware):
    """The id of the request in every line of the log, as people's requests have it."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response  # Errors are logged by people's instance, which hears of all: not twice.


def _safe(handler: Handler) -> Handler:
    """What is raised becomes an answer, as Django has it between any two middlewares."""
    return cast("Handler", convert_exception_to_response(handler))


def _answer(request: HttpRequest) -> HttpResponseBase:
    request.resolver_match = match = resolve(request.path_info)
    response: Response = match.func(request, *match.args, **match.kwargs)
    response.render()
    return response
