"""Addresses that are read as another one: by letters of other scripts (UTS 39), by a slip that nobody sees, by another
ending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from backoffice import idn, look_alikes
from backoffice.look_alikes import ALIKE, LETTERS
from backoffice.text import folded
from backoffice.trust.mails.organisations import organisation

ENDINGS = (
    *("com", "net", "org", "eu", "nl", "pl", "de", "be", "fr", "uk", "co.uk", "com.pl", "info", "biz", "io", "co"),
    *("app", "online", "site", "shop", "example", "test"),
)
_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-._"
LONGEST = 80
"""Characters of an address of which the slips are tried."""
FEWEST = 8
"""Characters of an address, below which one slip makes the address of somebody else."""


class Alike(StrEnum):
    SAME = "same"
    LETTERS = "letters"
    ENDING = "ending"
    SPELLING = "spelling"
    NAME = "name"
    """The same name before the @, at another provider."""
    NO = "no"


def skeleton(address: str) -> str:
    """Two addresses with one skeleton look the same."""
    local, _at, host = address.rpartition("@")
    return look_alikes.skeleton(f"{local}@{idn.to_unicode(host)}")


def compare(sender: str, on_file: str) -> Alike:
    """How like the sender's address is to the one on file. Both have their domain in ASCII."""
    one, other = sender.lower(), on_file.lower()
    if one == other:
        return Alike.SAME
    if skeleton(one) == skeleton(other):
        return Alike.LETTERS
    (name, _at, host), (other_name, _at2, other_host) = one.rpartition("@"), other.rpartition("@")
    if name == other_name and _without_ending(host) == _without_ending(other_host):
        return Alike.ENDING
    if len(other) >= FEWEST and _distance(one[:254], other[:254], most=2) <= 2:
        return Alike.SPELLING
    return Alike.NAME if name == other_name and len(name) >= FEWEST else Alike.NO


def mixes_scripts(address: str) -> bool:
    """Whether a label of its domain has Latin letters and letters that look like them."""
    host = idn.to_unicode(address.rpartition("@")[2])
    return any(
        any("a" <= one <= "z" for one in label) and label.translate(LETTERS) != label for label in host.split(".")
    )


def originals(sender: str) -> list[str]:
    """The addresses that this one may pass for, to be looked up: a bounded number, each once, without itself."""
    address = sender.lower()
    if len(address) > LONGEST:
        return []
    found = dict.fromkeys([*_of_letters(address), *_of_endings(address), *_of_slips(address)])
    found.pop(address, None)
    return list(found)


def _of_letters(address: str) -> Iterator[str]:
    local, _at, host = address.rpartition("@")
    plain = folded(f"{local}@{idn.to_unicode(host)}").translate(LETTERS)
    yield plain
    for seen, read in ALIKE:
        for place in range(len(plain)):
            if plain.startswith(seen, place):
                yield plain[:place] + read + plain[place + len(seen) :]
            if plain.startswith(read, place) and seen.isalnum():
                yield plain[:place] + seen + plain[place + len(read) :]
        yield plain.replace(seen, read)


def _of_endings(address: str) -> Iterator[str]:
    local, _at, host = address.rpartition("@")
    yield from (f"{local}@{_without_ending(host)}.{ending}" for ending in ENDINGS)


def _of_slips(address: str) -> Iterator[str]:
    """One character left out, too many or wrong, two neighbours swapped."""
    for place in range(len(address)):
        before, after = address[:place], address[place:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for one in _CHARACTERS:
            yield before + one + after[1:]
            yield before + one + after


def _without_ending(host: str) -> str:
    return organisation(host).partition(".")[0] if host == organisation(host) else host.rpartition(".")[0]


def _distance(one: str, other: str, *, most: int) -> int:
    """Damerau and Levenshtein: slips between two texts; `most` + 1 for more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, character in enumerate(one, start=1):
        last, row = row, [place]
        for column, wanted in enumerate(other, start=1):
            cost = 0 if character == wanted else 1
            best = min(last[column] + 1, row[column - 1] + 1, last[column - 1] + cost)
            swapped = place > 1 and column > 1 and one[place - 2] == wanted and character == other[column - 2]
            row.append(min(best, before[column - 2] + 1) if swapped else best)
        before = last
        if min(row) > most:
            return most + 1
    return row[-1]


def nearest(sender: str, on_file: Iterable[str]) -> Alike:
    """The closest likeness to any of these addresses."""
    order = list(Alike)
    return min((compare(sender, address) for address in on_file), key=order.index, default=Alike.NO)
