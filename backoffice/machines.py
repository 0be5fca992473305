"""A shorter middleware path for machines that sign what they send: without session, form token, language or account.
Every view below `raw_input.MACHINES` is a `Signed` one. Its requests pass the middleware before `ShortWay` in the
settings (transport, policies, caching) and `MACHINE_MIDDLEWARE`. The middleware after `ShortWay` is for people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, cast

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_structlog.middlewares import RequestMiddleware
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from backoffice.busy import for_machines
from backoffice.networks import ScopedThrottle
from backoffice.raw_input import MACHINES, largest
from backoffice.refusals import Refused

log = structlog.get_logger(__name__)
Handler = Callable[[HttpRequest], HttpResponseBase]


class NotRead(Refused):
    """What was sent is too large to be read, or does not say how large it is; so nobody knows who signed it."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.status = status


class Signed(APIView):
    """A view for a machine that is known only by its signature. Signed requests are not limited, so an issuer with much
    to report never has to wait. A request without a valid signature costs the check of the signature and one count of
    its network, but no query; too many of them get 429. One that cannot be read counts as unsigned, and the view tells
    a person of it.
    """

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedThrottle]
    throttle_scope = "unsigned"
    unsigned: tuple[type[Refused], ...]
    """The exceptions with which this view refuses a request that is not signed, or was signed too long ago."""

    def check_throttles(self, request: Request) -> None:
        """No request is counted before its signature was checked, see `handle_exception`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
            raise NotRead(411, "length_required", _("Say how large this is, in the header Content-Length."))

    def not_read(self, request: Request, why: str) -> None:
        """Tells a person that something could not be read."""
        raise NotImplementedError

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RequestDataTooBig):
            most = {"most": largest(self.request.path_info) // 1024**2}
            exc = NotRead(413, "too_large", _("This is too large. We read at most %(most)d MB.") % most)
        if isinstance(exc, (*self.unsigned, NotRead)):
            try:
                super().check_throttles(self.request)
            except Throttled as throttled:
                exc = throttled
        if isinstance(exc, NotRead):
            self.not_read(self.request, exc.sentence)
        return super().handle_exception(exc)


def is_signed(request: Request, secret: str) -> bool:
    """Whether the request carries a signature of Standard Webhooks with this secret, made within the last five minutes.
    Nobody's does while the secret is empty."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        Webhook(secret).verify(request.body, headers, json_parse=False)
    except (WebhookVerificationError, EmptyWebhookSecretError, ValueError, KeyError, TypeError) as refused:
        log.warning("not signed", path=request.path, why=type(refused).__name__)
        return False
    return True


def signed_id(request: Request, *, longest: int) -> str:
    """The sender's own id of a signed message, or a hash of one that is too long to be kept or is not plain text."""
    told: str = request.headers["webhook-id"]
    plain = len(told) <= longest and told.isascii() and told.isprintable()
    return told if plain else f"sha256:{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"


class ShortWay:
    """Sends requests below `MACHINES` straight to their view, in the language of the settings."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.to_machines = _safe(for_machines(_answer))
        for name in reversed(settings.MACHINE_MIDDLEWARE):
            self.to_machines = _safe(import_string(name)(self.to_machines))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(MACHINES):
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):  # The thread may have another one.
            return self.to_machines(request)


class RequestLog(RequestMiddleware):
    """Puts the id of the request into every line of the log, as for people's requests."""

    def __init__(self, get_response: Any) -> None:
        # The instance for people's requests logs the errors of all requests, so this one must not.
        self.get_response = get_response


def _safe(handler: Handler) -> Handler:
    """Turns exceptions into answers, as Django does between any two middlewares."""
    return cast("Handler", convert_exception_to_response(handler))


def _answer(request: HttpRequest) -> HttpResponseBase:
    request.resolver_match = match = resolve(request.path_info)
    response: Response = match.func(request, *match.args, **match.kwargs)
    response.render()
    return response
