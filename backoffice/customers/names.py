"""Under which texts a customer is found by name. The same rules make the index and read what is typed (`searching`).

An entry is a word of the name, a blank and another word of it, for each two words in both orders: so the database
finds "vries jan" by one beginning, however common each word is. A name that people write together or apart
(`de Vries`, `Anne-Marie`), with its own letters or with two for one (`Müller`, `Mueller`), with dots or without
(`B.V.`), has entries for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

from django.db import transaction

from backoffice.customers.models import Customer, CustomerKind, NameEntry
from backoffice.text import kept, plain_dashes, words_of

LONGEST_WORD = 40
"""Characters of a word that are compared; an entry has two such words."""
MOST_PAIRED = 6
"""Of so many words each two have an entry, of a longer name the first. The others have one each."""
MOST_ENDINGS = 12
_DIGRAPHS = str.maketrans(
    {
        one: two
        for small, two in zip("äöüåø", ("ae", "oe", "ue", "aa", "oe"), strict=True)
        for one in (small, small.upper())
    }
)
"""How German and Nordic names are spelled where these letters are missing."""
_WITHOUT_BLANKS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]"
)
"""Letters of scripts that do not part words by blanks: Thai and its neighbours, kana, Chinese, Hangul."""


@dataclass(frozen=True)
class _Token:
    """A form in which a word is found, and the places in the name of the words that it covers."""

    text: str
    covers: frozenset[int]


def spellings_of(text: str) -> list[tuple[str, ...]]:
    """The folded words of a text, each in its spellings: `müller` is `muller` and `mueller`."""
    plain, spelled = words_of(text), words_of(kept(text).translate(_DIGRAPHS))
    return [
        tuple(dict.fromkeys((one[:LONGEST_WORD], other[:LONGEST_WORD])))
        for one, other in zip(plain, spelled, strict=True)
    ]


def entries_of(*names: Sequence[str]) -> frozenset[str]:
    """The entries of a customer's names, each given as its parts: `("Jan", "de Vries"), ("Tulip B.V.",)`."""
    return frozenset(entry for name in names for entry in _entries(name))


def readings_of(typed: str) -> list[list[str]]:
    """The words that a typed text may mean, in each way in which they may be spelled: as typed, with two letters for
    one, with initials together, and all together."""
    words = spellings_of(typed)
    readings = [[word[0] for word in words], [word[-1] for word in words]]
    readings += [list(_initials_joined(reading)) for reading in readings]
    readings += [["".join(reading)[:LONGEST_WORD]] for reading in readings[:2] if len(reading) > 1]
    return [list(one) for one in dict.fromkeys(tuple(reading) for reading in readings if reading)]


def names_of(customer: Any) -> list[tuple[str, ...]]:
    """The names of a customer by their parts; also of a customer as a migration knows them."""
    if customer.kind == CustomerKind.ORGANISATION:
        return [(name,) for name in (customer.organisation_name, customer.contact_person) if name]
    return [(customer.given_name, customer.family_name)]


def index_names(*customers: Customer) -> None:
    """Writes the entries of these customers anew. Called by every rule that writes a name, in its transaction."""
    with transaction.atomic():
        NameEntry.objects.filter(customer__in=customers).delete()
        NameEntry.objects.bulk_create(
            NameEntry(customer=customer, text=text)
            for customer in customers
            for text in sorted(entries_of(*names_of(customer)))
        )


def _entries(parts: Sequence[str]) -> Iterator[str]:
    tokens = list(_tokens(parts))
    in_pairs = set()
    for one, other in product((token for token in tokens if max(token.covers) < MOST_PAIRED), repeat=2):
        if not one.covers & other.covers:
            in_pairs.add(one.text)
            yield f"{one.text} {other.text}"
    yield from {token.text for token in tokens} - in_pairs
    yield from _without_blanks(parts)
    yield from _after_apostrophes(parts, {token.text for token in tokens})


def _tokens(parts: Sequence[str]) -> Iterator[_Token]:
    """The words in all their spellings, each part's words together, and initials together."""
    first = 0
    for part in parts:
        words = spellings_of(part)
        for place, word in enumerate(words, start=first):
            yield from (_Token(text, frozenset({place})) for text in word)
        places = frozenset(range(first, first + len(words)))
        if len(words) > 1:
            for spelling in {0, -1}:
                yield _Token("".join(word[spelling] for word in words)[:LONGEST_WORD], places)
        yield from _initials(words, first)
        first += len(words)


def _initials(words: Sequence[tuple[str, ...]], first: int) -> Iterator[_Token]:
    for short, found in groupby(enumerate(words, start=first), key=lambda one: len(one[1][0]) == 1):
        run = list(found)
        if short and 1 < len(run) < len(words):
            yield _Token("".join(word[0] for _place, word in run), frozenset(place for place, _word in run))


def _initials_joined(words: Iterable[str]) -> Iterator[str]:
    for short, run in groupby(words, key=lambda word: len(word) == 1):
        together = list(run)
        yield from ["".join(together)] if short else together


def _without_blanks(parts: Sequence[str]) -> Iterator[str]:
    """Names of scripts without blanks are also written in one, in both orders, and known by their last characters."""
    joined = ["".join(words_of(part)) for part in parts]
    if not _WITHOUT_BLANKS.search("".join(joined)):
        return
    wholes = {"".join(joined), "".join(reversed(joined))}
    for whole in wholes | set(joined):
        yield from (whole[start : start + LONGEST_WORD] for start in range(min(len(whole), MOST_ENDINGS)))


def _after_apostrophes(parts: Sequence[str], known: set[str]) -> Iterator[str]:
    """`oreal` of L'Oréal, `connor` of O'Connor."""
    for part in parts:
        apart = words_of(plain_dashes(part).replace("'", " "))
        yield from (word[:LONGEST_WORD] for word in apart if len(word) > 2 and word not in known)
