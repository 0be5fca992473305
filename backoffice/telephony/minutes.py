"""How long we telephone in all within a day, and that we do not go on without end: the second wall against toll fraud,
which a number that looks like any other passes (`backoffice.dialling` is the first).

Counted are the calls of ours that a provider or our gateway makes, from dialling to their end, also those that nobody
answers, from their rows; what agents dial on telephones of their own is not ours to count. A call that goes on counts
as `RESERVED` at least, and one more is dialled only where that much is left, so that calls that begin at once do not
pass the limit together. What a call takes beyond that shows in the next count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Case, DurationField, F, Sum, Value, When
from django.db.models.functions import Greatest
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from backoffice.refusals import Conflict
from backoffice.telephony import ports
from backoffice.telephony.models import Call
from backoffice.trust.models import Direction

A_DAY = timedelta(hours=24)
RESERVED = timedelta(minutes=5)
WARNS_AT = 0.8
"""The share of a limit from which staff is warned."""
_SPENT = "call_minutes_spent"


def used(*, now: datetime) -> timedelta:
    """How long telephones rang or were connected for us in the 24 hours before `now` (aware), with what is reserved."""
    so_far = Value(now) - F("dialled_at")
    counted = Case(
        When(ended_at=None, then=Greatest(so_far, Value(RESERVED), output_field=DurationField())),
        default=F("ended_at") - F("dialled_at"),
        output_field=DurationField(),
    )
    ours = Call.objects.filter(direction=Direction.OUT, dialled_at__gt=now - A_DAY).exclude(adapter=ports.BY_HAND)
    total: timedelta | None = ours.aggregate(total=Sum(counted))["total"]
    return total or timedelta()


def refuse_more(*, now: datetime) -> None:
    """Until the end of the caller's transaction, in which the call is written, no other call is dialled. Raises
    `Conflict` on `number` where the minutes of the day are used up."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("minutes are reserved within the transaction that writes the call")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('minutes of all calls', 0))")
    if used(now=now) + RESERVED > limit():
        sentence = _("We have telephoned today as long as we do in one day. Tell a supervisor, and write instead.")
        raise Conflict(_SPENT, sentence, field="number")


def limit() -> timedelta:
    """Of all calls of 24 hours together."""
    return timedelta(minutes=settings.CALL_MINUTES_A_DAY)


def are_nearly_spent(*, now: datetime) -> bool:
    """Whether somebody should look at what rings so much, before it stops."""
    return used(now=now) + RESERVED >= WARNS_AT * limit()
