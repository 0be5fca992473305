"""English numbers: `one hundred and twenty-three`."""

from __future__ import annotations

from .language import listed

_SMALL = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = listed("- - twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = listed(
    "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)


def cardinal(number: int) -> str:
    """Below a thousand million, with “and” as in British English."""
    for size, name in ((1_000_000, "million"), (1000, "thousand")):
        many, rest = divmod(number, size)
        if many:
            joint = " and " if 0 < rest < 100 else " "
            return f"{_below_thousand(many)} {name}" + (joint + cardinal(rest) if rest else "")
    return _below_thousand(number)


def ordinal_of_day(day: int) -> str:
    """`twenty-first`, for the days of a month."""
    if day <= 20:
        return _ORDINALS[day]
    return f"twenty-{_ORDINALS[day - 20]}" if day < 30 else "thirtieth" if day == 30 else "thirty-first"


def year(number: int) -> str:
    """From 2001 to 2099: `two thousand and nine`, `twenty twenty-six`."""
    return cardinal(number) if number < 2010 else f"twenty {_below_thousand(number % 100)}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return f"{_SMALL[hundreds]} hundred" + (f" and {_below_thousand(rest)}" if rest else "")
    if rest < 20:
        return _SMALL[rest]
    tens, ones = divmod(rest, 10)
    return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
