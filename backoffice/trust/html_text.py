"""The text of pasted HTML: its words, and the addresses to which it leads, which the words may hide."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?::[a-zA-Z]+)?(?=[\s/>])[^<>]*>|<![^<>]*>")
_BARE_TAG = re.compile(r"</?[a-zA-Z0-9:]+\s*/?>")
_LEADS_TO = re.compile(r"(?i)(?<![\w-])(?:href|src|action|background)\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]{1,2000})")
_BREAKS = re.compile(r"(?i)</?(?:p|br|div|tr|table|li|ul|ol|h[1-6]|title|head|body|blockquote)\b")
_LONG_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
"""Of no character, and too long for a number that Python reads."""


def without_tags(text: str) -> str:
    """The text without tags, with entities as characters. Links and pictures leave their addresses. What is no HTML
    stays, also `<name@example.org>` and `a < b`."""
    return html.unescape(_LONG_ENTITY.sub(" ", _TAG.sub(_address, text)))


def hides_something(text: str) -> bool:
    """Whether it has tags with attributes, or comments: then its reader may see something else than its words."""
    return any(not _BARE_TAG.fullmatch(tag[0]) for tag in _TAG.finditer(text))


def _address(tag: re.Match[str]) -> str:
    leads = " ".join(found for found in _LEADS_TO.findall(tag[0]) if not found.lower().startswith(("cid:", "data:")))
    return f" {leads} " if leads else "\n" if _BREAKS.match(tag[0]) else ""
