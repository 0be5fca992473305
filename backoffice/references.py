"""References that people read over the telephone: `K7Q-4MX-2`.

They use thirty characters, without those that are mistaken for others (0, 1, I, L, O, U), in groups of three. The last
one is a check character: the sum of the characters, weighted by their places, modulo the prime 31. It catches every
single wrong character and every swap of neighbours; `near_misses` gives what such a slip can have been.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from backoffice.text import folded

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty characters: no 0, 1, I, L, O, U."""
CHECKS = ALPHABET + "U"
"""One character more than the alphabet, because there are 31 remainders modulo 31."""
DRAWN = ALPHABET.replace("A", "").replace("E", "")
"""What new references are drawn from: without vowels, so that none spells a word."""
CASE_LENGTH = 7
"""Characters of a case's reference, with its check character: 28 bits."""
CODE_LENGTH = 14
"""Characters of a message's check code, with its check character: 62 bits."""
LENGTHS = frozenset({CASE_LENGTH, CODE_LENGTH})
LONGEST_TYPED = 200
"""A longer text is not read as a reference."""


def check_character(body: str) -> str:
    """The check character of a body: sum of character × place, modulo the prime 31."""
    total = sum((ALPHABET.index(one) + 1) * (place + 2) for place, one in enumerate(body))
    return CHECKS[total % 31]


def grouped(characters: str) -> str:
    return "-".join(characters[i : i + 3] for i in range(0, len(characters), 3))


def new_reference(length: int = 6) -> str:
    """A random reference with `length` characters before the check character (6: 28 bits, 13: 62 bits)."""
    body = "".join(secrets.choice(DRAWN) for _ in range(length))
    return grouped(body + check_character(body))


def characters_of(typed: str) -> str:
    """The letters and digits of a typed reference, in capitals, whatever keyboard they came from: dashes of any kind,
    blanks, quotation marks, full stops and invisible characters are dropped, full-width forms become plain."""
    return "".join(one for one in folded(typed[:LONGEST_TYPED]).upper() if one.isalnum())


def tidy_reference(typed: str) -> str | None:
    """A typed reference in its normal form, however it is spelt (see `characters_of`); None when the check character is
    wrong, a character is not of the alphabet, or the text is too long."""
    if len(typed) > LONGEST_TYPED:
        return None
    characters = characters_of(typed)
    return grouped(characters) if _fits(characters) else None


def near_misses(typed: str) -> list[str]:
    """The references of our two lengths that `typed` becomes when one slip is taken back: a wrong character, two
    neighbours swapped, one character left out or one too many. Only those whose check character fits: at most 27 for a
    wrong character or a swap, and some 15 for the other slips. Empty when more than one thing is wrong with it."""
    if len(typed) > LONGEST_TYPED:
        return []
    return sorted({grouped(one) for one in _one_slip_away(characters_of(typed)) if _fits(one)})


def _fits(characters: str) -> bool:
    if len(characters) < 5 or any(character not in CHECKS for character in characters):
        return False
    body, check = characters[:-1], characters[-1]
    return "U" not in body and check_character(body) == check


def _one_slip_away(typed: str) -> Iterator[str]:
    places = range(len(typed))
    if len(typed) in LENGTHS:
        yield from (typed[:place] + other + typed[place + 1 :] for place in places for other in CHECKS)
        yield from (typed[:place] + typed[place : place + 2][::-1] + typed[place + 2 :] for place in places[:-1])
    if len(typed) + 1 in LENGTHS:
        yield from (typed[:place] + more + typed[place:] for place in range(len(typed) + 1) for more in CHECKS)
    if len(typed) - 1 in LENGTHS:
        yield from (typed[:place] + typed[place + 1 :] for place in places)
