"""What a merchant's agent writes and a voice reads out: what a payment is for."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from backoffice import no_card_numbers
from backoffice.text import kept

SHORTEST, LONGEST = 3, 60
"""In characters. Nobody agrees to what they cannot keep in mind."""
_MARKS = " &'-.,+/()"
_MOST_DIGITS = re.compile(r"\d{5}")


def why_not(typed: str) -> str:
    """The sentence that says why this cannot be read out; empty when it can."""
    text = kept(typed)
    if not SHORTEST <= len(text) <= LONGEST:
        return _("Say in %(least)d to %(most)d characters what it is for.") % {"least": SHORTEST, "most": LONGEST}
    unspoken = next((one for one in text if not _is_spoken(one)), "")
    if unspoken:
        return _("“%(character)s” cannot be read out. Use letters, digits, blanks and & ' - . , + / ( )") % {
            "character": unspoken
        }
    if no_card_numbers.has_card_number(text):
        return str(no_card_numbers.SENTENCE)
    if not any(one.isalpha() for one in text):
        return _("Say in words what it is for.")
    if _MOST_DIGITS.search(text):
        return _("A number of five digits or more sounds like an amount or a telephone number. Leave it out.")
    return ""


def _is_spoken(one: str) -> bool:
    return (one.isascii() and one.isdigit()) or one in _MARKS or unicodedata.category(one)[0] in "LM"
