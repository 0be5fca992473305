"""The name under which a merchant is read out to people who pay: it must be spoken well, and be nobody else's."""

from __future__ import annotations

import re
import unicodedata
from itertools import dropwhile

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.look_alikes import skeleton
from backoffice.text import kept, words_of

SHORTEST, LONGEST = 2, 40
"""In characters. A longer name is not remembered from hearing it once."""
LONGEST_KEY = 80
"""In characters: some letters are read as two."""
_SIGNS = " &'-.+"
"""The signs that a voice reads, or reads over."""
_MOST_DIGITS = re.compile(r"\d{5}")
"""A longer number sounds like an amount, or like a number to call."""
_SCRIPTS = ("LATIN", "CJK")
"""Of the languages in which prompts are spoken (English, Dutch, Polish, Chinese)."""
_LEGAL_FORMS = frozenset(
    {
        *("ag", "bv", "co", "company", "gmbh", "inc", "llc", "ltd", "limited", "nv", "oo", "plc", "sa", "sas"),
        *("sp", "spolka", "z", "zoo", "b", "v", "n", "o", "k", "j"),
    }
)
"""Words, or letters with dots behind them, at the end of a name, that nobody hears as a part of it."""


def why_not(typed: str) -> str:
    """The sentence that says why nobody can be read out under this name; empty when somebody can. Whether another
    company has it, the record says (`opening.prepare`)."""
    name = kept(typed)
    if not SHORTEST <= len(name) <= LONGEST:
        told = {"least": SHORTEST, "most": LONGEST}
        return _("A name that is read out has %(least)d to %(most)d characters.") % told
    unspoken = next((one for one in name if not _is_spoken(one)), "")
    if unspoken:
        return _("“%(sign)s” cannot be read out. Use letters, digits, blanks and & ' - + .") % {"sign": unspoken}
    scripts = {_script(one) for one in name if one.isalpha()}
    if not scripts:
        return _("A name needs letters.")
    if scripts - set(_SCRIPTS):
        return _("Our voice reads Latin letters and Chinese characters. Write the name in these.")
    if len(scripts) > 1:
        return _("Write the name either in Latin letters or in Chinese characters, not in both.")
    if _MOST_DIGITS.search(name):
        return _("A number of five digits or more sounds like an amount or a telephone number. Leave it out.")
    return _("This name sounds like ours. Choose one that is only yours.") if _is_ours(name) else ""


def key_of(name: str) -> str:
    """Two names with one key look or sound the same: case, accents, blanks, signs and legal form do not count, nor
    letters that are read as others. Never shown to people."""
    words = words_of(name)
    named = list(dropwhile(lambda word: word in _LEGAL_FORMS, reversed(words)))[::-1]
    return skeleton("".join(named or words))[:LONGEST_KEY]


def _is_ours(name: str) -> bool:
    """Our whole name, or the longest word of it: that is the one by which people know us."""
    ours = words_of(settings.COMPANY_NAME)
    known_by = {skeleton(max(ours, key=len)), key_of(settings.COMPANY_NAME)} if ours else set()
    heard = {skeleton(word) for word in words_of(name)} | {key_of(name)}
    return bool(known_by & heard)


def _is_spoken(one: str) -> bool:
    return (one.isascii() and one.isdigit()) or one in _SIGNS or unicodedata.category(one)[0] in "LM"


def _script(letter: str) -> str:
    """As Unicode names it: LATIN SMALL LETTER A. A letter of phonetics is none of a language."""
    name = unicodedata.name(letter, "")
    is_phonetic = "ɐ" <= letter <= "ʯ"
    return "" if is_phonetic else name.partition(" ")[0]
