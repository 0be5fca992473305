"""A browser without script: it keeps its cookies, follows links, fills in the forms of a page and sends them.

The story uses nothing else, so a person without script can do everything that it does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

File = tuple[str, bytes, str]
"""A file's name, content and media type."""


class Lost(Exception):
    """The page is not the one that the story expects; the text says what it was instead."""


@dataclass
class Form:
    """`fields` are the values as the page has them; `choices` the values of each radio or select."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The words on a button, and the name and value that it sends."""
    addresses: dict[str, str] = field(default_factory=dict)
    """The words on a button that sends the form to another address than its own, and that address."""


@dataclass
class Page:
    url: str
    status: int
    html: str
    forms: list[Form]
    links: dict[str, str]
    text: str

    def form(self, *names: str, button: str = "") -> Form:
        """The form with all these fields, and with a button whose words hold `button`."""
        for form in self.forms:
            words = [text for text in form.buttons if button.lower() in text.lower()]
            if set(names) <= form.names and (not button or words):
                return form
        raise Lost(f"no form with {names or button} on {self.url} ({self.status}): {self.text[:600]}")

    def has_form(self, *names: str, button: str = "") -> bool:
        try:
            self.form(*names, button=button)
        except Lost:
            return False
        return True

    def link(self, words: str) -> str:
        """The address of the first link whose words or address hold these."""
        for text, address in self.links.items():
            if words.lower() in text.lower() or words in address:
                return address
        raise Lost(f"no link “{words}” on {self.url} ({self.status}): {self.text[:600]}")

    def link_in_line(self, words: str, beside: str) -> str | None:
        """The address of the link with these words, in the item of a list in which `beside` stands too."""
        for line in self.html.split("<li")[1:]:
            if beside in line:
                reader = _Reader(self.url)
                reader.feed(f"<li{line}")
                for text, address in reader.links.items():
                    if words.lower() in text.lower():
                        return address
        return None

    def expect(self, *words: str) -> Page:
        """The page, when it says all of this; otherwise `Lost`."""
        for expected in words:
            if expected.lower() not in self.text.lower():
                raise Lost(f"“{expected}” is not on {self.url} ({self.status}): {self.text[:900]}")
        return self


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.words: list[str] = []
        self._form: Form | None = None
        self._select: str = ""
        self._textarea: str = ""
        self._button: tuple[str, str] | None = None
        self._button_to = ""
        self._link: str = ""
        self._caught: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self._silent += 1
        elif tag == "form":
            self._form = Form(urljoin(self.url, found.get("action", "")), found.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in found:
            self._link, self._caught = urljoin(self.url, found["href"]), [found.get("aria-label", "")]
        elif tag == "button" and found.get("type", "submit") == "submit":
            self._button, self._caught = (found.get("name", ""), found.get("value", "")), []
            self._button_to = urljoin(self.url, found["formaction"]) if "formaction" in found else ""
        elif self._form is not None:
            self._field(tag, found)

    def _field(self, tag: str, found: Mapping[str, str]) -> None:
        form, name = self._form, found.get("name", "")
        if form is None:
            return
        if tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(found.get("value", ""))
            if "selected" in found:
                form.fields[self._select] = found.get("value", "")
        if not name:
            return
        form.names.add(name)
        if tag == "select":
            self._select = name
            form.fields.setdefault(name, "")
        elif tag == "textarea":
            self._textarea, self._caught = name, []
        elif tag == "input":
            self._input(form, name, found)

    def _input(self, form: Form, name: str, found: Mapping[str, str]) -> None:
        kind = found.get("type", "text")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(found.get("value", "on"))
            if "checked" in found:
                form.fields[name] = found.get("value", "on")
        elif kind == "submit":
            form.buttons[found.get("value", "")] = (name, found.get("value", ""))
        elif kind not in ("file", "image", "reset", "button"):
            form.fields[name] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self._caught).split())
        if tag in ("script", "style", "template"):
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._textarea and self._form:
            self._form.fields[self._textarea], self._textarea = "".join(self._caught), ""
        elif tag == "a" and self._link:
            self.links.setdefault(text or self._link, self._link)
            self._link = ""
        elif tag == "button" and self._button is not None:
            if self._form:
                self._form.buttons[text] = self._button
                self._form.addresses |= {text: self._button_to} if self._button_to else {}
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self._caught.append(data)
        self.words.append(data)


class Browser:
    """One person's browser. `base` is the product's address."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "countersign-story"
        self.session.headers["Accept"] = "text/html"
        self.page: Page | None = None

    def open(self, address: str) -> Page:
        return self._read(self.session.get(urljoin(self.base, address), timeout=30))

    def follow(self, words: str) -> Page:
        return self.open(self.here.link(words))

    def download(self, address: str) -> bytes:
        """The content of a file; the page stays the one that is open."""
        answer = self.session.get(urljoin(self.base, address), timeout=30)
        if answer.status_code != 200:
            raise Lost(f"{answer.url} answered {answer.status_code} instead of a file")
        return answer.content

    def send(self, form: Form, *, press: str = "", **values: str) -> Page:
        """Sends a form with these values; `press` are words on the button that is pressed."""
        unknown = set(values) - form.names
        if unknown:
            raise Lost(f"the form at {form.action} has no {sorted(unknown)}, but {sorted(form.names)}")
        for name, value in values.items():
            if name in form.choices and value not in form.choices[name]:
                raise Lost(f"“{value}” is none of {form.choices[name]} for {name} at {form.action}")
        content, address = {**form.fields, **values}, urljoin(self.base, form.action)
        for words, (name, value) in form.buttons.items():
            if press and press.lower() in words.lower():
                if name:
                    content[name] = value
                address = form.addresses.get(words, address)
                break
        headers = {"Referer": self.here.url}
        if form.method == "get":
            return self._read(self.session.get(address, params=content, headers=headers, timeout=30))
        return self._read(self.session.post(address, data=content, headers=headers, timeout=30))

    def send_file(self, form: Form, name: str, file: File, **values: str) -> Page:
        """Sends a form with one file in the field of this name, and with these values."""
        if name not in form.names:
            raise Lost(f"the form at {form.action} has no {name}, but {sorted(form.names)}")
        address, headers = urljoin(self.base, form.action), {"Referer": self.here.url}
        content = {**form.fields, **values}
        sent = self.session.post(address, data=content, files={name: file}, headers=headers, timeout=60)
        return self._read(sent)

    @property
    def here(self) -> Page:
        if self.page is None:
            raise Lost("no page is open")
        return self.page

    def _read(self, response: requests.Response) -> Page:
        reader = _Reader(response.url)
        reader.feed(response.text)
        text = re.sub(r"\s+", " ", "".join(reader.words)).strip()
        self.page = Page(response.url, response.status_code, response.text, reader.forms, reader.links, text)
        if response.status_code >= 500:
            raise Lost(f"{response.url} answered {response.status_code}: {text[:300]}")
        return self.page
