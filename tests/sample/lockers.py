"""The lockers' own system: what we ask of it, and a simulator of it. The key makes each request count once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from backoffice.cases.outside import OutsideRefused, OutsideUnavailable

NUMBERS = range(1, 401)


class Lockers(Protocol):
    """Each raises `OutsideRefused` for a final refusal, and `OutsideUnavailable` when nobody knows what was done."""

    def hold(self, number: int, *, key: str) -> None:
        """Nobody else can get it."""

    def release(self, number: int, *, key: str) -> None: ...

    def assign(self, number: int, *, key: str) -> None:
        """Gives it to its new holder."""


@dataclass
class Simulated:
    away: bool = False
    held: set[int] = field(default_factory=set)
    assigned: set[int] = field(default_factory=set)
    done: set[str] = field(default_factory=set)

    def hold(self, number: int, *, key: str) -> None:
        if self._is_new(key):
            if number in self.held:
                raise OutsideRefused("held_already")
            self.held.add(number)
            self.done.add(key)

    def release(self, number: int, *, key: str) -> None:
        if self._is_new(key):
            self.held.discard(number)
            self.done.add(key)

    def assign(self, number: int, *, key: str) -> None:
        if self._is_new(key):
            if number not in self.held:
                raise OutsideRefused("not_held")
            self.held.discard(number)
            self.assigned.add(number)
            self.done.add(key)

    def _is_new(self, key: str) -> bool:
        if self.away:
            raise OutsideUnavailable
        return key not in self.done


@cache
def lockers() -> Lockers:
    return Simulated()
