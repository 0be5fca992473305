"""How long telephones ring and are connected for a merchant within a day: what one shop may cost us in calls.

A line is one telephone: the customer's, and the agent's where it was rung, too. A call counts from the moment at which
it was placed until its last line was closed; one that goes on counts as `RESERVED` a line at least, and one in which
both talk on after it was paid as the gateway lets them, at most. So nothing that was rung is forgotten by a restart.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from backoffice.payments.merchants.models import Merchant
from backoffice.payments.voice.models import VoiceCall
from backoffice.telephony.minutes import A_DAY, RESERVED, WARNS_AT
from backoffice.voice.contract import JOINED_FOR


def needed(merchant: Merchant, *, now: datetime) -> int:
    """The minutes of lines that the merchant has used in the 24 hours before `now` (aware), and those that one more
    call reserves; rounded up."""
    return math.ceil((_used(merchant, now) + RESERVED) / timedelta(minutes=1))


def are_nearly_spent(minutes: int, *, limit: int) -> bool:
    """Whether somebody should look at what the merchant has rung so much, before it stops."""
    return minutes >= WARNS_AT * limit


def _used(merchant: Merchant, now: datetime) -> timedelta:
    talked_on = ExpressionWrapper(F("ended_at") + Value(timedelta(seconds=JOINED_FOR)), output_field=DateTimeField())
    until = Coalesce("lines_closed_at", Least(Value(now), talked_on), Value(now), output_field=DateTimeField())
    lasted = ExpressionWrapper(until - F("placed_at"), output_field=DurationField())
    one = Case(
        When(ended_at=None, then=Greatest(lasted, Value(RESERVED), output_field=DurationField())),
        default=lasted,
        output_field=DurationField(),
    )
    theirs = VoiceCall.objects.filter(payment__merchant=merchant, placed_at__gt=now - A_DAY)
    found = theirs.aggregate(all=Sum(one), with_agent=Sum(one, filter=~Q(agent="")))
    return (found["all"] or timedelta()) + (found["with_agent"] or timedelta())
