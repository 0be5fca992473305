"""The page that answers a form is kept, and the browser is sent to fetch it: post, redirect, get. So neither Back nor
Reload sends a form again, whatever the answer said.

An answer is sealed for one browser and one path, is fetched once, and lives for ten minutes. Its id is in the address
and opens nothing alone: of a signed-in person it needs the session, of anybody else a cookie.
"""

from __future__ import annotations

import json
import re
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from html import escape

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from backoffice import no_card_numbers
from backoffice.networks import network_of
from backoffice.raw_input import REPLY
from backoffice.sealed import keyed_hash, seal_for, unseal_for
from backoffice.trust.limits import CannotCount, Limit, allowed
from backoffice.ui import page_forms
from backoffice.ui.models import KeptAnswer

COOKIE = "reply_key"
LIVES = timedelta(minutes=10)
MOST = Limit("answers-kept", times=1000, per=timedelta(hours=1))
"""Of one user, or of one network address. A page beyond it answers the form itself."""
_HEADERS = ("Content-Type", "Content-Language", "Cache-Control", "Vary", "Retry-After", "HX-Push-Url")
_ID = re.compile(r"[\w-]{22}")


@dataclass(frozen=True)
class Answer:
    """`back` is the address of the page on which the form stood: where a second look at the answer leads."""

    status: int
    html: str
    headers: dict[str, str]
    back: str

    def as_response(self) -> HttpResponse:
        response = HttpResponse(self.html, status=self.status)
        for name, value in self.headers.items():
            response.headers[name] = value
        return response


def is_page(response: HttpResponse) -> bool:
    """Whether this is a page for people that a browser would offer to ask for again."""
    if getattr(response, "streaming", False) or not response.headers.get("Content-Type", "").startswith("text/html"):
        return False
    return response.status_code < 500 and not 300 <= response.status_code < 400 and bool(response.content)


def may_keep(request: HttpRequest, *, now: datetime) -> bool:
    """Whether there is room for another answer of this browser; not while nobody can count."""
    holder = f"user {request.user.pk}" if request.user.is_authenticated else network_of(request)
    try:
        return allowed(MOST, holder, now=now)
    except CannotCount:
        return False


def keep(request: HttpRequest, response: HttpResponse, *, numbers: Iterable[str], back: str, now: datetime) -> str:
    """Keeps the page; returns its id. Secrets that stand in its fields are taken out. Of a card number in one of the
    typed texts `numbers` only the last four digits stay."""
    html = page_forms.without_secrets(_without_card_numbers(response.content.decode(), numbers))
    headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    kept_id = secrets.token_urlsafe(16)
    told = json.dumps(asdict(Answer(response.status_code, html, headers, back)))
    sealed = seal_for(zlib.compress(told.encode(), 1), about=_about(request, kept_id))
    KeptAnswer.objects.create(hashed=_hashed(kept_id), sealed=sealed, until=now + LIVES)
    return kept_id


def fetch(request: HttpRequest, *, now: datetime) -> Answer | None:
    """The answer that this request asks for, once; then, with no HTML, only the way back. None for another browser's,
    another path's, and after ten minutes."""
    kept_id = request.GET.get(REPLY, "")
    if not _ID.fullmatch(kept_id):
        return None
    with transaction.atomic():
        row = KeptAnswer.objects.select_for_update().filter(hashed=_hashed(kept_id), until__gt=now).first()
        if row is None:
            return None
        about = _about(request, kept_id)
        try:
            answer = Answer(**json.loads(zlib.decompress(unseal_for(bytes(row.sealed), about=about))))
        except ValueError:
            return None
        if answer.html:
            rest = json.dumps(asdict(Answer(answer.status, "", {}, answer.back)))
            row.sealed = seal_for(zlib.compress(rest.encode()), about=about)
            row.save(update_fields=["sealed"])
    return answer


def key_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Gives a browser without a session the cookie by which it fetches its answers."""
    if not request.user.is_authenticated:
        response.set_cookie(
            COOKIE,
            request.COOKIES[COOKIE],
            max_age=int(LIVES.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def _about(request: HttpRequest, kept_id: str) -> str:
    if request.user.is_authenticated:
        holder = f"user {request.user.pk} {request.session.session_key}"
    else:
        holder = f"browser {request.COOKIES.setdefault(COOKIE, secrets.token_urlsafe(24))}"
    return f"answer {kept_id} {keyed_hash('answer holder', holder)} {request.path}"


def _hashed(kept_id: str) -> str:
    return keyed_hash("answer", kept_id)


def _without_card_numbers(html: str, numbers: Iterable[str]) -> str:
    for line in {line for text in numbers for line in text.splitlines()}:
        if no_card_numbers.has_card_number(line):
            masked = str(no_card_numbers.without({"": line})[""])
            html = html.replace(escape(line), escape(masked))
    return html
