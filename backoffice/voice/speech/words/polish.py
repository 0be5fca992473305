"""Polish numbers, with the gender of what is counted; and days and years as ordinals in the genitive."""

from __future__ import annotations

from babel import Locale

from .language import Gender, listed

_SMALL = listed(
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście "
    "czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście"
)
_TENS = listed(
    "- - dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt"
)
_HUNDREDS = listed("- sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset")
_SCALES = (
    (1_000_000, {"one": "milion", "few": "miliony", "many": "milionów"}),
    (1000, {"one": "tysiąc", "few": "tysiące", "many": "tysięcy"}),
)
_ONE = {Gender.MASCULINE: "jeden", Gender.FEMININE: "jedna", Gender.NEUTER: "jedno"}
_TWO = {Gender.MASCULINE: "dwa", Gender.FEMININE: "dwie", Gender.NEUTER: "dwa"}
_SMALL_GENITIVE = listed(
    "- pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego dziesiątego "
    "jedenastego dwunastego trzynastego czternastego piętnastego szesnastego siedemnastego osiemnastego "
    "dziewiętnastego"
)
_TENS_GENITIVE = listed(
    "- - dwudziestego trzydziestego czterdziestego pięćdziesiątego sześćdziesiątego siedemdziesiątego "
    "osiemdziesiątego dziewięćdziesiątego"
)
plural_form = Locale("pl").plural_form
"""`one`, `few` or `many` for a number (CLDR)."""


def cardinal(number: int, gender: Gender = Gender.MASCULINE) -> str:
    """Below a thousand million. A one has a gender only where it is the whole number; a two has one always."""
    if number == 1:
        return _ONE[gender]
    parts, rest = [], number
    for size, names in _SCALES:
        many, rest = divmod(rest, size)
        if many:
            parts += [*(_below_thousand(many, Gender.MASCULINE) if many > 1 else []), names[plural_form(many)]]
    if rest or not parts:
        parts += _below_thousand(rest, gender)
    return " ".join(parts)


def genitive_ordinal(number: int) -> str:
    """`dwudziestego trzeciego`, from 1 to 99."""
    if number < 20:
        return _SMALL_GENITIVE[number]
    tens, ones = divmod(number, 10)
    return _TENS_GENITIVE[tens] + (f" {_SMALL_GENITIVE[ones]}" if ones else "")


def _below_thousand(number: int, gender: Gender) -> list[str]:
    hundreds, rest = divmod(number, 100)
    parts = [_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        parts.append(_TENS[rest // 10])
        rest %= 10
    if rest == 2:
        parts.append(_TWO[gender])
    elif rest or not parts:
        parts.append(_SMALL[rest])
    return parts
