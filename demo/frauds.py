"""The fraud of the story, so that it can be played again: an analyst decides on a known fraud only once."""

from __future__ import annotations

from datetime import datetime

from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind
from backoffice.suspicions.grouping import JOINS_FOR
from backoffice.suspicions.models import GroupState, Suspicion, SuspicionMark
from backoffice.trust.likeness import Trait
from backoffice.trust.models import FraudWarning
from demo.story.strange import NUMBER


def let_rest(*, now: datetime) -> None:
    """What was decided in an earlier story is as old as if nobody had reported it for so long that the next report is
    looked into anew, and its warning has ended: no story can wait for weeks. What still waits stays as it is."""
    number = NUMBER.replace(" ", "")
    marks = SuspicionMark.objects.filter(trait=Trait.PHONE, value=index_of(kind=ContactKind.PHONE, value=number))
    decided = Suspicion.objects.filter(id__in=marks.values("group")).exclude(state=GroupState.WAITING)
    decided.filter(latest_at__gt=now - JOINS_FOR).update(latest_at=now - JOINS_FOR)
    FraudWarning.objects.filter(number=number, until__gt=now).update(until=now)
