"""Commands and events are signed as Standard Webhooks are, in both directions (standardwebhooks.com)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

FRESH = 60.0
"""Seconds for which a signed request may be under way, in both directions of the clock."""
MOST_SEEN = 100_000


class NotSigned(Exception):
    """The request is not from who it should be. The text is a code."""


def signed(body: bytes, *, secret: str, id: str) -> dict[str, str]:
    """The headers of a request with this body. `id` names this sending; each try has one of its own."""
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(id, now, body.decode())
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
    }


class Verifier:
    """Takes each signed request once."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._seen: OrderedDict[str, float] = OrderedDict()

    def check(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raises `NotSigned` if the signature does not fit, is not fresh, or was there before."""
        self._verify(body, dict(headers))
        if abs(time.time() - float(headers["webhook-timestamp"])) > FRESH:
            raise NotSigned("stale")
        self._take_once(headers["webhook-id"])

    def _verify(self, body: bytes, headers: dict[str, str]) -> None:
        try:
            self._webhook.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            raise NotSigned("signature") from None

    def _take_once(self, id: str) -> None:
        now = time.monotonic()
        while self._seen and (next(iter(self._seen.values())) < now - 3 * FRESH or len(self._seen) > MOST_SEEN):
            self._seen.popitem(last=False)
        if id in self._seen:
            raise NotSigned("replay")
        self._seen[id] = now
