"""Whom a complaint is about: chosen among those of us who had contact with the customer, or found by the names that
were typed, also in anger and with a slip. Rather one person too many is kept from a complaint than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from backoffice.customers.models import Customer
from backoffice.staff.models import User
from backoffice.telephony.models import Call
from backoffice.text import folded
from backoffice.trust.models import Contact

LOOKS_BACK = timedelta(days=365)
MOST = 30
SHORTEST = 3
"""Letters of a name that counts by itself."""
FORGIVES = 5
"""A name of so many letters is also found with one slip in it."""
_WORD = re.compile(r"[^\W\d_]+")


def had_contact(customer: Customer, *, now: datetime) -> Sequence[User]:
    """Those of us who wrote to, called or spoke with this customer within a year, by name."""
    since = now - LOOKS_BACK
    wrote = Contact.objects.filter(customer=customer, at__gt=since, by__isnull=False).values("by_id")
    called = Call.objects.filter(customer=customer, announced_at__gt=since, agent__isnull=False).values("agent_id")
    found = User.objects.filter(is_staff=True, is_active=True, pk__in=wrote.union(called))
    return list(found.order_by("first_name", "last_name", "pk")[:MOST])


def named_in(text: str, *, known: Iterable[User] = ()) -> list[User]:
    """The members of staff whom the text names: by family name, by given and family name, by user name or by badge. Of
    those whom the customer `known`, a given name is enough, and one slip is forgiven."""
    words = _words(text)
    close = {user.pk for user in known}
    staff = User.objects.filter(is_staff=True, is_active=True).select_related("staff_profile")
    return [user for user in staff.order_by("pk") if _is_named(user, text, words, close=user.pk in close)]


def _is_named(user: User, text: str, words: frozenset[str], *, close: bool) -> bool:
    given, family = _words(user.first_name), _words(user.last_name)
    if family and all(_stands(one, words, slips=True) for one in family if len(one) >= SHORTEST):
        long = any(len(one) >= SHORTEST for one in family)
        if long and (close or not _is_common(family) or any(_stands(one, words, slips=True) for one in given)):
            return True
    if close and any(len(one) >= SHORTEST and _stands(one, words, slips=True) for one in given):
        return True
    marks = {folded(user.get_username()), folded(_badge(user))} - {""}
    typed = set(folded(text).replace(",", " ").replace(".", " ").split())
    return bool(marks & typed)


def _is_common(family: frozenset[str]) -> bool:
    """A family name of one short word may be a word like any other."""
    return max(map(len, family)) <= SHORTEST


def _badge(user: User) -> str:
    profile = getattr(user, "staff_profile", None)
    return profile.badge_number if profile else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(folded(text)))


def _stands(name: str, words: frozenset[str], *, slips: bool) -> bool:
    if name in words:
        return True
    return slips and len(name) >= FORGIVES and any(_one_slip(name, word) for word in words)


def _one_slip(name: str, word: str) -> bool:
    """Whether one letter is wrong, missing, too many, or two neighbours are swapped."""
    if abs(len(name) - len(word)) > 1 or (name[0] != word[0] and name[-1] != word[-1]):
        return False
    short, long = sorted((name, word), key=len)
    at = next((n for n, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short))
    if len(short) != len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[:at] + short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long
