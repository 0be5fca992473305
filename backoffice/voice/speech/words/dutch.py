"""Dutch numbers, written as the Dutch Language Union does: one word up to a thousand, a space after `duizend`, an
umlaut where a second e would be read together with the first (`tweeëntwintig`)."""

from __future__ import annotations

from .language import listed

_SMALL = listed(
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien"
)
_TENS = listed("- - twintig dertig veertig vijftig zestig zeventig tachtig negentig")


def cardinal(number: int) -> str:
    """Below a thousand million. A number one that stands alone has its accents, or it would be read as “a”."""
    return " ".join("één" if word == "een" else word for word in _parts(number))


def _parts(number: int) -> list[str]:
    millions, rest = divmod(number, 1_000_000)
    thousands, rest = divmod(rest, 1000)
    parts = [_below_thousand(millions), "miljoen"] if millions else []
    if thousands:
        parts.append(("" if thousands == 1 else _below_thousand(thousands)) + "duizend")
    if rest or not parts:
        parts.append(_below_thousand(rest))
    return parts


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    front = ("" if hundreds == 1 else _SMALL[hundreds]) + "honderd" if hundreds else ""
    return front + (_below_hundred(rest) if rest or not hundreds else "")


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    if not ones:
        return _TENS[tens]
    joint = "ën" if _SMALL[ones].endswith("e") else "en"
    return _SMALL[ones] + joint + _TENS[tens]
