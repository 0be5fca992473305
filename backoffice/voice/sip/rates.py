"""How many new requests one peer may send: a peer that floods us, or whose machine was taken over, must not keep the
calls of others from being heard."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

A_SECOND, AT_ONCE = 200.0, 400.0
"""Of one host. A trunk with a hundred calls sends a few."""
MOST_HOSTS = 10_000
"""Of which is remembered how many they sent."""


class Rates:
    """A bucket of requests for each host, which fills again with time."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, host: str) -> bool:
        """Whether one more is taken now."""
        now = asyncio.get_running_loop().time()
        left, since = self._left.pop(host, (AT_ONCE, now))
        left = min(AT_ONCE, left + (now - since) * A_SECOND)
        allowed = left >= 1
        self._left[host] = (left - 1 if allowed else left), now
        if len(self._left) > MOST_HOSTS:
            self._left.popitem(last=False)
        return allowed
