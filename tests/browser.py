"""The test client fetches the page that answers a form, as a browser does: post, redirect, get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from backoffice.raw_input import REPLY

_request = Client.request
_fetches = True


@contextmanager
def that_does_not_fetch() -> Iterator[None]:
    """Inside, an answer waits."""
    global _fetches
    _fetches = False
    try:
        yield
    finally:
        _fetches = True


def _fetching(client: Client, **request: Any) -> Any:
    answer = _request(client, **request)
    leads_to = urlsplit(answer.headers.get("Location", ""))
    if not _fetches or answer.status_code != 303 or REPLY not in parse_qs(leads_to.query):
        return answer
    fetched: Any = client.get(f"{leads_to.path}?{leads_to.query}", headers=_headers(request))
    fetched.redirected = answer
    if fetched.context is None:
        fetched.context = answer.context
    return fetched


def _headers(request: dict[str, Any]) -> dict[str, str]:
    sent = {name.removeprefix("HTTP_"): str(value) for name, value in request.items() if name.startswith("HTTP_")}
    return {name.replace("_", "-"): value for name, value in sent.items() if name != "COOKIE"}


def install() -> None:
    """For all tests: none of them has to know that an answer is fetched."""
    Client.request = _fetching  # type: ignore[method-assign,assignment]


def redirect_of(page: Any) -> Any:
    """The redirect that led to a fetched answer; None for a page that is none."""
    return getattr(page, "redirected", None)
