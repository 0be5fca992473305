"""Delivering what is due: claimed with a lease, sent outside any transaction, marked with its try.

An answer of 2xx is a delivery, and 410 (Gone) switches the endpoint off where staff see it. Everything else, no answer
and redirects too, is tried again after each of `PAUSES`: ten tries over three days, much as Standard Webhooks advises.
Then it is a matter for people (`sending.undelivered`). Whoever dies between sending and marking leaves a lease that
runs out, and the message goes again, with the same `webhook-id`: at least once.
"""

from __future__ import annotations

import http
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from backoffice.leases import LeaseQueue
from backoffice.webhooks import outbound
from backoffice.webhooks.models import Attempt, Delivery, DeliveryState, Endpoint, OffReason

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
PAUSES = (
    timedelta(seconds=5),
    *(5 * _MINUTE, 30 * _MINUTE),
    *(2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 18 * _HOUR, 22 * _HOUR),
)
"""Between two tries: 71 hours and 35 minutes in all."""
LONGEST_ASKED = 6 * _HOUR
"""A partner may ask for a longer pause (Retry-After), up to this."""
WAITS_FOR_OTHERS = timedelta(minutes=1)
"""How long the other messages wait of a partner that did not answer."""
BATCH = 4
LEASE = timedelta(minutes=3)
"""Longer than a batch takes even if each of its hosts is resolved and answers as slowly as can be."""
GONE = http.HTTPStatus.GONE
log = structlog.get_logger(__name__)

_OFF = f"SELECT 1 FROM {Endpoint._meta.db_table} AS e WHERE e.id = queued.endpoint_id AND NOT e.active"  # noqa: S608 - the name of our own table
QUEUE = LeaseQueue(
    table=Delivery._meta.db_table,
    due="next_at",
    given_up=DeliveryState.FAILED.value,
    gives="queued.id",
    held_back=f"EXISTS ({_OFF})",
)


@dataclass(frozen=True)
class Tried:
    """What became of one try; `status` is None without an answer."""

    at: datetime
    took: timedelta
    status: int | None = None
    error: str = ""
    retry_after: int | None = None

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver_all_due() -> int:
    """Delivers until nothing more is due; gives how many arrived. What fails is due again later, so it ends.

    A partner that does not answer, or is gone, is not asked for its other messages in the same run.
    """
    unanswering: dict[int, Tried] = {}
    count = 0
    while claimed := claim(now=timezone.now()):
        for delivery in claimed:
            known = unanswering.get(delivery.endpoint_id)
            if known is not None:
                _let_wait(delivery, known)
                continue
            tried = _try(delivery)
            if tried.status in (None, GONE):
                unanswering[delivery.endpoint_id] = tried
            _mark(delivery, tried)
            count += tried.arrived
    return count


def claim(*, now: datetime) -> Sequence[Delivery]:
    """Takes up to `BATCH` due messages for `LEASE`; another deliverer skips them until it has run out."""
    with connection.cursor() as cursor:
        cursor.execute(*QUEUE.claim(now=now, lease=LEASE, most=BATCH))
        keys = [key for (key,) in cursor.fetchall()]
    return list(Delivery.objects.filter(pk__in=keys).select_related("endpoint").order_by("next_at", "pk"))


def _try(delivery: Delivery) -> Tried:
    at, began = timezone.now(), time.monotonic()
    signature = Webhook(delivery.endpoint.secret).sign(msg_id=delivery.message_id, timestamp=at, data=delivery.body)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Countersign-Webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    told: dict[str, Any] = {}
    try:
        answer = outbound.post(delivery.endpoint.url, body=delivery.body.encode(), headers=headers)
        told = {"status": answer.status, "retry_after": answer.retry_after}
    except outbound.NotReachedError as error:
        told = {"error": str(error)}
    return Tried(at, timedelta(seconds=time.monotonic() - began), **told)


def _mark(delivery: Delivery, tried: Tried) -> None:
    """Writes the try, and what follows from it; what somebody else has ended meanwhile stays as it is."""
    now = timezone.now()
    error = tried.error or ("" if tried.arrived else f"HTTP {tried.status}")
    with transaction.atomic():
        Attempt.objects.create(delivery=delivery, at=tried.at, took=tried.took, status=tried.status, error=tried.error)
        own = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
        if tried.arrived:
            own.update(state=DeliveryState.SENT, sent_at=now, error="", leased_until=None)
        elif tried.status == GONE:
            _gone(delivery, now)
        else:
            _put_off(delivery, tried, error, now)
    if not tried.arrived:
        log.warning("message to a partner not delivered", message=delivery.message_id, why=error, tries=delivery.tries)


def _put_off(delivery: Delivery, tried: Tried, error: str, now: datetime) -> None:
    if delivery.tries > len(PAUSES):
        _held(delivery).update(state=DeliveryState.FAILED, error=error, leased_until=None)
        log.error("message to a partner given up", message=delivery.message_id, why=error)
        return
    asked = min(timedelta(seconds=tried.retry_after or 0), LONGEST_ASKED)
    next_at = now + max(PAUSES[delivery.tries - 1], asked)
    _held(delivery).update(next_at=next_at, error=error, leased_until=None)


def _let_wait(delivery: Delivery, known: Tried) -> None:
    """Puts it off as one that was not tried."""
    next_at = timezone.now() + WAITS_FOR_OTHERS
    _held(delivery).update(next_at=next_at, tries=delivery.tries - 1, error=known.error, leased_until=None)


def _held(delivery: Delivery) -> QuerySet[Delivery]:
    """Only while our own lease stands: who claimed it after us decides."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING, leased_until=delivery.leased_until)


def _gone(delivery: Delivery, now: datetime) -> None:
    """410: the partner takes no more messages here. All that wait are a matter for people. Where another address was
    entered meanwhile, the old one's answer says nothing of it, and the message goes there."""
    endpoint = delivery.endpoint
    if Endpoint.objects.select_for_update().get(pk=endpoint.pk).url != endpoint.url:
        _held(delivery).update(next_at=now, leased_until=None)
        return
    Endpoint.objects.filter(pk=endpoint.pk, active=True).update(active=False, off_since=now, off_why=OffReason.GONE)
    waiting = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.FAILED, error="HTTP 410", leased_until=None)
    log.error("partner's endpoint is gone", endpoint=endpoint.pk)
