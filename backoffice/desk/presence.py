"""Who has a case open at the desk just now, as their colleagues see it. Kept in the cache for half a minute at a time;
an open page renews it. A lost entry is there again with the next renewal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping

from django.core.cache import cache

from backoffice.staff.models import User

SECONDS = 30
RENEWED_BEFORE = 20
"""An entry with fewer seconds left is written again."""
Openers = Mapping[uuid.UUID, frozenset[int]]


def note(case_id: uuid.UUID, *, user_id: int) -> None:
    """This person has a page of the case open."""
    now = time.time()
    known: dict[int, float] = cache.get(_key(case_id)) or {}
    if known.get(user_id, 0) - now > RENEWED_BEFORE:
        return
    still = {other: until for other, until in known.items() if until > now}
    cache.set(_key(case_id), still | {user_id: now + SECONDS}, timeout=SECONDS)


def openers(case_ids: Collection[uuid.UUID]) -> Openers:
    """The people who have each of these cases open, by their primary keys; only cases that somebody has open."""
    now = time.time()
    by_key = {_key(case_id): case_id for case_id in case_ids}
    found: Mapping[str, dict[int, float]] = cache.get_many(by_key) if by_key else {}
    current = {by_key[key]: frozenset(pk for pk, until in known.items() if until > now) for key, known in found.items()}
    return {case_id: people for case_id, people in current.items() if people}


def names(case_ids: Collection[uuid.UUID], *, besides: User) -> dict[uuid.UUID, str]:
    """The names of the others who have each case open: "Anna Nowak, Piotr Zieliński"."""
    found = {case_id: people - {besides.pk} for case_id, people in openers(case_ids).items()}
    wanted = frozenset().union(*found.values())
    known = {user.pk: user.get_full_name() or user.get_username() for user in User.objects.filter(pk__in=wanted)}
    named = {case_id: sorted(known[pk] for pk in people if pk in known) for case_id, people in found.items()}
    return {case_id: ", ".join(people) for case_id, people in named.items() if people}


def _key(case_id: uuid.UUID) -> str:
    return f"desk-open:{case_id}"
