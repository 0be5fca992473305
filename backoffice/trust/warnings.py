"""The published warnings, for whoever reads them or has something like it: the check page, the portal, the desk."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from backoffice.trust.likeness import Likeness, Trait, alike, likeness_of
from backoffice.trust.models import FraudMark, FraudWarning

MOST_SHOWN = 20


def current(*, now: datetime) -> Sequence[FraudWarning]:
    """What is going round, the newest first, and no more than a page shows. `now` is UTC."""
    return list(_in_force(now)[:MOST_SHOWN])


def matching(*, text: str, now: datetime, sender: str = "") -> FraudWarning | None:
    """The warning that is about such a text, number or address; the one with most in common."""
    return of_likeness(likeness_of(text, sender=sender), now=now)


def of_likeness(found: Likeness, *, now: datetime) -> FraudWarning | None:
    marks = found.marks
    if not marks:
        return None
    known = FraudMark.objects.filter(warning__in=_in_force(now), value__in=[value for _trait, value in marks])
    counted: Counter[uuid.UUID] = Counter()
    only_words: dict[uuid.UUID, bool] = {}
    for warning_id, trait, value in known.values_list("warning_id", "trait", "value"):
        if (trait, value) in marks:
            counted[warning_id] += 1
            only_words[warning_id] = only_words.get(warning_id, True) and trait == Trait.WORDS
    for warning_id, _count in counted.most_common():
        warning = FraudWarning.objects.get(pk=warning_id)
        if not only_words[warning_id] or alike(warning.sketch, found.sketch):
            return warning
    return None


def publish(warning: FraudWarning, found: Likeness) -> None:
    """Writes a warning with the marks by which it is found: part of the rule that decided on it."""
    warning.sketch = list(found.sketch)
    warning.save(force_insert=True)
    marks = [FraudMark(warning=warning, trait=trait, value=value) for trait, value in sorted(found.marks)]
    FraudMark.objects.bulk_create(marks)


def _in_force(now: datetime) -> QuerySet[FraudWarning]:
    return FraudWarning.objects.filter(withdrawn_at=None, until__gt=now).order_by("-published_at", "-id")
