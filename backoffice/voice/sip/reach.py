"""Which next hops answer: those that do not are tried last (RFC 3263, 4.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

from backoffice.voice.sip.hops import Hop

DOWN_FOR = 60.0
"""Seconds after which one that did not answer is taken for one that may."""
_W = TypeVar("_W")


class Reach:
    """What was seen last of each hop."""

    def __init__(self) -> None:
        self._down: dict[Hop, float] = {}

    def failed(self, hop: Hop) -> None:
        """It did not answer, or does not take anything now."""
        self._down[hop] = asyncio.get_running_loop().time()

    def answered(self, hop: Hop) -> None:
        self._down.pop(hop, None)

    def is_down(self, hop: Hop) -> bool:
        since = self._down.get(hop)
        return since is not None and asyncio.get_running_loop().time() - since < DOWN_FOR

    def best_first(self, ways: Iterable[_W], hop_of: Callable[[_W], Hop]) -> list[_W]:
        """In their order, but those that are down come last."""
        return sorted(ways, key=lambda way: self.is_down(hop_of(way)))
