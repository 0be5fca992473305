"""Nothing typed is lost, and nothing is sent twice: the middleware around all pages of people.

- A page that answers a form is fetched by a redirect (`answers.py`).
- A form that arrives after its session ended, from a page of another sign-in, or before a second factor was shown, is
  kept (`typed.py`), and nothing is done with it but to fill it in again.
- The same holds for what a page refused, should its reader load it again or go back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django_htmx.http import HttpResponseClientRedirect

from backoffice.raw_input import REPLY, reply_at
from backoffice.staff.models import User
from backoffice.ui import answers, page_forms, staying, typed
from backoffice.ui.typed import Origin

FILLED_UNTIL = "typed_until"
"""The key of the session under which it stands until when something is kept for its user, in seconds since 1970."""
TOO_OLD = "too_old"
"""The name of the answer for a form that was too old. It is the same for everybody, and not kept."""
WITHOUT_MARKS = ("/account/", "/demo/", "/static/")
NEVER_KEPT = ("/api/", "/account/2fa/")
"""Machines get their answers as they are; and pages that set up a second factor show its secret, which is not ours to
keep."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class SeeOther(HttpResponseRedirectBase):
    """303: the browser fetches the address with GET."""

    status_code = 303


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is another session's, or is missing: the view of `CSRF_FAILURE_VIEW`."""
    request.was_too_old = True  # type: ignore[attr-defined]
    return cast("HttpResponse", csrf_failure(request, reason))


class KeptPages:
    """Must come after the sessions, the user and the messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(NEVER_KEPT):
            return self.get_response(request)
        if request.method == "POST" and request.content_type in _FORMS:
            return self._sent(request)
        if request.method == "GET" and REPLY in request.GET:
            return _fetched(request)
        return _finished(request, self.get_response(request))

    def _sent(self, request: HttpRequest) -> HttpResponseBase:
        form = _taken_off(request)
        origin = form.origin
        if origin is not None and origin.user_id != request.user.pk and form.holds_something:
            return _of_another(request, origin, form)
        response = self.get_response(request)
        mine = origin if origin is not None and origin.user_id == request.user.pk else None
        kept = mine is not None and _keep_if_not_taken(request, response, mine, form)
        if getattr(request, "was_too_old", False):
            return SeeOther(mine.page if mine and kept else reply_at(request, TOO_OLD))
        response = _finished(request, response, page=mine.page if mine else "")
        if isinstance(response, HttpResponse) and answers.is_page(response):
            return _to_fetch(request, response, mine, form)
        if not kept:
            _forget(request)
        return response


@dataclass(frozen=True)
class _Form:
    """What was sent, without the mark of its page. To look for card numbers takes a while where the text is long."""

    origin: Origin | None
    sent: QueryDict

    @cached_property
    def may_be_kept(self) -> bool:
        return sum(len(value) for _name, values in self.sent.lists() for value in values) <= typed.LONGEST_READ

    @cached_property
    def values(self) -> typed.Values:
        return typed.without_card_numbers(self.sent)

    @property
    def numbers(self) -> list[str]:
        """The texts with card numbers."""
        known = {value for values in self.values.values() for value in values}
        return [
            value for _name, values in self.sent.lists() for value in values if value.strip() and value not in known
        ]

    @property
    def holds_something(self) -> bool:
        """Whether something stands in it that may be kept."""
        return self.origin is not None and any(
            value.strip()
            for name in typed.typed_in(dict(self.sent.lists()), self.origin)
            for value in self.sent.getlist(name)
        )


def _taken_off(request: HttpRequest) -> _Form:
    """What was sent. No view sees the mark of its page, nor that its page was an answer itself."""
    if REPLY in request.GET:
        asked = request.GET.copy()
        del asked[REPLY]
        request.GET = asked  # type: ignore[assignment]
        request.META["QUERY_STRING"] = asked.urlencode()
    sent = request.POST.copy()
    marked = sent.pop(page_forms.MARK, [""])[-1]
    sent._mutable = False
    request.POST = sent  # type: ignore[assignment]
    return _Form(typed.origin_of(str(marked)), sent)


# What could not be sent ---------------------------------------------------------------------------------------------


def _of_another(request: HttpRequest, origin: Origin, form: _Form) -> HttpResponse:
    """A form of a page that was another user's, or whose session is over. It is kept for that user."""
    ended = staying.ended_at(request) or 0
    kept = (
        form.may_be_kept
        and typed.is_anybody(origin.user_id)
        and typed.keep(
            origin=origin, action=request.path, sent=form.values, now=timezone.now(), ended=ended, signed_in=False
        )
    )
    if request.user.is_authenticated:
        said = _("The page that you sent was opened under another sign-in. Nothing was sent.")
        also = _("What was typed on it is kept for an hour for the person who opened it.")
        messages.warning(request, f"{said} {also}" if kept else said)
        return SeeOther(reverse("home"))
    said = _("You were signed out before this was sent. Nothing was sent.")
    if kept:
        also = _("What you had typed is kept for an hour: sign in again, and it stands on the page once more.")
    else:
        also = _("What you had typed could not be kept. Go back to copy it before you sign in.")
    messages.warning(request, f"{said} {also}")
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(redirect_to_login(origin.page).url)
    return SeeOther(redirect_to_login(origin.page).url)


def _keep_if_not_taken(request: HttpRequest, response: HttpResponseBase, origin: Origin, form: _Form) -> bool:
    """Keeps a form that no view took: the page was too old, or its user must first confirm who they are."""
    leads_to = urlsplit(response.headers.get("Location", ""))
    first = (reverse("mfa_reauthenticate"), reverse("mfa_activate_totp"), resolve_url(settings.LOGIN_URL))
    if not getattr(request, "was_too_old", False) and (not leads_to.path or leads_to.path not in first):
        return False
    back = QueryDict(leads_to.query).get("next") or origin.page
    return _keep(request, Origin(origin.user_id, back, origin.secret), form)


def _keep(request: HttpRequest, origin: Origin, form: _Form) -> bool:
    """Returns whether something was typed and is kept."""
    now = timezone.now()
    if not (form.may_be_kept and form.holds_something):
        return False
    kept = typed.keep(origin=origin, action=request.path, sent=form.values, now=now, signed_in=True)
    if kept:
        request.session[FILLED_UNTIL] = (now + typed.LIVES).timestamp()
    return kept


def look_again(request: HttpRequest, user: User) -> None:
    """At sign-in: notes in the session whether something is kept for the user."""
    until = typed.newest_until(user, now=timezone.now())
    if until is not None:
        request.session[FILLED_UNTIL] = until.timestamp()


def _forget(request: HttpRequest) -> None:
    """The form was taken."""
    if isinstance(request.user, User) and _is_something_kept(request):
        typed.forget(request.user, action=request.path)


def _is_something_kept(request: HttpRequest) -> bool:
    return bool(request.session.get(FILLED_UNTIL, 0) > timezone.now().timestamp())


# Answers ------------------------------------------------------------------------------------------------------------


def _to_fetch(request: HttpRequest, page: HttpResponse, origin: Origin | None, form: _Form) -> HttpResponse:
    """Keeps the page that answers a form, and says where to fetch it. What was typed on a page that refused it is kept
    too, for who goes back or loads the page again."""
    if not form.may_be_kept:
        return page
    now = timezone.now()
    refused = page.status_code >= 400 or b'aria-invalid="true"' in page.content
    if refused and origin is not None:
        _keep(request, origin, form)
    elif not refused:
        _forget(request)
    if not answers.may_keep(request, now=now):
        return page
    back = origin.page if origin else request.get_full_path()
    kept_id = answers.keep(request, page, numbers=form.numbers, back=back, now=now)
    response = SeeOther(reply_at(request, kept_id))
    response.cookies.update(page.cookies)
    answers.key_cookie(request, response)
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _fetched(request: HttpRequest) -> HttpResponse:
    if request.GET[REPLY] == TOO_OLD:
        return csrf_failure(request)
    answer = answers.fetch(request, now=timezone.now())
    if answer is not None and answer.html:
        return answer.as_response()
    here, _question, query = reply_at(request, "").partition("?")
    rest = QueryDict(query, mutable=True)
    del rest[REPLY]
    return SeeOther(answer.back if answer else f"{here}?{rest.urlencode()}" if rest else here)


# Pages --------------------------------------------------------------------------------------------------------------


def _finished(request: HttpRequest, response: HttpResponseBase, *, page: str = "") -> HttpResponseBase:
    """The page of a signed-in user with the marks in its forms, and with what was typed before. `page` is the address
    of the page before, for one that answers a form."""
    user = request.user
    if not isinstance(response, HttpResponse) or not answers.is_page(response) or not isinstance(user, User):
        return response
    if request.path.startswith(WITHOUT_MARKS):
        return response
    html = response.content.decode()
    if request.method == "GET" and response.status_code == 200:
        with translation.override(response.headers.get("Content-Language") or translation.get_language()):
            html = _filled(request, user, html)
    here = page or _address(request)
    secret = tuple(page_forms.secret_names(html))
    html = page_forms.marked(html, lambda: typed.mark(Origin(user.pk, here, secret)))
    response.content = html.encode()
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))
    return response


def _filled(request: HttpRequest, user: User, html: str) -> str:
    if _is_part(request) or not _is_something_kept(request):
        return html
    found = typed.of_user(user, now=timezone.now())
    for one in found:
        if urlsplit(one.page).path == request.path:
            html, left = page_forms.filled(html, page=request.path, action=one.action, values=one.values)
            texts = [text for name in one.values if name in left for text in one.values[name] if " " in text.strip()]
            context = {"signed_out": one.ended is not None, "ended": _time(one.ended), "texts": texts}
            html = page_forms.with_notice(html, _notice("typed", request, context))
    elsewhere = [one.page for one in found if one.ended is not None][:1]
    if elsewhere and request.path in _FIRST_PAGES:
        html = page_forms.with_notice(html, _notice("typed_elsewhere", request, {"pages": elsewhere}))
    return html


def _notice(name: str, request: HttpRequest, context: dict[str, Any]) -> str:
    """On the clock of the customer; members of staff are told which clock it is."""
    customer = getattr(request, "customer", None)
    zone = ZoneInfo(customer.time_zone) if customer else timezone.get_current_timezone()
    with timezone.override(zone):
        return render_to_string(f"components/{name}.html", context | {"clock": "H:i" if customer else "H:i T"}, request)


def _is_part(request: HttpRequest) -> bool:
    """Whether a page fetches a part of itself."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def _address(request: HttpRequest) -> str:
    """That of the page in the browser, also for a part that it fetches."""
    shown = urlsplit(request.headers.get("HX-Current-URL", "")) if _is_part(request) else None
    if shown is None or not shown.path.startswith("/") or shown.path.startswith("//"):
        return request.get_full_path()
    return f"{shown.path}?{shown.query}" if shown.query else shown.path


_FIRST_PAGES = ("/desk/", "/portal/", "/field/")


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
