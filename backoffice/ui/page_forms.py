"""The forms of a finished page: marks them with the page that they stand on, fills them with what was typed before, and
takes secrets out of them.

It works on the HTML, so that it is true of every form on every face, also of the admin's own and those of a process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

MARK = "_page"
"""The field of a form that names the page it stands on."""
NOT_KEPT = "data-not-kept"
"""The attribute of an input whose value is never kept: a half of a code at the door."""
_CSRF = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="[^"]*">')
_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_MAIN = re.compile(r"<main\b[^>]*>", re.IGNORECASE)
_SECRET = re.compile(
    rf'type="(?:password|file)"|autocomplete="(?:one-time-code|(?:new|current)-password|cc-[\w-]+)"|\b{NOT_KEPT}\b'
)
_NAME = re.compile(r'\bname="([^"]*)"')
_VALUE = re.compile(r'\svalue="[^"]*"')
_WRITTEN = frozenset({"text", "email", "tel", "number", "date", "time", "datetime-local", "month", "url", "search"})
Values = Mapping[str, Sequence[str]]


def secret_names(html: str) -> list[str]:
    """The names of the fields whose values are never kept."""
    inputs = (tag for tag in _INPUT.findall(html) if _SECRET.search(tag))
    return sorted({name[1] for tag in inputs if (name := _NAME.search(tag))})


def without_secrets(html: str) -> str:
    """The page with those fields empty."""
    return _INPUT.sub(lambda tag: _VALUE.sub("", tag[0]) if _SECRET.search(tag[0]) else tag[0], html)


def marked(html: str, mark: Callable[[], str]) -> str:
    """The page with the mark in each form that is sent by POST. It is made only where there is such a form."""
    if _CSRF.search(html) is None:
        return html
    mine = f'<input type="hidden" name="{MARK}" value="{escape(mark())}">'
    return _CSRF.sub(lambda found: found[0] + mine, html)


def with_notice(html: str, notice: str) -> str:
    """The page with something to read before anything else."""
    return _MAIN.sub(lambda found: found[0] + notice, html, count=1)


def filled(html: str, *, page: str, action: str, values: Values) -> tuple[str, frozenset[str]]:
    """The page with the values in the first form that is sent to the path `action`, and the names of those that have no
    place there. What another step of a case asked for has none: a hidden `item` tells the steps apart."""
    reader = _Reader(page, action)
    reader.feed(html)
    if reader.form is None:
        return html, frozenset(values)
    hidden = {one.name: one.attributes.get("value", "") for one in reader.form if one.kind == "hidden"}
    if "item" in hidden and values.get("item", [hidden["item"]])[0] != hidden["item"]:
        return html, frozenset(values)
    edits = [edit for one in reader.form if one.name in values for edit in one.edits(values[one.name])]
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html, frozenset(values) - {one.name for one in reader.form}


@dataclass
class _Field:
    """One place of a form into which a value goes; `start` and `end` are those of its tag, or of its text."""

    kind: str
    name: str
    attributes: dict[str, str]
    start: int
    end: int
    tag: str = "input"

    def edits(self, values: Sequence[str]) -> Iterable[tuple[int, int, str]]:
        if self.kind == "textarea":
            yield self.start, self.end, "\n" + escape(values[0])
        elif self.kind in _WRITTEN:
            yield self.start, self.end, self._with("value", values[0])
        elif self.kind in ("radio", "checkbox"):
            yield self.start, self.end, self._with("checked", self.attributes.get("value", "on") in values)
        elif self.kind == "option":
            yield self.start, self.end, self._with("selected", self.attributes.get("value", "") in values)

    def _with(self, name: str, value: str | bool) -> str:
        told: dict[str, str | bool] = {one: its for one, its in self.attributes.items() if one != name}
        if value is not False:
            told[name] = value
        written = (one if its is True else f'{one}="{escape(str(its))}"' for one, its in told.items())
        return f"<{self.tag} {' '.join(written)}>"


class _Reader(HTMLParser):
    """Finds the fields of the first form that a page sends to a path by POST."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.form: list[_Field] | None = None
        self._page, self._action = page, action
        self._inside = self._done = False
        self._select = self._area = ""
        self._area_from = 0

    def feed(self, data: str) -> None:
        self._lines = [0, *(found.end() for found in re.finditer("\n", data))]
        super().feed(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open(told)
        elif self._inside and self.form is not None:
            self._field(tag, told, self.form)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._done = self._done or self._inside
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area and self.form is not None:
            self.form.append(_Field("textarea", self._area, {}, self._area_from, self._here()))
            self._area = ""

    def _open(self, told: Mapping[str, str]) -> None:
        sent_to = urlsplit(urljoin(self._page, told.get("action", ""))).path
        if not self._done and told.get("method", "").lower() == "post" and sent_to == self._action:
            self._inside, self.form = True, []

    def _field(self, tag: str, told: dict[str, str], form: list[_Field]) -> None:
        start, end = self._here(), self._here() + len(self.get_starttag_text() or "")
        name = told.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.append(_Field("option", self._select, told, start, end, "option"))
        elif tag == "textarea" and name:
            self._area, self._area_from = name, end
        elif tag == "input" and name:
            form.append(_Field(told.get("type", "text").lower(), name, told, start, end))

    def _here(self) -> int:
        line, offset = self.getpos()
        return self._lines[line - 1] + offset
