"""The numbers of each week, for supervisors: what was promised, what was kept, and how content customers were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Avg, Count, Q, QuerySet, Sum

from backoffice.actors import Actor
from backoffice.calls.back import rights
from backoffice.calls.back.models import CallBack
from backoffice.staff.rights import needs

WEEKS = 8


@dataclass(frozen=True)
class Week:
    """The calls of a week, from Monday `starts` (UTC). `opened` counts those that began in it, `missed` the windows of
    these in which we did not call, `spoken` those in which we spoke in it. `rated` is the average of what customers
    answered in it, from 1 to 5; None without answers."""

    starts: datetime
    opened: int
    spoken: int
    missed: int
    answered: int
    solved: int
    rated: float | None


@needs(rights.STAFF_HOURS)
def weeks(*, by: Actor, now: datetime) -> Sequence[Week]:
    """The last eight weeks, this one first."""
    monday = (now.astimezone(UTC) - timedelta(days=now.astimezone(UTC).weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return [_week(monday - timedelta(weeks=ago)) for ago in range(WEEKS)]


def _week(starts: datetime) -> Week:
    calls, ends = CallBack.objects.filter(survey_of=None), starts + timedelta(weeks=1)
    opened = _within(calls, "case__opened_at", starts, ends).aggregate(number=Count("pk"), missed=Sum("missed"))
    answers = _within(calls, "surveyed_at", starts, ends).aggregate(
        number=Count("pk"), solved=Count("pk", filter=Q(solved="yes")), rated=Avg("rated")
    )
    return Week(
        starts=starts,
        opened=opened["number"],
        spoken=_within(calls, "spoken_at", starts, ends).count(),
        missed=opened["missed"] or 0,
        answered=answers["number"],
        solved=answers["solved"],
        rated=answers["rated"],
    )


def _within(calls: QuerySet[CallBack], when: str, starts: datetime, ends: datetime) -> QuerySet[CallBack]:
    return calls.filter(**{f"{when}__gte": starts, f"{when}__lt": ends})
