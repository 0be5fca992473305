"""What of a machine's text may be kept until a person has read it: bounded, and without any card number (PCI DSS 4.0,
3.3.1), whether its digits come as a list, in groups, or escaped.
"""

from __future__ import annotations

import re

from backoffice import text as texts
from backoffice.no_card_numbers import BY_MACHINES, masked

MOST_KEPT = 16_000
"""Characters. A signal is a few hundred; the rest of a longer one is cut off."""
LONGEST_TEXT, LONGEST_NAME = 80, 60
_MOST_READ = 2 * MOST_KEPT
_CUT_NUMBER = re.compile(r"[\d\W_]*")
"""The half of a number where a text was cut off, read backwards from there."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def kept(text: str) -> str:
    """The text as it may be stored, sealed: at most `MOST_KEPT` characters, none of them invisible, and of a card
    number no more than the last four digits."""
    plain = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), _first(text))
    return _UNSEEN.sub("·", masked(plain, BY_MACHINES))[:MOST_KEPT]


def short(text: str, *, most: int = LONGEST_TEXT) -> str:
    """The same for a word or two: in one line, as every text is kept (`text.kept`), with at most `most` characters.
    Empty when nothing is left that can be seen."""
    return texts.kept(kept(text))[:most].rstrip()


def _first(text: str) -> str:
    """As much of the text as is read."""
    if len(text) <= _MOST_READ:
        return text
    backwards = text[:_MOST_READ][::-1]
    cut = _CUT_NUMBER.match(backwards)
    return backwards[cut.end() if cut else 0 :][::-1]
