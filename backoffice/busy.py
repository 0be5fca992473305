"""What people and machines are told when our database does not answer in time: it holds a statement or a lock for too
long (`time_limits.py`), all connections are taken, or it is away. The transaction was rolled back, so nothing is half
written, and the same request may be sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

AGAIN_AFTER = 5
"""Seconds."""
_IDLE_TOO_LONG = "25P03"

log = structlog.get_logger(__name__)


class BusyDatabase:
    """For the pages of people and for the API, as a middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer(request, error)


def for_machines(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The same around a view that no middleware of people stands before."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        try:
            return view(request)
        except Exception as error:
            busy = answer(request, error)
            if busy is None:
                raise
            return busy

    return answered


def answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """503 with a page, or with JSON below `/api/`; None when the error is another one."""
    if not _is_busy(error):
        return None
    log.error("the database did not answer in time", path=request.path_info, exc_info=error)
    if request.path_info.startswith("/api/"):
        said: dict[str, Any] = {
            "code": "busy",
            "sentence": _("We cannot do this right now. Nothing was changed. Send it again in a few seconds."),
            "field": "",
        }
        response: HttpResponse = JsonResponse(said, status=503)
    else:
        response = HttpResponse(render_to_string("503.html", request=request), status=503)
    response.headers["Retry-After"] = str(AGAIN_AFTER)
    return response


def _is_busy(error: Exception) -> bool:
    if isinstance(error, (OperationalError, InterfaceError)):
        return True
    return isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", "") == _IDLE_TOO_LONG
