"""Finds customers by what one knows of them: names, a mail address, a telephone number or its last digits, a national
id.

Names are found by the beginnings of their words, in any order, through `names.entries_of`. The rest is sealed: it is
found as a whole, a number also by its last digits, through blind indexes. Whatever is typed, and however many customers
there are, a search reads a bounded number of rows. References and records are looked up by other apps.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import permutations

import phonenumbers
from django.conf import settings
from django.db.models import F, QuerySet

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
_READ = 150
"""Entries of names that are read for one beginning."""
_BEGINNINGS = 3
"""Of so many typed words the longest are looked up; all of them must fit."""
_WILDCARDS = frozenset("%*_?")


def find(*, text: str) -> QuerySet[Customer]:
    """The customers whom the text may mean, at most `MOST`, also by a superseded address; none for an empty text."""
    typed = kept(text)[:LONGEST]
    if "@" in folded(typed):
        keys: Iterable[int] = _by_contact([(ContactKind.MAIL, _bare_mail(typed))])
    else:
        keys = [*_by_number(typed), *_by_name(typed)]
    return Customer.objects.filter(pk__in=list(dict.fromkeys(keys))[:MOST])


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


def _by_contact(candidates: list[tuple[ContactKind, str]]) -> Iterable[int]:
    indexes = _contact_indexes(candidates)
    found = ContactPoint.objects.filter(value_index__in=indexes).values_list("customer_id", flat=True)
    return found[:MOST] if indexes else ()


def _by_number(typed: str) -> Sequence[int]:
    """Digits may be a telephone number, national or without the plus sign, its end, or a national id. The zeros in
    front of a national number are not a part of it."""
    digits = digits_of(typed)
    words = any(unicodedata.category(one)[0] == "L" for one in typed)
    if len(digits) < (FEWEST_DIGITS if words else FEWEST_LAST_DIGITS):
        return ()
    found = [key for end in dict.fromkeys((digits, digits.lstrip("0"))) for key in _by_last_digits(end)]
    if len(digits) >= FEWEST_DIGITS:
        found += _by_contact([(ContactKind.PHONE, typed), (ContactKind.PHONE, f"+{digits}")])
        ids = [index for _kind, index in indexes_of(typed)]
        if ids:
            found += NationalId.objects.filter(number_index__in=ids).values_list("customer_id", flat=True)[:MOST]
    return found


def _by_last_digits(digits: str) -> Iterable[int]:
    """What the index gives is compared in clear."""
    known = max((length for length in ENDINGS if length <= len(digits)), default=0)
    if not known or len(digits) > LONGEST_NUMBER:
        return ()
    column = ENDINGS[known]
    points = ContactPoint.objects.filter(**{column: ending_index_of(value=digits, digits=known)})
    found = points.order_by(F("superseded_at").desc(nulls_first=True)).only("customer_id", "value")[: MOST * 2]
    return [point.customer_id for point in found if point.value.endswith(digits)]


def _by_name(typed: str) -> Sequence[int]:
    """`maria jan`, `jansen, m.`, `vries jan` and `tulip bv` find Maria Jansen, Jan de Vries and Tulip B.V."""
    found = [key for words in names.readings_of(typed) for key in _by_words(words)]
    wild = _WILDCARDS & set(typed)
    if wild and found:
        customers = Customer.objects.filter(pk__in=found)
        return [customer.pk for customer in customers if wild <= set(customer.name)]
    return found


def _by_words(words: Sequence[str]) -> list[int]:
    """The customers who have for each word one that begins like it.

    The range of one word's beginning holds all of them, so the first range that can be read to its end is enough: that
    of a rare word. Where all words are common, the ranges of two together are read, and are short.
    """
    if len(words) == 1:
        return _customers(_beginning_with(words[0]))
    longest = sorted(dict.fromkeys(words), key=len, reverse=True)[:_BEGINNINGS]
    found: list[int] = []
    for beginning in longest:
        entries = _beginning_with(beginning)
        if len(entries) < _READ:
            return _with_all(_customers(entries), words)
    for one, other in permutations(longest, 2):
        found += _customers(_beginning_with(f"{one} {other}"))
    return found if len(words) == len(longest) == 2 else _with_all(found[: MOST * 2], words)


def _beginning_with(text: str) -> list[tuple[int, str]]:
    found = NameEntry.objects.filter(text__startswith=text).order_by("text", "customer_id")
    return list(found.values_list("customer_id", "text")[:_READ])


def _customers(entries: Iterable[tuple[int, str]]) -> list[int]:
    return list(dict.fromkeys(customer for customer, _text in entries))


def _with_all(customers: Sequence[int], words: Sequence[str]) -> list[int]:
    """Those of the customers of whom every word is a beginning, in their order."""
    has: dict[int, set[str]] = defaultdict(set)
    for customer, text in NameEntry.objects.filter(customer__in=customers).values_list("customer_id", "text"):
        has[customer].add(text.partition(" ")[0])
    fits = {key for key, those in has.items() if all(any(one.startswith(word) for one in those) for word in words)}
    return [customer for customer in dict.fromkeys(customers) if customer in fits]
