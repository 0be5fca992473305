"""References that people read over the telephone: `K7Q-4MX-2`.

They use thirty characters, without those that are mistaken for others (0, 1, I, L, O, U), in groups of three. The last
one is a check character: the sum of the characters, weighted by their places, modulo the prime 31. It catches every
single wrong character and every swap of neighbours.
"""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty characters: no 0, 1, I, L, O, U."""
CHECKS = ALPHABET + "U"
"""One character more than the alphabet, because there are 31 remainders modulo 31."""


def check_character(body: str) -> str:
    """The check character of a body: sum of character × place, modulo the prime 31."""
    total = sum((ALPHABET.index(one) + 1) * (place + 2) for place, one in enumerate(body))
    return CHECKS[total % 31]


def grouped(characters: str) -> str:
    return "-".join(characters[i : i + 3] for i in range(0, len(characters), 3))


def new_reference(length: int = 6) -> str:
    """A random reference with `length` characters before the check character (6: 29 bits, 12: 58 bits)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return grouped(body + check_character(body))


def tidy_reference(typed: str) -> str | None:
    """A typed reference in its normal form; None when the check character is wrong. Lower case, spaces and missing
    hyphens are accepted.
    """
    characters = "".join(character for character in typed.upper() if character.isalnum())
    if len(characters) < 5 or any(character not in CHECKS for character in characters):
        return None
    body, check = characters[:-1], characters[-1]
    if "U" in body or check_character(body) != check:
        return None
    return grouped(body + check)
