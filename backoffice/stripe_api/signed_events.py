"""Events that the Stripe API signs and sends: https://docs.stripe.com/webhooks#verify-manually."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import stripe

from backoffice.refusals import Refused

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


def verify(body: bytes, signature: str | None, *, secret: str, now: datetime, forged: str, too_old: str) -> None:
    """Raises `WebhookForged` or `WebhookTooOld` with these sentences, unless `body` was signed with the secret within
    five minutes of `now` (aware). Compared in constant time. Without a secret everything is forged. A replay within the
    five minutes is not noticed: the caller must remember the event's id.
    """
    if not secret or not signature or not signature.isascii():
        raise WebhookForged("bad_signature", forged)
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        raise WebhookForged("bad_signature", forged) from None
    signed_at = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
    if abs(now.timestamp() - signed_at) > TOLERANCE.total_seconds():
        raise WebhookTooOld("old_signature", too_old)


def plain_id(told: str) -> str:
    """An id as we can keep and look it up; of one that is too long or no plain text a hash, which is none of ours."""
    if len(told) <= LONGEST_ID and told.isascii() and told.isprintable():
        return told
    return f"sha256:{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"
