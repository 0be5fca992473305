"""Commands and events are signed as Standard Webhooks are, in both directions (standardwebhooks.com)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

FRESH = 60.0
"""Seconds for which a signed request may be under way, in both directions of the clock."""
KNOWN_FOR = 3 * FRESH
"""Seconds for which the id of one is known at least, of the `MOST_SEEN` newest."""
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
    """Takes each signed request once, also when clocks are set back: an id is known until its request is not fresh any
    more, and nothing that was signed before a forgotten one is taken. So after both clocks were set back by more than
    `KNOWN_FOR`, all requests are refused for as much longer."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """When an id came, by the monotonic clock, and when it was signed, by the sender's."""
        self._forgotten = float("-inf")
        """When the newest was signed of those whose ids are not known any more."""

    def check(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raises `NotSigned` if the signature does not fit, is not fresh, or was there before."""
        self._verify(body, dict(headers))
        at = float(headers["webhook-timestamp"])
        self._take_once(headers["webhook-id"], at, is_fresh=abs(time.time() - at) <= FRESH)

    def _verify(self, body: bytes, headers: dict[str, str]) -> None:
        try:
            self._webhook.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            raise NotSigned("signature") from None

    def _take_once(self, id: str, at: float, *, is_fresh: bool) -> None:
        while self._seen and (self._is_old(*next(iter(self._seen.values()))) or len(self._seen) > MOST_SEEN):
            _id, (_came, signed_at) = self._seen.popitem(last=False)
            self._forgotten = max(self._forgotten, signed_at)
        if not is_fresh or at <= self._forgotten:
            raise NotSigned("stale")
        if id in self._seen:
            raise NotSigned("replay")
        self._seen[id] = time.monotonic(), at

    @staticmethod
    def _is_old(came: float, signed_at: float) -> bool:
        return came < time.monotonic() - KNOWN_FOR and signed_at < time.time() - FRESH
