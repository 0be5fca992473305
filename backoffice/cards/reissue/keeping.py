"""What of a machine's text may be kept until a person has read it: bounded, and without any card number (PCI DSS 4.0,
3.3.1), whatever stands between its digits: a machine may send them as a list, in groups, or escaped.
"""

from __future__ import annotations

import re

from backoffice import text as texts

MOST_KEPT = 16_000
"""Characters. A signal is a few hundred; the rest of a longer one is cut off."""
LONGEST_TEXT, LONGEST_NAME = 80, 60
_MOST_READ = 2 * MOST_KEPT
_CUT_NUMBER = re.compile(r"[\d\W_]+\Z")
"""The half of a number at the end of a text that was cut off."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_DIGITS = re.compile(r"\d(?:[\W_]{0,6}\d){12,}")
"""At least as many digits as the shortest card number, with nothing but punctuation and space between them."""
_SHORTEST, _LONGEST = 13, 19
_TOO_LONG_TO_TRY = 60
_FIRST_OF_CARDS = "23456"
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def kept(text: str) -> str:
    """The text as it may be stored, sealed: at most `MOST_KEPT` characters, none of them invisible, and of a card
    number no more than the last four digits."""
    first = text if len(text) <= _MOST_READ else _CUT_NUMBER.sub("", text[:_MOST_READ])
    plain = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), first)
    return _DIGITS.sub(lambda run: _masked(run[0]), _UNSEEN.sub("·", plain))[:MOST_KEPT]


def short(text: str, *, most: int = LONGEST_TEXT) -> str:
    """The same for a word or two: in one line, as every text is kept (`text.kept`), with at most `most` characters.
    Empty when nothing is left that can be seen."""
    return texts.kept(kept(text))[:most].rstrip()


def _masked(run: str) -> str:
    digits = "".join(str(int(digit)) for digit in re.findall(r"\d", run))
    return f"····{digits[-4:]}" if len(digits) > _TOO_LONG_TO_TRY or _holds_card_number(digits) else run


def _holds_card_number(digits: str) -> bool:
    """Whether any stretch of these digits could be the number of a payment card."""
    return any(
        _has_check_digit(digits[start : start + length])
        for length in range(_SHORTEST, min(_LONGEST, len(digits)) + 1)
        for start in range(len(digits) - length + 1)
        if digits[start] in _FIRST_OF_CARDS or length == len(digits)
    )


def _has_check_digit(digits: str) -> bool:
    """ISO/IEC 7812, Luhn."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
