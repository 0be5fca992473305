"""Whom a complaint is about: chosen among those of us who had contact with the customer, or found by the names that
were typed, also in anger and with a slip. Rather one person too many is kept from a complaint than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from backoffice.cases.models import PerformerKind, WorkItem
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
_AROUND = ".,;:!?()[]\"'“”‘’…"


def had_contact(customer: Customer, *, now: datetime) -> Sequence[User]:
    """Those of us who wrote to, called, spoke with or visited this customer within a year, by name."""
    since = now - LOOKS_BACK
    met = WorkItem.objects.filter(
        case__customer=customer, performer=PerformerKind.PERSON, answered_at__gt=since, answered_by__isnull=False
    ).values("answered_by_id")
    wrote = Contact.objects.filter(customer=customer, at__gt=since, by__isnull=False).values("by_id")
    called = Call.objects.filter(customer=customer, announced_at__gt=since, agent__isnull=False).values("agent_id")
    found = User.objects.filter(is_staff=True, is_active=True, pk__in=wrote.union(called, met))
    return list(found.order_by("first_name", "last_name", "pk")[:MOST])


def named_in(text: str, *, known: Iterable[User] = (), is_name: bool = False) -> list[User]:
    """The members of staff whom the text names: by family name, by given and family name, by user name or by badge. Of
    those whom the customer had contact with (`known`), a given name is enough. One slip is forgiven in their names, and
    in all names where the text was typed as a name (`is_name`): among many words it would find people at random."""
    words = _words(text)
    marks = {word.strip(_AROUND) for word in folded(text).split()}
    close = {user.pk for user in known}
    staff = User.objects.filter(is_staff=True, is_active=True).select_related("staff_profile").order_by("pk")
    return [user for user in staff if _marks_of(user) & marks or _is_named(user, words, user.pk in close, is_name)]


def _is_named(user: User, words: frozenset[str], close: bool, is_name: bool) -> bool:
    given, family = _words(user.first_name), _words(user.last_name)
    slips = close or is_name
    with_given = any(_stands(one, words, slips=slips) for one in given)
    if close and with_given and any(len(one) >= SHORTEST for one in given):
        return True
    parts = [one for one in family if len(one) >= SHORTEST] or list(family)
    if not parts or not all(_stands(one, words, slips=slips) for one in parts):
        return close and any(len(one) > SHORTEST and _stands(one, words, slips=True) for one in family)
    return close or is_name or with_given or not _is_common(family)


def _is_common(family: frozenset[str]) -> bool:
    """A family name of one short word may be a word like any other."""
    return max(map(len, family)) <= SHORTEST


def _marks_of(user: User) -> set[str]:
    return {folded(user.get_username()), folded(_badge(user))} - {""}


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
