"""What a person reads on a page: its words without marks, and what no reader should meet."""

from __future__ import annotations

import re
from html.parser import HTMLParser

UNSEEN = {"script", "style", "svg", "head", "select", "template", "noscript"}
REFERENCE = re.compile(r"\b(?:[2-9A-Z]{3}-){2,4}[2-9A-Z]{1,2}\b")
GENDERED = re.compile(r"\b(he|she|his|hers|her|him|himself|herself|mankind|chairman|sir|madam)\b", re.IGNORECASE)
RAW = re.compile(
    r"\b[a-z]+_[a-z_]+\b|\b[0-9a-f]{8}-[0-9a-f]{4}-|\b\d{8}T\d{4}|\b\d{4}-\d{2}-\d{2}(T|\b)|\b[a-z]+\.[a-z]+:"
    r"|\bNone\b(?! of)|\b[A-Z]\w+Error\b|%\(\w+\)s|\{\{|\{%|\b(True|False)\b"
)
"""A code, a UUID, a time as machines write it, a call with its refusal, an exception, a hole of a template."""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self.unseen.append(tag)
        elif tag in {"p", "h1", "h2", "h3", "li", "dt", "div", "section", "article", "a", "button", "legend", "label"}:
            self.words.append("\n")
        else:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self.unseen and self.unseen[-1] == tag:
            self.unseen.pop()

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)


def words_of(html: str) -> str:
    """The words between <main> and </main>, a line for each paragraph, or those of a part of a page."""
    body = html.partition("<main")[2].partition(">")[2].partition("</main>")[0] or html
    reader = _Words()
    reader.feed(body)
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n\n"))
    plain = (" ".join(line.split()) for line in "\n".join(lines).splitlines())
    return "\n".join(line for line in plain if line)


def faults(text: str) -> list[str]:
    """The lines of a text that no reader should meet. A reference says nothing of anybody, also where it ends in HE."""
    lines = text.splitlines()
    return [line for line in lines if GENDERED.search(REFERENCE.sub("", line)) or RAW.search(line)]


def says(pattern: str, text: str) -> list[str]:
    """The lines of a text that have this in them, whatever the case of its letters."""
    return [line for line in text.splitlines() if re.search(pattern, line, re.IGNORECASE)]
