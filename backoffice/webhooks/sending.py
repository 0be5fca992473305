"""Writing a message for a partner, in the caller's transaction: what is rolled back is never sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from backoffice.celery import app as celery_app
from backoffice.refusals import Conflict
from backoffice.webhooks import endpoints
from backoffice.webhooks.models import Delivery, DeliveryState, Endpoint

DELIVER_DUE = "webhooks.deliver_due"
LARGEST = 20 * 1024
"""In bytes, as Standard Webhooks advises: a message says what happened, and no more."""
KIND = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
log = structlog.get_logger(__name__)


def send(*, endpoint: Endpoint, kind: str, payload: Mapping[str, Any], key: str, now: datetime) -> Delivery:
    """Writes the message and lets it be delivered once the caller's transaction is committed. The same `key` again is
    the same message, and nothing is written.

    `kind` says what happened, in full-stop style ("autopay.hold_asked"); `payload` is what JSON can say, and holds only
    what this partner may know; `now` is aware. Raises `Conflict` while the endpoint is switched off ("endpoint_off")
    and for a key that was used for something else ("key_used"), `ValueError` for a kind or a payload of a wrong form.
    """
    if KIND.fullmatch(kind) is None:
        raise ValueError("a kind is made of small letters, digits and _, with full stops between")
    body = _body(kind, payload, now)
    known = Delivery.objects.filter(key=key).first()
    if known is None:
        endpoints.refuse_if_off(Endpoint.objects.get(pk=endpoint.pk))
        told = {"endpoint": endpoint, "kind": kind, "body": body, "made_at": now, "next_at": now}
        known, new = Delivery.objects.get_or_create(key=key, defaults=told)
        if new:
            wake()
            return known
    if (known.endpoint_id, known.kind, _data(known.body)) != (endpoint.pk, kind, _data(body)):
        raise Conflict("key_used", _("This key was used for another message."))
    return known


def status(key: str) -> Delivery | None:
    """The message of this key as it stands now; None when there is none."""
    return Delivery.objects.filter(key=key).select_related("endpoint").first()


def undelivered() -> QuerySet[Delivery]:
    """The messages that wait for a person, the oldest first: those that are not tried any more, and those that wait for
    an endpoint that is switched off."""
    held = Q(state=DeliveryState.WAITING, endpoint__active=False)
    found = Delivery.objects.filter(Q(state=DeliveryState.FAILED) | held)
    return found.select_related("endpoint").order_by("made_at")


def _body(kind: str, payload: Mapping[str, Any], now: datetime) -> str:
    told = {"type": kind, "timestamp": now.isoformat(), "data": dict(payload)}
    body = json.dumps(told, separators=(",", ":"), allow_nan=False)
    if len(body) > LARGEST:
        raise ValueError("a message to a partner has at most 20 kB")
    return body


def _data(body: str) -> Any:
    return json.loads(body)["data"]


def wake() -> None:
    """Has what is due delivered once the transaction is committed. Without the broker the sweep does it, seconds
    later."""
    transaction.on_commit(_wake)


def _wake() -> None:
    try:
        celery_app.send_task(DELIVER_DUE, ignore_result=True, expires=30)
    except OperationalError as away:
        log.warning("broker away, messages to partners wait for the sweep", why=type(away).__name__)
