"""Amounts of money: a whole number of the smallest unit of a currency, as people type it and as a language writes it.

The exponents are those of ISO 4217. CLDR, which Babel brings, is no source for them: it says how many decimals are
usual in writing, which for a dozen currencies (ALL, IQD, LBP, MGA …) is fewer than money is counted in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, total_ordering

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_name, get_decimal_symbol, get_group_symbol, get_minus_sign_symbol
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from backoffice.refusals import Refused

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP"
    " CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES"
    " KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK"
    " NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB"
    " TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW",
}
EXPONENTS: Mapping[str, int] = {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}
"""Each currency that is money of a country today, with the number of its decimals (ISO 4217). Funds and metals are not
among them."""
MOST_MINOR = 999_999_999_999
"""The largest amount that one payment can have, in the smallest unit: 9,999,999,999.99 EUR."""
LONGEST = 40
"""In characters, of an amount as it is typed."""
_SPACES = dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " ")
_DASHES = dict.fromkeys("\u2212\u2013\ufe63\uff0d", "-")
_MARKS = {
    **dict.fromkeys("\u2019\uff07\u066c", "'"),
    **dict.fromkeys("\uff0c\u060c", ","),
    **dict.fromkeys("\uff0e\u066b", "."),
}
_SAME = {**_SPACES, **_DASHES, **_MARKS}
"""The marks of other scripts and keyboards, as ASCII has them."""
_TYPED = re.compile(
    r"(?P<whole>\d+|[1-9]\d{0,2}(?:(?P<between>[., '])\d{3})(?:(?P=between)\d{3})*)(?:(?P<mark>[.,])(?P<decimals>\d+))?"
)
_TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


class MixedCurrencies(TypeError):
    """Amounts of two currencies were added, subtracted or compared."""


class NotAnAmount(Refused):
    """What was typed is no amount of this currency, or not one that has only one meaning."""

    status = 400


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` is in the smallest unit of `currency` (ISO 4217, capitals), and may be below zero.

    Raises `ValueError` for a currency that is not among `EXPONENTS`. Arithmetic raises `MixedCurrencies`.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"{self.currency!r} is no currency")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """From units and decimals. Raises `ValueError` for more decimals than the currency has."""
        minor = amount.scaleb(EXPONENTS.get(currency, 0))
        if minor != int(minor):
            raise ValueError(f"{amount} has more decimals than {currency}")
        return cls(int(minor), currency)

    @property
    def decimal(self) -> Decimal:
        """In units of the currency, with all of its decimals."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def shown(self, language: str | None = None) -> str:
        """ "1,234.50 EUR", as the language writes numbers; by default the active one. The code stands for the
        currency, since a sign such as "$" is that of many."""
        return f"{number_of(self, language)} {self.currency}"

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"

    def __bool__(self) -> bool:
        return self.minor != 0

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise MixedCurrencies(f"{self.currency} and {other.currency}")
        return other.minor


def number_of(money: Money, language: str | None = None) -> str:
    """The amount without its currency, as the language writes numbers: "1.234,50". Babel's own patterns take the
    apostrophe between thousands of Swiss numbers for a quotation mark."""
    locale, exponent = _locale(language), EXPONENTS[money.currency]
    whole, decimals = divmod(abs(money.minor), 10**exponent)
    text = f"{whole:,}".replace(",", get_group_symbol(locale))
    if exponent:
        text += f"{get_decimal_symbol(locale)}{decimals:0{exponent}d}"
    return get_minus_sign_symbol(locale) + text if money.minor < 0 else text


def name_of(currency: str, language: str | None = None) -> str:
    """ "Kuwaiti Dinar", in the language; by default the active one."""
    return get_currency_name(currency, locale=_locale(language))


def parse(typed: str, currency: str, *, language: str | None = None, field: str = "") -> Money:
    """What a person typed in a field: digits of any script, with "." or "," before the decimals, and with or without
    separators between thousands.

    One mark with three digits behind it means what the language of the page says, by default the active one. In a
    currency with three decimals, a mark that the language puts between thousands is refused there: a mistake would be
    a thousandfold. Raises `NotAnAmount` on `field`, and `ValueError` for an unknown currency.
    """
    exponent, example = EXPONENTS[currency], number_of(Money(1250, currency), language)
    if len(typed) > LONGEST:
        raise NotAnAmount("too_long", _t("This is too long for an amount."), field=field)
    text = _plain(typed)
    if re.search(r"\d", text) and (text[0] in "-(" or text[-1] == "-"):
        raise NotAnAmount("negative", _t("Enter an amount of more than zero, without a sign before it."), field=field)
    found = _TYPED.fullmatch(text)
    if found is None or found["mark"] == found["between"] is not None:
        words = _t("Enter the amount in digits, such as %(example)s.")
        raise NotAnAmount("not_an_amount", words % {"example": example}, field=field)
    whole, decimals = re.sub(r"\D", "", found["whole"]), found["decimals"] or ""
    if _TWO_WAYS.fullmatch(text):
        whole, decimals = text[:-4], text[-3:]
        if text[-4] != _decimal_mark(language):
            if exponent == len(decimals):
                words = _t("This can be read in two ways. Enter all decimals, such as %(example)s.")
                raise NotAnAmount("ambiguous", words % {"example": example}, field=field)
            whole, decimals = whole + decimals, ""
    if len(decimals) > exponent:
        raise NotAnAmount("decimals", _too_many_decimals(currency, example), field=field)
    minor = int(whole + decimals.ljust(exponent, "0"))
    if minor > MOST_MINOR:
        words = _t("This amount is too large. Enter at most %(most)s.")
        raise NotAnAmount("too_large", words % {"most": Money(MOST_MINOR, currency).shown(language)}, field=field)
    return Money(minor, currency)


def _too_many_decimals(currency: str, example: str) -> str:
    told = {"currency": currency, "example": example, "decimals": EXPONENTS[currency]}
    if not EXPONENTS[currency]:
        return _t("An amount in %(currency)s has no decimals. Enter a whole number, such as %(example)s.") % told
    return _t("An amount in %(currency)s has at most %(decimals)d decimals. Enter it like this: %(example)s.") % told


def _plain(typed: str) -> str:
    """With ASCII digits and marks, and without what nobody sees (marks of direction, which come with copied text)."""
    seen = (char for char in typed if unicodedata.category(char) != "Cf")
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else _SAME.get(char, char) for char in seen
    ).strip()


def _decimal_mark(language: str | None) -> str:
    return get_decimal_symbol(_locale(language))


def _locale(language: str | None) -> Locale:
    return _known_locale(language or get_language() or "en")


@lru_cache(maxsize=64)
def _known_locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
