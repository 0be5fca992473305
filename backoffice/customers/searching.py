"""Finds customers by what one knows of them: names, a mail address, a telephone number or its last digits, a national
id.

Names are found by the beginnings of their words, in any order, through `names.entries_of`. The rest is sealed: it is
found as a whole, a number also by its last digits, through blind indexes. Whatever is typed, and however many customers
there are, a search reads a bounded number of rows, and says so where it may have left somebody out. References and
records are looked up by other apps.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import phonenumbers
from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from backoffice.customers import names
from backoffice.customers.addresses import clean, ending_index_of, index_of
from backoffice.customers.contact_points import ENDINGS
from backoffice.customers.models import ContactKind, ContactPoint, Customer, NameEntry, NationalId
from backoffice.customers.national_ids import indexes_of
from backoffice.refusals import Invalid
from backoffice.text import digits_of, folded, kept

MOST = 100
"""Customers that a search gives."""
FEWEST_DIGITS = 7
"""A text with fewer digits is neither a whole telephone number nor a national id."""
FEWEST_LAST_DIGITS = min(ENDINGS)
LONGEST_NUMBER = 15
"""Digits, with those of the country (E.164)."""
LONGEST = 200
"""Characters that are looked at."""
_READ, _READ_WIDELY = 150, 2_000
"""Entries of names that are read for one beginning; and for one of several where none of them is rare."""
_BEGINNINGS = 3
"""Of so many typed words the longest are looked up; all of them must fit."""
_WILDCARDS = frozenset("%*_?")


@dataclass(frozen=True)
class Match:
    """At most `MOST` customers. `more` says that there are others, or may be: what was typed is too common to read all
    of it, and one word or digit more is needed."""

    customers: QuerySet[Customer]
    more: bool


@dataclass(frozen=True)
class _Keys:
    keys: Sequence[int] = ()
    more: bool = False


def find(*, text: str) -> QuerySet[Customer]:
    """The customers whom the text may mean, at most `MOST`, also by a superseded address; none for an empty text."""
    return match(text=text).customers


def match(*, text: str) -> Match:
    """The same, and whether there may be more."""
    typed = kept(text)[:LONGEST]
    if "@" in folded(typed):
        found = [_by_contact([(ContactKind.MAIL, _bare_mail(typed))])]
    else:
        found = [*_by_number(typed), *_by_name(typed)]
    keys = list(dict.fromkeys(key for one in found for key in one.keys))
    more = len(keys) > MOST or any(one.more for one in found)
    return Match(Customer.objects.filter(pk__in=keys[:MOST]), more)


def _bare_mail(typed: str) -> str:
    """`Maria <maria@example.org>` and `mailto:maria@example.org` as the address alone."""
    inside = re.search(r"<([^<>]*)>", typed)
    return (inside[1] if inside else typed).removeprefix("mailto:")


def _contact_indexes(candidates: list[tuple[ContactKind, str]]) -> list[str]:
    home = phonenumbers.region_code_for_number(phonenumbers.parse(settings.COMPANY_PHONE)) or ""
    indexes = []
    for kind, typed in candidates:
        try:
            indexes.append(index_of(kind=kind, value=clean(kind=kind, value=typed, country=home)))
        except Invalid:
            continue
    return indexes


def _by_contact(candidates: list[tuple[ContactKind, str]]) -> _Keys:
    indexes = _contact_indexes(candidates)
    found = ContactPoint.objects.filter(value_index__in=indexes).values_list("customer_id", flat=True)
    return _first(found) if indexes else _Keys()


def _first(found: QuerySet[Any, int]) -> _Keys:
    keys = list(found[: MOST + 1])
    return _Keys(keys[:MOST], len(keys) > MOST)


def _by_number(typed: str) -> Sequence[_Keys]:
    """Digits may be a telephone number, national or without the plus sign, its end, or a national id. The zeros in
    front of a national number are not a part of it."""
    digits = digits_of(typed)
    words = any(unicodedata.category(one)[0] == "L" for one in typed)
    if len(digits) < (FEWEST_DIGITS if words else FEWEST_LAST_DIGITS):
        return ()
    found = [_by_last_digits(end) for end in dict.fromkeys((digits, digits.lstrip("0")))]
    if len(digits) >= FEWEST_DIGITS:
        found.append(_by_contact([(ContactKind.PHONE, typed), (ContactKind.PHONE, f"+{digits}")]))
        ids = [index for _kind, index in indexes_of(typed)]
        if ids:
            found.append(_first(NationalId.objects.filter(number_index__in=ids).values_list("customer_id", flat=True)))
    return found


def _by_last_digits(digits: str) -> _Keys:
    """What the index gives is compared in clear; numbers in force come first."""
    known = max((length for length in ENDINGS if length <= len(digits)), default=0)
    if not known or len(digits) > LONGEST_NUMBER:
        return _Keys()
    points = ContactPoint.objects.filter(**{ENDINGS[known]: ending_index_of(value=digits, digits=known)})
    read = list(points.only("customer_id", "value", "superseded_at")[: MOST * 2])
    fit = [point for point in read if point.value.endswith(digits)]
    fit.sort(key=lambda point: point.superseded_at is not None)
    return _Keys([point.customer_id for point in fit], len(read) == MOST * 2)


def _by_name(typed: str) -> Sequence[_Keys]:
    """`maria jan`, `jansen, m.`, `vries jan` and `tulip bv` find Maria Jansen, Jan de Vries and Tulip B.V."""
    found = []
    for words in names.readings_of(typed):
        found.append(_by_words(list(dict.fromkeys(words))))
        if len({key for one in found for key in one.keys}) > MOST:
            break
    wild = _WILDCARDS & set(typed)
    if not wild:
        return found
    customers = Customer.objects.filter(pk__in=[key for one in found for key in one.keys])
    fit = [customer.pk for customer in customers if wild <= set(customer.name)]
    return [_Keys(fit, any(one.more for one in found))]


def _by_words(words: Sequence[str]) -> _Keys:
    """The customers who have for each word one that begins like it.

    The range of one word's beginning holds all of them, so the first range that can be read to its end is enough: that
    of a rare word. Where all words are common, the ranges of two together are read, which are short if the first of
    them is a whole word; and of the longest word's range as much as a search may read.
    """
    if len(words) == 1:
        entries = _beginning_with(words[0])
        return _Keys(_customers(entries), len(entries) == _READ)
    longest = sorted(words, key=len, reverse=True)[:_BEGINNINGS]
    for beginning in longest:
        entries = _beginning_with(beginning)
        if len(entries) < _READ:
            return _Keys(_with_all(_customers(entries), words))
    pairs = [pair for one, other in permutations(longest, 2) for pair in _beginning_with(f"{one} {other}")]
    found = _with_all(_customers(pairs), words)
    if len(found) >= MOST:
        return _Keys(found, more=True)
    return _widely(words, longest[0], found)


def _widely(words: Sequence[str], longest: str, found: Sequence[int]) -> _Keys:
    entries = _beginning_with(longest, most=_READ_WIDELY)
    others = tuple(word for word in words if word != longest)
    likely = [(key, text) for key, text in entries if text.partition(" ")[2].startswith(others)]
    return _Keys([*found, *_with_all(_customers(likely)[: MOST * 2], words)], len(entries) == _READ_WIDELY)


def _beginning_with(text: str, *, most: int = _READ) -> list[tuple[int, str]]:
    found = NameEntry.objects.filter(text__startswith=text).order_by("text", "customer_id")
    return list(found.values_list("customer_id", "text")[:most])


def _customers(entries: Iterable[tuple[int, str]]) -> list[int]:
    return list(dict.fromkeys(customer for customer, _text in entries))


def _with_all(customers: Sequence[int], words: Sequence[str]) -> list[int]:
    """Those of the customers of whom every word is a beginning, in their order. Of each one entry is read for each
    word, by a sub-query, which the database cannot turn into a scan of all the entries of a word."""
    if not customers:
        return []
    fits = Customer.objects.filter(pk__in=customers).order_by()
    for number, word in enumerate(words):
        entries = NameEntry.objects.filter(customer=OuterRef("pk"), text__startswith=word).order_by("text")
        fits = fits.alias(**{f"word_{number}": Subquery(entries.values("text")[:1])})
        fits = fits.filter(**{f"word_{number}__isnull": False})
    known = set(fits.values_list("pk", flat=True))
    return [customer for customer in customers if customer in known]
