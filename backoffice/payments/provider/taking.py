"""Who takes what the payment provider reports: each part of this room that has payments of its own registers a taker.

    taking.register("voice payment", reported)    # at the end of the module that is bound in its `process.py`

Every taker is asked about every event, because one payment can concern two of them (a dispute is about a payment of
one, and opens a claim of another). A taker finds what is its own by `event.key` or `event.payment`, changes it, and
says whether it knew the payment. It runs in the transaction that notes the event: what it raises takes everything back,
and the provider sends the event again. So it neither calls the provider nor waits for anything.

Events come twice, late, in any order, or never. An event counts once; but a taker must not go back when an older one
comes, and must look at its payments itself (`PaymentProvider.look`) where it cannot wait.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from backoffice.actors import Actor
from backoffice.payments.provider import rights
from backoffice.payments.provider.events import ProviderEvent
from backoffice.payments.provider.models import ReportedEvent
from backoffice.staff.rights import needs
from backoffice.statements import insert_new

log = structlog.get_logger(__name__)
Taker = Callable[[ProviderEvent, Actor, datetime], bool]
"""Whether it knew the payment; the time is aware UTC."""
REMEMBERED = timedelta(days=35)
"""Longer than the provider sends an event again, which somebody can ask it to do for 30 days:
https://docs.stripe.com/webhooks#manual-retries."""
_takers: dict[str, Taker] = {}


def register(name: str, taker: Taker) -> None:
    """Raises `ValueError` for a second taker of the same name."""
    if name in _takers:
        raise ValueError(f"two takers of the provider's events are called “{name}”")
    _takers[name] = taker


@needs(rights.REPORT_PAYMENT)
@transaction.atomic
def take(*, event: ProviderEvent, by: Actor, now: datetime) -> bool:
    """Asks every taker about the event, in the order of their names, unless it was taken already; whether one knew the
    payment now. One that nobody knows is logged and kept, and is asked about again when it comes again. `now` is aware
    UTC. Raises what a taker raises; then nothing is noted."""
    insert_new(ReportedEvent(id=event.id, kind=event.kind.value, came_at=now), unique="id")
    report = ReportedEvent.objects.select_for_update().get(pk=event.id)
    if report.taken_at is not None:
        return False
    knew = [name for name, taker in sorted(_takers.items()) if taker(event, by, now)]
    if not knew:
        log.warning("event of a payment that nobody here knows", event_id=event.id, kind=event.kind.value)
        return False
    report.taken_at = now
    report.save(update_fields=["taken_at"])
    return True


@needs(rights.FORGET_REPORTS)
def forget(*, by: Actor, now: datetime) -> int:
    """Deletes the reports that came more than `REMEMBERED` before `now` (aware); gives how many, and logs how many of
    them nobody knew."""
    over = ReportedEvent.objects.filter(came_at__lt=now - REMEMBERED)
    unknown = over.filter(taken_at=None).count()
    deleted, _of_each = over.delete()
    if deleted:
        log.info("reports of the payment provider forgotten", count=deleted, unknown=unknown)
    return deleted
