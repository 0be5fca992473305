"""The languages that we offer: English, in which our words are written, and each with a compiled catalogue of ours.

Django itself has words and dates in a hundred languages. To offer one of those without our own words would make pages
that call themselves Polish and speak English.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.conf.locale import LANG_INFO

SOURCE = "en"


def with_catalogue(folder: Path) -> list[tuple[str, str]]:
    """The code and own name of each language that can be offered, for `settings.LANGUAGES`. `folder` has a folder per
    catalogue, named as gettext names it (`pt_BR`)."""
    found = {path.parent.parent.name.lower().replace("_", "-") for path in folder.glob("*/LC_MESSAGES/django.mo")}
    return [(code, _own_name(code)) for code in (SOURCE, *sorted(found - {SOURCE}))]


def choices() -> list[tuple[str, str]]:
    """What a customer can choose from. It is a function, so that a new catalogue needs no migration."""
    return list(settings.LANGUAGES)


def offered(language: str) -> str:
    """The language in which we write to who wants `language`: this one where we offer it, otherwise the default one."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _own_name(code: str) -> str:
    known = LANG_INFO.get(code, {})
    return str(known.get("name_local", code)).capitalize()
