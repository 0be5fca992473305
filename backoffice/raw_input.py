"""Whatever comes in from outside, before anything reads it. What no view, form or database could hold is refused here
in plain words, in the frame of its face, or dropped where the person who sent it does not know of it.

Refused: an address that is too long, a content that is too large for its face, NUL in the address or in a header.
Dropped: NUL in a field of a form, which comes with copied text and which nobody sees; a cookie with NUL; and the name
of an encoding, since every text is read as UTF-8.

What is sent as JSON is checked when it is read: `parsing.py`. The options of a command pass `check_options`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.management.base import CommandError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.functional import Promise
from django.utils.http import escape_leading_slashes
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

NUL = "\0"
MACHINES = ("/api/v1/signals/", "/api/v1/webhooks/")
"""The addresses of machines that sign what they send. Their views refuse what is too large themselves (`machines.py`),
because a person must hear of it."""
REPLY = "reply"
"""The parameter of an address that names the answer to something that was sent there."""
LONGEST_ADDRESS = 4_000
"""Path and query, in characters. The longest of ours is a sign-in that leads back to a list with filters."""
LONGEST_OPTION = 1_000
"""In characters: as much as the longest text that a form takes from somebody who is not pasting a message."""
LARGEST_FORM = 256 * 1024
"""In bytes, of a form without files; files may be larger (`settings.LARGEST_CONTENT`)."""
_FACES = {"/portal/": "portal", "/desk/": "desk", "/field/": "field"}
_SURROGATES = re.compile("[\ud800-\udfff]")
_CHARSET = re.compile(r'(?i);\s*charset\*?\s*=\s*(?:"[^"]*"|[^;]*)')
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Unreadable:
    """Why a request is refused: a code for machines, and what the person can do now."""

    status: HTTPStatus
    code: str
    title: str | Promise
    sentence: str | Promise


LONG_ADDRESS = Unreadable(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    "address_too_long",
    _("This address is too long"),
    _("Start again from the first page. To look for something, type only a part of it."),
)
TOO_LARGE = Unreadable(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_large",
    _("This is too much to send at once"),
    _("Go back, make it shorter and send it again."),
)
TOO_MANY_FIELDS = Unreadable(
    HTTPStatus.BAD_REQUEST,
    "too_many_fields",
    _("This is too much to send at once"),
    _("It has more fields than any of our pages. Go back, load the page again and try once more."),
)
UNREADABLE_CHARACTERS = Unreadable(
    HTTPStatus.BAD_REQUEST,
    "unreadable_characters",
    _("We could not understand this request"),
    _("It holds a character that cannot be read. Type the address or the text again, instead of copying it."),
)
MALFORMED = Unreadable(
    HTTPStatus.BAD_REQUEST,
    "malformed",
    _("We could not understand this request"),
    _("Go back, load the page again and try once more."),
)


class OnlyUtf8:
    """A WSGI application before Django's own. Django decodes with whatever encoding of Python's a request names, before
    any middleware can catch what that raises; some are none of text, and some take the square of the time."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
        return self.application(environ, start_response)


class RawInput:
    """Stands before everything that reads a request, and behind what adds headers to every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "GET" and request.GET.get(REPLY) == TOO_LARGE.code:
            return _answer(request, TOO_LARGE)
        refused = _why_refused(request)
        if refused is TOO_LARGE and not _is_api(request):
            return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": reply_at(request, refused.code)})
        if refused is not None:
            return _answer(request, refused)
        _drop(request)
        return self.get_response(request)


def reply_at(request: HttpRequest, name: str) -> str:
    """The address at which a browser fetches the answer to what it sent to this one: a page that it got with GET can
    be loaded again without sending anything again."""
    asked = request.GET.copy()
    asked[REPLY] = name
    return f"{escape_leading_slashes(escape_uri_path(request.path))}?{asked.urlencode()}"


def largest(path: str) -> int:
    """The most that may be sent to this path in one request, in bytes."""
    return next((most for prefix, most in settings.LARGEST_CONTENT.items() if path.startswith(prefix)), 0)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The page of whatever Django itself refuses with 400, for the URL configuration."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, TOO_LARGE)
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        return _answer(request, TOO_MANY_FIELDS)
    return _answer(request, MALFORMED)


def check_options(options: Mapping[str, Any]) -> None:
    """Raises `CommandError` for an option of a command that is too long, or that is not readable text: on a terminal
    with another encoding, Python makes half surrogate pairs of what it cannot decode."""
    for name, value in options.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and len(text) > LONGEST_OPTION:
                raise CommandError(f"{_option(name)}: at most {LONGEST_OPTION} characters.")
            if isinstance(text, str) and not is_readable(text):
                raise CommandError(f"{_option(name)}: this holds a character that cannot be read. Type it in UTF-8.")


def is_readable(text: str) -> bool:
    """Whether a database can hold the text: it has no NUL and no half of a surrogate pair."""
    return NUL not in text and not _SURROGATES.search(text)


def _option(name: str) -> str:
    return f"--{name.rpartition(' ')[2].replace('_', '-')}"


def _why_refused(request: HttpRequest) -> Unreadable | None:
    query = request.META.get("QUERY_STRING", "")
    if len(request.path_info) + len(query) > LONGEST_ADDRESS:
        return LONG_ADDRESS
    if _length(request) > _most(request) and not request.path_info.startswith(MACHINES):
        return TOO_LARGE
    if not all(is_readable(text) for text in (request.path_info, *_texts(request.GET), *_headers(request))):
        return UNREADABLE_CHARACTERS
    return None


def _most(request: HttpRequest) -> int:
    """A form without files is taken apart in memory, at a second for some megabytes."""
    most = largest(request.path_info)
    return min(most, LARGEST_FORM) if request.content_type == _FORMS[0] else most


def _length(request: HttpRequest) -> int:
    """In bytes. Content without a length is not read at all."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _texts(data: QueryDict) -> Iterator[str]:
    for name, values in data.lists():
        yield name
        yield from values


def _headers(request: HttpRequest) -> Iterator[str]:
    return (value for name, value in request.META.items() if name.startswith("HTTP_") and isinstance(value, str))


def _drop(request: HttpRequest) -> None:
    for name in [name for name, value in request.COOKIES.items() if NUL in name + value]:
        del request.COOKIES[name]
    is_form = request.method == "POST" and request.content_type in _FORMS and not _is_api(request)
    if is_form and any(NUL in text for text in _texts(request.POST)):
        request.POST = _without_nul(request.POST)  # type: ignore[assignment]


def _without_nul(data: QueryDict) -> QueryDict:
    clean = QueryDict(mutable=True)
    for name, values in data.lists():
        clean.setlist(name.replace(NUL, ""), [value.replace(NUL, "") for value in values])
    clean._mutable = False
    return clean


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _answer(request: HttpRequest, refused: Unreadable) -> HttpResponseBase:
    with translation.override(translation.get_language_from_request(request)):
        if _is_api(request):
            content = {"code": refused.code, "sentence": _t("%(title)s. %(sentence)s") % _words(refused), "field": ""}
            return JsonResponse(content, status=refused.status)
        face = next((face for prefix, face in _FACES.items() if request.path_info.startswith(prefix)), "public")
        return render(request, "400.html", {**_words(refused), "face": face}, status=refused.status)


def _words(refused: Unreadable) -> dict[str, str]:
    return {"title": str(refused.title), "sentence": str(refused.sentence)}
