"""References and digits, character by character: `K, seven, Q. four, M, X. two`."""

from __future__ import annotations

import re

from .language import Language, NoWords, listed
from .numbers import in_words

LONGEST = 40
_HARD_TO_HEAR = frozenset("BDFMNPSTVZ")
"""Letters that a telephone makes sound alike: it carries nothing above 3.4 kHz."""
_ALPHABETS = {
    Language.ENGLISH: (
        "for",
        listed(
            "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa "
            "Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
        ),
    ),
    Language.DUTCH: (
        "van",
        listed(
            "Anton Bernard Cornelis Dirk Eduard Ferdinand Gerard Hendrik Izaak Johan Karel Lodewijk Maria Nico "
            "Otto Pieter Quotiënt Rudolf Simon Theodoor Utrecht Victor Willem Xantippe Ypsilon Zaandam"
        ),
    ),
    Language.POLISH: (
        "jak",
        listed(
            "Adam Barbara Celina Dorota Ewa Filip Grażyna Henryk Irena Jadwiga Karol Leon Maria Natalia Olga "
            "Paweł Quebec Roman Stefan Tadeusz Urszula Violetta Wacław Xantypa Ypsylon Zygmunt"
        ),
    ),
}
"""The joining word and a word for each letter (ICAO, the Dutch and the Polish spelling alphabet). In Chinese, letters
are said in English and have no words."""
_NAMES = {Language.POLISH: {"W": "wu", "Z": "zet"}}
"""Letters that the speaker would take for words of the language."""


def spelled(reference: str, language: Language, *, alphabet: bool = False, briefly: bool = False) -> str:
    """Each letter and digit by itself, with a longer pause between groups (`K7Q-4MX-2`). With `alphabet`, letters that
    are hard to hear have a word (“M for Mike”). `briefly` has short pauses, and between groups only: for whoever sees
    it, too. Raises NoWords for what has other characters or over 40."""
    groups = [group for group in re.split(r"[-\s]+", reference.upper()) if group]
    if not groups or len(reference) > LONGEST or not re.fullmatch(r"[A-Z0-9]+", "".join(groups)):
        raise NoWords("We can spell only letters from A to Z and digits, at most 40.")
    blank, comma, stop = ("", "，", "。") if language is Language.CHINESE else (" ", ", ", ". ")
    if briefly:
        comma, stop = blank, comma
    return stop.join(comma.join(_character(one, language, alphabet=alphabet) for one in group) for group in groups)


def digits_in_words(digits: str, language: Language, *, briefly: bool = False) -> str:
    """Digit by digit, such as the last four of a card. Raises NoWords for anything else."""
    if not re.fullmatch(r"[0-9]+", digits):
        raise NoWords("These are not only digits.")
    return spelled(digits, language, briefly=briefly)


def _character(one: str, language: Language, *, alphabet: bool) -> str:
    if one.isdigit():
        return in_words(int(one), language)
    name = _NAMES.get(language, {}).get(one, one)
    if alphabet and one in _HARD_TO_HEAR and language in _ALPHABETS:
        joint, words = _ALPHABETS[language]
        return f"{name} {joint} {words[ord(one) - ord('A')]}"
    return name
