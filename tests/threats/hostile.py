"""Sends hostile text to every page: what the addresses, parameters and fields are is read from the product itself."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, quote_plus

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView

from backoffice.cases import catalogue
from backoffice.raw_input import largest

SLOW = 1.0
"""The most CPU time of an answer, in seconds."""
HELD = 0.2
"""The most CPU time between the first row lock of a request and its end, in seconds."""
AGAIN = 2
"""How often a request is sent again whose answer was slow."""
PARTS = {
    "what is no text": "\0\udc80",
    "digits": "1 ",
    "one number": "9",
    "punctuation": "([{<%_\\'\"-\u2013/",
    "marks": "a\u0301\u0316",
    "what nobody sees": "\u202e\u0627\u200f\u200b\r\n",
    "a mail address": "a@a.",
}
PARAMETERS = ("q", "next", "p", "o", "e", "all", "_popup", "_to_field", "_changelist_filters", "id", "term", "lang")
"""Those that Django's own pages read, besides the ones that stand in our code."""
_READ = re.compile(r"(?:GET|query_params)(?:\.get\(|\[)\"(\w+)\"|\"(\w+)\" in request\.GET")
_NUMBERS = re.compile(r"[0-9A-Fa-f-]{5,}|\d|\?.*")
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Page:
    """A route with its arguments still open, and the names of the parameters that its view reads."""

    route: str
    reads: tuple[str, ...]
    redirects: bool = False
    """Whether it only leads to another page."""
    process: str = ""
    """The process to whose pages it belongs."""

    @property
    def face(self) -> str:
        return "/" + self.route.split("/")[1] + "/"

    @property
    def arguments(self) -> list[str]:
        return [second or third for _first, second, third in _ARGUMENT.findall(self.route)]

    def at(self, values: Mapping[str, str]) -> str:
        return _ARGUMENT.sub(lambda found: quote(values[found[2] or found[3]], safe="", errors="surrogateescape"),
                             self.route)  # fmt: skip


def pages(prefix: str = "/") -> list[Page]:
    """All routes of the product that begin so."""
    found = {page.route: page for page in _pages(get_resolver().url_patterns, "/")}
    return [page for page in found.values() if page.route.startswith(prefix)]


def _pages(patterns: Sequence[URLPattern | URLResolver], prefix: str, process: str = "") -> Iterator[Page]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            known = {one.name for one in catalogue.all_processes()}
            yield from _pages(pattern.url_patterns, route, pattern.namespace if pattern.namespace in known else process)
        else:
            redirects = getattr(pattern.callback, "view_class", None) is RedirectView
            yield Page(route, _read_by(pattern.callback), redirects, process)


def _read_by(view: Any) -> tuple[str, ...]:
    view = inspect.unwrap(view)
    module = getattr(view, "__module__", "")
    if not module.startswith("backoffice."):
        return ()
    found = _READ.findall(inspect.getsource(importlib.import_module(module)))
    return tuple(sorted({first or second for first, second in found}))


@dataclass
class Form:
    """A form of a page: where it is sent, and the values with which the page itself would send it. `free` are the names
    of the fields into which people type."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)

    @property
    def chosen(self) -> set[str]:
        """The names of the fields of which the page sets the value. The form's token is read by Django alone."""
        return set(self.values) - self.free - {"csrfmiddlewaretoken"}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "form":
            self._open = Form(told.get("action", "")) if told.get("method", "").lower() == "post" else None
            self.forms += [self._open] if self._open else []
        elif self._open is None:
            return
        elif tag == "select":
            self._select = name
            self._open.values.setdefault(name, "")
        elif tag == "option" and told.get("value") and not self._open.values.get(self._select):
            self._open.values[self._select] = told["value"]
        elif tag == "textarea" and name:
            self._open.values[name] = ""
            self._open.free.add(name)
        elif tag in ("input", "button") and name:
            self._open.values.setdefault(name, told.get("value", ""))
            if told.get("type", "text") not in ("hidden", "radio", "checkbox", "submit", "button"):
                self._open.free.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(content: bytes) -> list[Form]:
    parser = _Forms()
    parser.feed(content.decode(errors="replace"))
    return parser.forms


@dataclass(frozen=True)
class Fault:
    """What went wrong with one request."""

    what: str
    request: str

    def __str__(self) -> str:
        return f"{self.what}: {self.request}"


@dataclass
class Attacker:
    """Somebody with a browser, who sends what no browser would. Each request is undone after it."""

    client: Client
    headers: Mapping[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    status: int = 0
    """Of the last answer."""
    opened: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    """The routes of which a page was opened, and those of which one was shown."""
    forms: dict[tuple[str, frozenset[str]], Form] = field(default_factory=dict)

    def new_forms(self, content: bytes, route: str) -> Iterator[tuple[Form, bool]]:
        """The forms of a page that this attacker has not seen yet, and whether it saw one with the same fields."""
        for form in forms_of(content):
            seen = ((form.action and _NUMBERS.sub("", form.action)) or route, frozenset(form.values))
            if seen not in self.forms:
                alike = any(names == seen[1] for _action, names in self.forms)
                self.forms[seen] = form
                yield form, alike

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        asked = "&".join(f"{name}={_quoted(value)}" for name, value in (query or {}).items())
        return self._send("GET", f"{path}?{asked}" if asked else path, b"", "")

    def post(self, path: str, values: Mapping[str, str]) -> bytes:
        body = "&".join(f"{quote_plus(name)}={_quoted(value)}" for name, value in values.items())
        return self._send("POST", path, body.encode(), "application/x-www-form-urlencoded")

    def post_json(self, path: str, content: Any, *, method: str = "POST") -> bytes:
        return self._send(method, path, json.dumps(content).encode(), "application/json")

    def _send(self, method: str, path: str, body: bytes, content_type: str) -> bytes:
        path, _question, query = path.partition("?")
        told = f"{method} {path[:160]}?{query[:120]} {body[:160]!r}"

        def send() -> tuple[bytes, float, float]:
            cache.clear()
            cookies = SimpleCookie(self.client.cookies)
            with undone(), lock_held() as held:
                began = time.process_time()
                response = self.client.generic(
                    method, path, body, content_type or "text/plain", headers=self.headers, QUERY_STRING=query
                )
                content = b"" if response.streaming else response.content
                took = time.process_time() - began
            self.client.cookies = cookies
            self.status = response.status_code
            if response.status_code >= 500:
                self.faults.append(Fault(f"{response.status_code} {getattr(response, 'exc_info', None)!r:.300}", told))
            return content, took, held()

        content, took, held = send()
        for _again in range(AGAIN):
            # A busy machine makes one answer slow, and hostile text makes every answer slow.
            if took > SLOW or held > HELD:
                took, held = map(min, (took, held), send()[1:])
        if took > SLOW:
            self.faults.append(Fault(f"{took:.2f} s", told))
        if held > HELD:
            self.faults.append(Fault(f"rows were locked for {held:.2f} s", told))
        return content


@lru_cache(maxsize=64)
def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogateescape")


def long(part: str, *, bytes_: int) -> str:
    """The part, repeated until it takes so many bytes in a form."""
    return part * max(1, bytes_ // len(_quoted(part)))


def all_hostile(form: Form, part: str, path: str) -> tuple[dict[str, str], dict[str, str]]:
    """The form with hostile text in every field; and with hostile text where people type, all else as the page sends
    it. Both as large as the face allows."""
    room = largest(path) - sum(len(_quoted(name + value)) + 2 for name, value in form.values.items())
    each = long(part, bytes_=max(1, room // max(1, len(form.values)) - 2))
    free = long(part, bytes_=max(1, room // max(1, len(form.free)) - 2))
    return (
        dict.fromkeys(form.values, each),
        {name: free if name in form.free else value for name, value in form.values.items()},
    )


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # a rule may insist on a transaction of its own
    with block:
        yield
        transaction.set_rollback(True)


@contextlib.contextmanager
def lock_held() -> Iterator[Callable[[], float]]:
    """How long rows were locked inside, in seconds of CPU time: from the first FOR UPDATE to the end of the outermost
    block, which is the end of the transaction where no test is around it."""
    depth, since, longest = 0, 0.0, 0.0

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal depth, since, longest
        result = execute(sql, params, many, context)
        text = str(sql)
        if text.startswith("SAVEPOINT"):
            depth += 1
        elif text.startswith("RELEASE SAVEPOINT"):
            depth -= 1
            if depth == 0 and since:
                longest, since = max(longest, time.process_time() - since), 0.0
        elif depth and not since and "FOR UPDATE" in text:
            since = time.process_time()
        return result

    with connection.execute_wrapper(watch):
        yield lambda: longest
