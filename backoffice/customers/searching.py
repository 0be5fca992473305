"""Finds customers by what one knows of them: a name, a mail address, a telephone number, a national id.

Names are found by their beginning, with a B-tree index on the name in lower case. The rest is sealed, so it is found
only as a whole, by its blind index. References and the last four digits of cards are looked up by other apps.
"""

from __future__ import annotations

import phonenumbers
from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from backoffice.customers.addresses import clean, index_of
from backoffice.customers.models import ContactKind, Customer
from backoffice.customers.national_ids import indexes_of
from backoffice.refusals import Invalid

FEWEST_DIGITS = 7
"""A text with fewer digits is neither a telephone number nor a national id."""


def find(*, text: str) -> QuerySet[Customer]:
    """The customers whom the text may mean, also by a superseded address; none for an empty text."""
    typed = " ".join(text.split())
    if not typed:
        return Customer.objects.none()
    if "@" in typed:
        return _by_contact([(ContactKind.MAIL, typed)])
    if sum(sign.isdigit() for sign in typed) >= FEWEST_DIGITS:
        return _by_number(typed)
    return _by_name(typed)


def _contact_indexes(candidates: list[tuple[ContactKind, str]]) -> list[str]:
    home = phonenumbers.region_code_for_number(phonenumbers.parse(settings.COMPANY_PHONE)) or ""
    indexes = []
    for kind, typed in candidates:
        try:
            indexes.append(index_of(kind=kind, value=clean(kind=kind, value=typed, country=home)))
        except Invalid:
            continue
    return indexes


def _by_contact(candidates: list[tuple[ContactKind, str]]) -> QuerySet[Customer]:
    return Customer.objects.filter(contact_points__value_index__in=_contact_indexes(candidates)).distinct()


def _by_number(typed: str) -> QuerySet[Customer]:
    """Digits may be a telephone number, national or without the plus sign, or a national id."""
    digits = "".join(sign for sign in typed if sign.isdigit())
    contacts = _contact_indexes([(ContactKind.PHONE, typed), (ContactKind.PHONE, f"+{digits}")])
    ids = [index for _kind, index in indexes_of(typed)]
    return Customer.objects.filter(
        Q(contact_points__value_index__in=contacts) | Q(national_ids__number_index__in=ids)
    ).distinct()


def _by_name(typed: str) -> QuerySet[Customer]:
    """`maria jan`, `jansen, m.` and `tulip b` find Maria Jansen and Tulip B.V."""
    found = Customer.objects.alias(
        given=Lower("given_name"), family=Lower("family_name"), organisation=Lower("organisation_name")
    )
    whole = typed.lower()
    fits = Q(family__startswith=whole) | Q(given__startswith=whole) | Q(organisation__startswith=whole)
    first, comma, rest = whole.partition(",")
    words = [first.strip(), rest.strip().rstrip(".")] if comma else whole.rsplit(" ", 1)
    pairs = {(words[0], words[-1]), tuple(whole.split(" ", 1))} if len(words) == 2 else set()
    for one, other in (pair for pair in pairs if len(pair) == 2):
        fits |= Q(given__startswith=one, family__startswith=other) | Q(family__startswith=one, given__startswith=other)
    return found.filter(fits)
