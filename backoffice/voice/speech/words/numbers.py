"""Whole numbers in words."""

from __future__ import annotations

from . import chinese, dutch, english, polish
from .language import Gender, Language, NoWords

HIGHEST = 999_999_999


def in_words(number: int, language: Language, *, gender: Gender = Gender.MASCULINE) -> str:
    """A number by itself. Raises NoWords unless it is from 0 to 999,999,999."""
    _check(number)
    match language:
        case Language.ENGLISH:
            return english.cardinal(number)
        case Language.DUTCH:
            return dutch.cardinal(number)
        case Language.POLISH:
            return polish.cardinal(number, gender)
        case Language.CHINESE:
            return chinese.cardinal(number)


def counting(number: int, language: Language, *, gender: Gender) -> str:
    """A number before the noun that it counts, which has this gender. Raises NoWords as `in_words` does."""
    _check(number)
    return chinese.counting(number) if language is Language.CHINESE else in_words(number, language, gender=gender)


def _check(number: int) -> None:
    if not 0 <= number <= HIGHEST:
        raise NoWords(f"We have no words for the number {number}.")
