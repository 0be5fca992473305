"""Amounts of money in words: `one hundred and twenty-three euros and forty-five cents`."""

from __future__ import annotations

from . import chinese
from .currencies import currency, unit_name
from .language import Gender, Language, NoWords
from .numbers import counting, in_words

_AND = {Language.ENGLISH: " and ", Language.DUTCH: " en ", Language.POLISH: " i ", Language.CHINESE: ""}


def amount_in_words(minor: int, code: str, language: Language) -> str:
    """The words of an amount in minor units of an ISO 4217 currency (`12345`, `EUR`). Units are left out where there
    are only parts of one, and parts where there are none. Raises NoWords for an amount below 0 or of a thousand million
    units or more, and for a currency that we cannot read out."""
    money = currency(code)
    if minor < 0:
        raise NoWords("We cannot read out an amount below zero.")
    units, parts = divmod(minor, 10**money.exponent)
    said = []
    if units or not parts:
        said.append(_counted(units, unit_name(code, units, language), language, money.unit_gender))
    if parts and language is Language.CHINESE and code == "CNY":
        said.append(_tenths_and_hundredths(parts, after_units=bool(units)))
    elif parts:
        name = money.parts[language].of(parts, language)
        if language is Language.CHINESE and units and parts < 10 ** (money.exponent - 1):
            said.append(f"零{in_words(parts, language)}{name}")
        else:
            said.append(_counted(parts, name, language, money.part_gender))
    return _AND[language].join(said)


def _counted(number: int, name: str, language: Language, gender: Gender) -> str:
    space = "" if language is Language.CHINESE else " "
    return f"{counting(number, language, gender=gender)}{space}{name}"


def _tenths_and_hundredths(parts: int, *, after_units: bool) -> str:
    """五角, 四角五分 or 零五分: a yuan has ten jiao (角), each of ten fen (分)."""
    tenths, hundredths = divmod(parts, 10)
    said = f"{chinese.counting(tenths)}角" if tenths else ""
    if not hundredths:
        return said
    if tenths or not after_units:
        return f"{said}{chinese.counting(hundredths)}分"
    return f"零{chinese.cardinal(hundredths)}分"
