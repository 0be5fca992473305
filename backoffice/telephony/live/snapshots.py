"""What is published: all calls of ours that are on, as one sealed text with a number and a time.

It is sealed as a whole, with a key that only we have: who writes into the shared cache without it, or half of it,
changes nothing. Customers, cases and telephone numbers stand in it as keyed hashes, each for its own use.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from threading import Lock

from backoffice.sealed import keyed_hash, seal_for, unseal_for
from backoffice.telephony.live.states import CANNOT_CHECK, FRESH_FOR, Live, OnCall, live_of

AHEAD = 2.0
"""Seconds by which a clock may be ahead of ours. A snapshot from further in the future is not believed."""
_ABOUT = "calls that are on"
_HASH = 32
"""Hexadecimal digits."""


def key_of_customer(public_id: uuid.UUID) -> str:
    return keyed_hash("live.customer", str(public_id))[:_HASH]


def key_of_case(reference: str, last_three: str) -> str:
    """Of a case together with the last three digits of the number that is called."""
    return keyed_hash("live.case", f"{reference}|{last_three}")[:_HASH]


def key_of_number(number: str) -> str:
    """Of a telephone number in E.164."""
    return keyed_hash("live.number", number)[:_HASH]


class Unreadable(ValueError):
    """This is no snapshot of ours, or not a whole one."""


@dataclass(frozen=True)
class Snapshot:
    """The calls that were on at `at` (seconds since 1970 by the clock of the database), under each key by which they
    may be asked for, and the marks of the sessions that ended lately: their pages are told nothing any more. A later
    snapshot has a greater `sequence`, whoever published it."""

    sequence: int
    at: float
    calls: Mapping[str, Sequence[OnCall]] = field(default_factory=dict)
    ended: Set[str] = frozenset()

    @classmethod
    def taken(cls, at: float, calls: Iterable[tuple[Sequence[str], OnCall]], *, ended: Iterable[str] = ()) -> Snapshot:
        """Of calls with their keys, and of marks of sessions."""
        by_key: dict[str, list[OnCall]] = {}
        for keys, call in calls:
            for key in keys:
                by_key.setdefault(key, []).append(call)
        return cls(int(at * 1_000_000), at, by_key, frozenset(ended))

    def sealed(self) -> bytes:
        calls = {key: [asdict(call) for call in those] for key, those in self.calls.items()}
        told = {"sequence": self.sequence, "at": self.at, "calls": calls, "ended": sorted(self.ended)}
        return seal_for(json.dumps(told, separators=(",", ":")).encode(), about=_ABOUT)


def unsealed(sealed: bytes) -> Snapshot:
    """Raises `Unreadable`."""
    try:
        said = json.loads(unseal_for(sealed, about=_ABOUT))
        calls = {key: tuple(OnCall(**call) for call in those) for key, those in said["calls"].items()}
        return Snapshot(int(said["sequence"]), float(said["at"]), calls, frozenset(said["ended"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unreadable from None


class Latest:
    """The last snapshot that a reader got, and whether it can still be believed.

    Two clocks must agree. By our wall clock, the snapshot's own time lies at most 15 s back, and not ahead. By our
    steady clock, its number was new at most 15 s ago. So a publisher that stands still or repeats itself, one whose
    clock stands still, a reader whose clock stands still, and a snapshot that somebody plays again are all found out.
    When nothing new came for 15 s the last number is forgotten, so that a database whose clock was set back is believed
    again.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady, self._lock = wall, steady, Lock()
        self._snapshot: Snapshot | None = None
        self._new_at = 0.0

    def take(self, sealed: bytes) -> Snapshot | None:
        """Takes a snapshot as it was published. The result is None for one that is not newer. Raises `Unreadable`."""
        snapshot = unsealed(sealed)
        with self._lock:
            now, last = self._steady(), self._snapshot
            if last is not None and snapshot.sequence <= last.sequence and now - self._new_at <= FRESH_FOR:
                return None
            self._snapshot, self._new_at = snapshot, now
        return snapshot

    def age(self) -> float | None:
        """In seconds; None while nothing can be believed."""
        with self._lock:
            snapshot, new_at = self._snapshot, self._new_at
        if snapshot is None:
            return None
        by_wall, by_steady = self._wall() - snapshot.at, self._steady() - new_at
        return max(by_wall, by_steady) if by_wall >= -AHEAD and max(by_wall, by_steady) <= FRESH_FOR else None

    def has_ended(self, *marks: str) -> bool:
        """Whether the session with these marks ended, as far as is known. What is not known yet is never believed long:
        then the state itself is too old."""
        snapshot = self._snapshot
        return snapshot is not None and not snapshot.ended.isdisjoint(marks)

    def of(self, key: str) -> Live:
        """What a page may say about the calls under a key of this module."""
        age, snapshot = self.age(), self._snapshot
        if age is None or snapshot is None:
            return CANNOT_CHECK
        return live_of(snapshot.calls.get(key, ()), age=age, now=self._wall())
