"""How often we may call a customer, counted over all processes and all hands at the desk, from the rows of the calls.

Taken as our own limit from US Reg F, 12 CFR 1006.14(b)(2) and 1006.6(b)(1), and made stricter where that is simpler:

- 7 calls in 7 days and 3 on one day about a matter. What counts is each call of ours that was dialled, also one that
  was busy, failed or was asked for. A call that is announced and not over counts as if it were dialled now. Seven days
  are 168 hours, which within the quiet hours is never more than seven calendar days; a day is the customer's own.
- 7 days of silence about a matter after a conversation, whoever called whom, from its end. A call that the customer
  asked for is free of this silence and of nothing else.
- Nobody is called outside 08:00 to 21:00 by the customer's own clock, whoever asked: a slot that they choose lies
  within these hours, and "now" at 21:05 is a reason to write.
- One call at a time: while one of us is on the line with a customer, or about to be, nobody else calls them, whatever
  it is about. So two conversations about one matter cannot begin side by side.

`wait` answers. `reserve` and `refuse_to_dial` also hold the customer's lock until the end of the caller's transaction,
in which the call is written, so that any number of processes and hands together never exceed the budget.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import Q
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.refusals import Conflict
from backoffice.telephony.models import TALKING, Call, CallOutcome, CallState
from backoffice.trust.models import Direction
from backoffice.trust.quiet_hours import OPENS, next_allowed, zone

A_WEEK, CALLS_A_WEEK, CALLS_A_DAY = timedelta(days=7), 7, 3
SILENCE = timedelta(days=7)
FORGOTTEN = timedelta(minutes=30)
"""A call of which nothing was heard for so long keeps nobody else from calling any more; it still counts."""
ASK_AGAIN = timedelta(minutes=5)
"""When to ask again while somebody is on the line: nobody knows when a talk ends."""


class WaitReason(StrEnum):
    QUIET_HOURS = "quiet_hours"
    DAY_SPENT = "day_spent"
    WEEK_SPENT = "week_spent"
    SPOKEN = "spoken"
    ON_THE_LINE = "on_the_line"


_SENTENCES: dict[WaitReason, Promise] = {
    WaitReason.QUIET_HOURS: _("We call between 08:00 and 21:00 by the customer's own clock: from %(when)s."),
    WaitReason.DAY_SPENT: _("We have called three times today about this. The next call may be from %(when)s."),
    WaitReason.WEEK_SPENT: _("We have called seven times in seven days about this. The next may be from %(when)s."),
    WaitReason.SPOKEN: _(
        "We have spoken with the customer about this. Unless they ask for a call, the next may be from %(when)s."
    ),
    WaitReason.ON_THE_LINE: _("One of us is calling this customer, or is about to. Look again from %(when)s."),
}


@dataclass(frozen=True)
class Wait:
    """Until when (UTC) the customer may not be called, and why. Where several reasons hold, `why` is the longest."""

    until: datetime
    why: WaitReason
    customer_zone: str

    def sentence(self, time_zone: str = "") -> str:
        """For staff, by the clock of the zone `time_zone` (an IANA name; else the reader's, as Django knows it). Where
        the customer's clock shows another time, it stands beside."""
        reader = zone(time_zone) if time_zone else timezone.get_current_timezone()
        ours, theirs = self.until.astimezone(reader), self.until.astimezone(zone(self.customer_zone))
        when = date_format(ours, "l j F, H:i")
        if ours.replace(tzinfo=None) != theirs.replace(tzinfo=None):
            when = str(_("%(ours)s (%(theirs)s where the customer is)")) % {
                "ours": when,
                "theirs": date_format(theirs, "l j F, H:i"),
            }
        return str(_SENTENCES[self.why]) % {"when": when}


class Spent(Conflict):
    """The customer may not be called now; `wait` says until when, and why."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(f"call_{wait.why}", wait.sentence(), field="number")
        self.wait = wait


def wait(
    *,
    customer: Customer,
    matter: str,
    now: datetime,
    asked_by_customer: bool = False,
    besides: uuid.UUID | None = None,
) -> Wait | None:
    """Until when and why the customer may not be called about the matter; None when they may at `now` (aware).

    `matter` is the opaque id of the topmost case, or the name of the topic. `besides` is a call that is left out: the
    one that is about to be dialled. The answer holds at once only for who asks with `reserve` or `refuse_to_dial`.
    """
    calls = [call for call in _calls_of(customer, now) if call.pk != besides]
    about = [call for call in calls if call.matter == matter]
    at, longest, clock = now, WaitReason.QUIET_HOURS, customer.time_zone
    while True:
        ends = _ends(calls, about, at=at, now=now, clock=clock, asked=asked_by_customer)
        until, why = max(ends, key=lambda end: end[0], default=(at, longest))
        if until <= at:
            until = next_allowed(at=at, time_zone=clock)
            if until == at:
                break
            why = longest
        at, longest = until, why
    return Wait(at.astimezone(UTC), longest, clock) if at > now else None


def reserve(
    *,
    customer: Customer,
    matter: str,
    now: datetime,
    asked_by_customer: bool = False,
    besides: uuid.UUID | None = None,
) -> None:
    """Takes the customer's lock until the end of the caller's transaction, in which the call is written. Raises `Spent`
    when the customer may not be called now, and Django's `TransactionManagementError` outside a transaction."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("a call is reserved within the transaction that writes it")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"calls to {customer.pk}"])
    found = wait(customer=customer, matter=matter, now=now, asked_by_customer=asked_by_customer, besides=besides)
    if found is not None:
        raise Spent(found)


def refuse_to_dial(call: Call, *, now: datetime) -> None:
    """Asks once more in the moment of dialling, as `reserve` does: it may have become late, or another call was dialled
    while this one was prepared. Nothing to ask for a call that somebody made to us."""
    if call.direction == Direction.OUT and call.customer is not None:
        reserve(
            customer=call.customer,
            matter=call.matter,
            now=now,
            asked_by_customer=call.asked_by_customer,
            besides=call.pk,
        )


def _calls_of(customer: Customer, now: datetime) -> Sequence[Call]:
    """Those which may still count: going on, or over since the longest time that is looked back on."""
    found = Call.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now - max(A_WEEK, SILENCE)), customer=customer)
    return list(
        found.only(
            *("matter", "direction", "state", "outcome", "announced_at"),
            *("dialled_at", "answered_at", "ended_at", "seen_at", "times"),
        )
    )


def _ends(
    calls: Sequence[Call], about: Sequence[Call], *, at: datetime, now: datetime, clock: str, asked: bool
) -> list[tuple[datetime, WaitReason]]:
    """When each thing ends that keeps us from calling at `at`, which is `now` or later."""
    ends = []
    if any(_goes_on(call, now) for call in calls):
        ends.append((now + ASK_AGAIN, WaitReason.ON_THE_LINE))
    spoken = [call.ended_at or call.answered_at or now for call in about if _is_conversation(call)]
    if spoken and not asked:
        ends.append((max(spoken) + SILENCE, WaitReason.SPOKEN))
    dialled = sorted((made for call in about if (made := _dialled(call, now))), reverse=True)
    if len(dialled) >= CALLS_A_WEEK:
        ends.append((dialled[CALLS_A_WEEK - 1] + A_WEEK, WaitReason.WEEK_SPENT))
    day = at.astimezone(zone(clock)).date()
    if sum(made.astimezone(zone(clock)).date() == day for made in dialled) >= CALLS_A_DAY:
        morning = datetime.combine(day + timedelta(days=1), OPENS, tzinfo=zone(clock))
        ends.append((morning.astimezone(UTC), WaitReason.DAY_SPENT))
    return ends


def _dialled(call: Call, now: datetime) -> datetime | None:
    """When a call of ours was dialled, for this count; None for one that does not count."""
    if call.direction != Direction.OUT:
        return None
    return call.dialled_at or (None if call.is_over else now)


def _is_conversation(call: Call) -> bool:
    """A talk that goes on is one until its outcome says otherwise. A call to us is one only where the caller has proven
    who they are: else anybody who names a case would keep us from calling about it."""
    if call.direction == Direction.IN and CallState.CUSTOMER_PROVEN not in call.times:
        return False
    return call.outcome == CallOutcome.SPOKEN or (not call.is_over and call.state in TALKING)


def _goes_on(call: Call, now: datetime) -> bool:
    if call.is_over:
        return False
    heard = [call.announced_at, call.dialled_at, call.answered_at, call.seen_at]
    return now - max(at for at in heard if at is not None) < FORGOTTEN
