"""The currencies that we can read out, with the names of their hundredths or thousandths, which CLDR does not have.

The list is closed: what is read out is what the customer agrees to, so a currency is here only with the exponent of
ISO 4217. (That of CLDR is another one for some currencies: it has no decimals for the Hungarian forint.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from babel.numbers import get_currency_name

from . import polish
from .language import Gender, Language, NoWords


@dataclass(frozen=True)
class Names:
    """What is said after a number. Polish has three forms (one, few, many), the others one or two."""

    one: str
    few: str = ""
    many: str = ""

    def of(self, number: int, language: Language) -> str:
        if language is Language.POLISH:
            return {"one": self.one, "few": self.few or self.one, "many": self.many or self.one}[
                polish.plural_form(number)
            ]
        return self.one if number == 1 else self.many or self.one


@dataclass(frozen=True)
class Currency:
    """`exponent` is that of ISO 4217; the genders are those of the Polish names. `names` are those of the unit where
    the ones of CLDR are not what people say."""

    exponent: int
    unit_gender: Gender = Gender.MASCULINE
    names: Mapping[Language, Names] = field(default_factory=dict)
    parts: Mapping[Language, Names] = field(default_factory=dict)
    part_gender: Gender = Gender.MASCULINE


_EN, _NL, _PL, _ZH = Language.ENGLISH, Language.DUTCH, Language.POLISH, Language.CHINESE


def _cents(chinese: str) -> Mapping[Language, Names]:
    polish_names = Names("cent", "centy", "centów")
    return {_EN: Names("cent", many="cents"), _NL: Names("cent"), _PL: polish_names, _ZH: Names(chinese)}


def _crowns(part: str) -> Currency:
    parts = {_EN: Names(part), _NL: Names(part), _PL: Names(part), _ZH: Names("欧尔")}
    return Currency(2, Gender.FEMININE, parts=parts, part_gender=Gender.NEUTER)


CURRENCIES = {
    "EUR": Currency(2, Gender.NEUTER, parts=_cents("欧分")),
    "USD": Currency(2, parts=_cents("美分")),
    "GBP": Currency(
        2,
        names={_PL: Names("funt", "funty", "funtów")},
        parts={
            _EN: Names("penny", many="pence"),
            _NL: Names("penny", many="pence"),
            _PL: Names("pens", "pensy", "pensów"),
            _ZH: Names("便士"),
        },
    ),
    "PLN": Currency(
        2,
        names={_PL: Names("złoty", "złote", "złotych")},
        parts={
            _EN: Names("grosz", many="groszy"),
            _NL: Names("grosz"),
            _PL: Names("grosz", "grosze", "groszy"),
            _ZH: Names("格罗希"),
        },
    ),
    "CNY": Currency(
        2,
        names={_ZH: Names("元")},
        parts={_EN: Names("fen"), _NL: Names("fen"), _PL: Names("fen", "feny", "fenów"), _ZH: Names("分")},
    ),
    "SEK": _crowns("öre"),
    "NOK": _crowns("øre"),
    "DKK": _crowns("øre"),
    "JPY": Currency(0),
    "KWD": Currency(
        3,
        parts={_EN: Names("fils"), _NL: Names("fils"), _PL: Names("fils", "filsy", "filsów"), _ZH: Names("费尔")},
    ),
}


def currency(code: str) -> Currency:
    """Raises NoWords for a currency that we cannot read out."""
    if code not in CURRENCIES:
        raise NoWords(f"We cannot read out amounts in {code!r}.")
    return CURRENCIES[code]


def unit_name(code: str, number: int, language: Language) -> str:
    """The name of the currency's unit, as it is said after this number."""
    own = currency(code).names.get(language)
    return own.of(number, language) if own else get_currency_name(code, count=number, locale=language.value)
