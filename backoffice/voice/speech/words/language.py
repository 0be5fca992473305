"""The languages that the gateway speaks, and what cannot be said in them."""

from __future__ import annotations

from enum import StrEnum


def listed(words: str) -> tuple[str, ...]:
    """The words of a table that is written as a text."""
    return tuple(words.split())


class NoWords(ValueError):
    """Something that we cannot read out; the text says what. Nothing is read out instead of it."""


class Language(StrEnum):
    """The primary subtag of a language code (BCP 47)."""

    ENGLISH = "en"
    DUTCH = "nl"
    POLISH = "pl"
    CHINESE = "zh"

    @classmethod
    def of(cls, code: str) -> Language:
        """The language of a code such as `nl-BE` or `zh-hans`. Raises NoWords for one that we do not speak."""
        subtag = code.lower().replace("_", "-").partition("-")[0]
        if subtag not in set(cls):
            raise NoWords(f"We do not speak the language {code!r}.")
        return cls(subtag)


class Gender(StrEnum):
    """The gender of the noun that is counted. Only Polish numbers have forms for it."""

    MASCULINE = "m"
    FEMININE = "f"
    NEUTER = "n"
