"""Events that the Stripe API signs and sends: https://docs.stripe.com/webhooks#verify-manually."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import stripe
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.refusals import Refused

_Event = TypeVar("_Event")

TOLERANCE = timedelta(minutes=5)
"""How old a signed event may be; the library's own default, https://docs.stripe.com/webhooks#replay-attacks."""
LONGEST_ID = 80
"""Characters of an id that are kept."""


class WebhookForged(Refused):
    """The event is not signed by who should have sent it."""

    status = 401


class WebhookTooOld(Refused):
    """The signature is right, but was made too long ago to be sure that it is not a replay."""

    status = 400


class WebhookUnreadable(Refused):
    """The content is rightly signed, but is not an event."""

    status = 400


def read_signed(
    body: bytes,
    signature: str | None,
    *,
    secret: str,
    now: datetime | None,
    forged: str,
    read: Callable[[dict[str, Any]], _Event],
) -> _Event:
    """What `read` makes of the event, after a check of its signature and age.

    `body` is the request's, byte for byte; `signature` its `Stripe-Signature` header; `now` is aware, and the machine's
    clock if it is not given. Raises `WebhookForged` (401) with the sentence `forged`, `WebhookTooOld` (400),
    `WebhookUnreadable` (400). Without a secret everything is forged. A replay within the five minutes is not noticed:
    the caller must remember the event's id.
    """
    _verify(body, signature, secret=secret, now=now or timezone.now(), forged=forged)
    try:
        return read(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        raise WebhookUnreadable("unreadable", _("We cannot read this event.")) from None


def _verify(body: bytes, signature: str | None, *, secret: str, now: datetime, forged: str) -> None:
    """The library compares in constant time."""
    if not secret or not signature or not signature.isascii():
        raise WebhookForged("bad_signature", forged)
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        raise WebhookForged("bad_signature", forged) from None
    signed_at = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
    if abs(now.timestamp() - signed_at) > TOLERANCE.total_seconds():
        raise WebhookTooOld("old_signature", _("This event was signed too long ago."))


def plain_id(told: str) -> str:
    """An id as we can keep and look it up; of one that is too long or no plain text a hash, which is none of ours."""
    if len(told) <= LONGEST_ID and told.isascii() and told.isprintable():
        return told
    return f"sha256:{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"
