"""Dates in words."""

from __future__ import annotations

from datetime import date

from babel.dates import get_month_names

from . import chinese, dutch, english, polish
from .language import Language, NoWords


def date_in_words(day: date, language: Language) -> str:
    """The day, month and year. Raises NoWords outside of the years 2001 to 2099."""
    if not 2001 <= day.year <= 2099:
        raise NoWords("We can read out dates from 2001 to 2099.")
    month = get_month_names("wide", "format", locale=language.value)[day.month]
    match language:
        case Language.ENGLISH:
            return f"the {english.ordinal_of_day(day.day)} of {month} {english.year(day.year)}"
        case Language.DUTCH:
            return f"{dutch.cardinal(day.day)} {month} {dutch.cardinal(day.year)}"
        case Language.POLISH:
            year = f"dwa tysiące {polish.genitive_ordinal(day.year - 2000)} roku"
            return f"{polish.genitive_ordinal(day.day)} {month} {year}"
        case Language.CHINESE:
            return f"{chinese.digits(day.year)}年{chinese.cardinal(day.month)}月{chinese.cardinal(day.day)}日"
