"""Text from people, telephones and other systems: how it is kept, and how it is compared.

The same word comes in many spellings: composed and decomposed, in other cases, with or without accents, with
typographic dashes, apostrophes and blanks, with characters that nobody sees. What is stored passes `kept`. What is
looked up or compared passes `folded` on both sides, here in Python: the database's own lower case differs (İ, ß).

The rules are those of Unicode: normalisation forms (UAX 15), default case folding (chapter 3.13), and the characters
that have no appearance of their own (DerivedCoreProperties, Default_Ignorable_Code_Point).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

INVISIBLE_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Fillers of Hangul and Khmer: letters to Unicode, and nothing to the eye."""
_JOINERS = frozenset("\u200c\u200d")
"""They change how letters of Persian and of Indian scripts join, so they are kept between such letters."""
_FIRST_JOINED = "\u0590"
"""The European scripts end here; they know no joiners."""
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), 0x034F, 0x180B, 0x180C, 0x180D, 0x180F)))
"""Marks without an appearance. The selectors of Chinese characters (from U+E0100) tell two names apart and are kept."""
MOST_MARKS = 30
"""So many marks in a row are read on one letter: the Stream-Safe Text Format of UAX 15. No writing needs more."""
_BLANKS = frozenset("\u2800\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85")
"""Blanks that Unicode does not count as spaces."""
_NO_TEXT = frozenset({"Cc", "Cf", "Cs"})

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7\ufe58\ufe63\uff0d\u058a\u05be\u1806\u2e3a\u2e3b\u30a0"
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02bb\u02b9\u02bd\u02be\u02bf\u00b4\u0060\uff07\ua78c\u05f3\u055a"
_QUOTATION_MARKS = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u05f4\uff02"
_PLAIN = {
    **{ord(dash): "-" for dash in _DASHES},
    **{ord(apostrophe): "'" for apostrophe in _APOSTROPHES},
    **{ord(mark): '"' for mark in _QUOTATION_MARKS},
}
"""Typographic characters and the one of ASCII that people type for them."""
_LETTERS = str.maketrans(
    {
        **dict(zip("łøđðıħŧŋĸəƒɨʉɓɗƙƴ", "loddihtnkefiubdky", strict=True)),
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
)
"""Letters with a stroke, a bar or a hook, which Unicode does not decompose, and those that people spell with two."""
_ACCENTS = (("\u0300", "\u036f"), ("\u0591", "\u05c7"), ("\u064b", "\u065f"), ("\u0670", "\u0670"))
"""The marks that people leave out: those of European scripts, Hebrew points, Arabic vowels. Marks of other scripts
tell words apart."""


def normalised(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> str:
    """The text in a normalisation form, of each row of marks only the first thirty. Python sorts such a row in the
    square of its length: 64,000 marks alone would take it half a minute."""
    if text.isascii():
        return text
    read, row = [], 0
    for one in text:
        row = row + 1 if unicodedata.combining(one) else 0
        if row <= MOST_MARKS:
            read.append(one)
    return unicodedata.normalize(form, "".join(read))


def kept(text: str) -> str:
    """The text as it is stored, in one line: as written, in NFC, with single blanks and none around it, without
    control characters, characters that nobody sees and those that turn the direction of reading. Empty when nothing is
    left that can be seen: then it must be refused.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = _without_invisible(text)
    spaced = " ".join("".join(" " if _is_blank(one) else one for one in visible).split())
    composed = normalised(spaced, "NFC")
    return composed if any(unicodedata.category(one)[0] not in "MZ" for one in composed) else ""


def kept_lines(text: str) -> str:
    """The same for a text of several lines. Blank lines at both ends are dropped, and of several in a row one stays."""
    lines = [kept(line) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def folded(text: str) -> str:
    """The text in the form in which it is compared and indexed: without case, accents and compatibility forms, with
    plain dashes, apostrophes and digits. Two texts that people read as the same have the same form. Never stored for
    people to read.
    """
    plain = normalised(kept(text).translate(_PLAIN), "NFKD")
    if plain.isascii():
        return plain.lower()
    without_case = normalised(plain.casefold(), "NFKD").translate(_PLAIN)
    bare = "".join(one for one in without_case if not _is_accent(one) and one not in _JOINERS)
    letters = "".join(map(_plain_digit, bare.translate(_LETTERS)))
    return normalised(" ".join(letters.split()), "NFC")


def words_of(text: str) -> list[str]:
    """The folded words, in their order. An apostrophe joins a word (`oconnor`), everything else that is neither letter
    nor digit parts two."""
    joined = folded(text).replace("'", "")
    return "".join(one if unicodedata.category(one)[0] in "LMN" else " " for one in joined).split()


def digits_of(text: str) -> str:
    """The decimal digits of a text, of whatever script, as ASCII."""
    return "".join(plain for one in text if (plain := _plain_digit(one)).isascii() and plain.isdigit())


def plain_dashes(text: str) -> str:
    """The text with every dash as `-` and every apostrophe as `'`, and otherwise as written."""
    return text.translate(_PLAIN)


def _without_invisible(text: str) -> str:
    return "".join(one for place, one in enumerate(text) if not _is_invisible(text, place, one))


def _is_invisible(text: str, place: int, one: str) -> bool:
    if one in _JOINERS:
        return not (_joins(text[place - 1 : place]) and _joins(text[place + 1 : place + 2]))
    if one in INVISIBLE_LETTERS or one in _SELECTORS:
        return True
    return one not in _BLANKS and unicodedata.category(one) in _NO_TEXT


def _joins(neighbour: str) -> bool:
    return neighbour > _FIRST_JOINED and unicodedata.category(neighbour)[0] in "LM"


def _is_blank(one: str) -> bool:
    return one in _BLANKS or unicodedata.category(one)[0] == "Z"


def _is_accent(one: str) -> bool:
    return any(first <= one <= last for first, last in _ACCENTS)


def _plain_digit(one: str) -> str:
    value = unicodedata.decimal(one, None)
    return one if value is None else str(value)
