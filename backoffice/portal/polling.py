"""What an open page asks when it has no stream: the state of calls as JSON, from this process's reader. It is answered
before session and user are looked at, so it costs no query (`telephony/live/watching.py`)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from backoffice.telephony.live import watching
from backoffice.telephony.live.reading import has_ended, live_under

PATH = "/live/now"


class CallsNow:
    """Must stand before the session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return calls_now(request) if request.path_info == PATH else self.get_response(request)


@require_safe
def calls_now(request: HttpRequest) -> HttpResponse:
    """401 without a ticket that is good, and once its session has ended."""
    watcher = watching.watcher(request.COOKIES)
    if watcher is None or has_ended(*watcher.marks):
        return HttpResponse(status=401)
    return JsonResponse(live_under(watcher.key).as_message())
