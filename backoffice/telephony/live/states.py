"""The five sentences, and from what each follows.

| sentence | follows from |
|---|---|
| `CANNOT_CHECK` | no snapshot within the last 15 s; or the console of a call that is on has been silent for longer |
| `TALKING` | a call of ours with this customer was answered, and is not over |
| `CALLING` | one was dialled or rings; nobody has answered it |
| `NOT_US` | the reader says that somebody is on the telephone now, and a snapshot of the last 3 s has no call of ours |
| `NOBODY` | no call of ours that was dialled |

They are tried in this order. A call that somebody makes to us never counts: a fraudster could call us as the customer
and the customer on another telephone, and the customer's own page would vouch for them. A call that is announced was
not dialled, so while it waits whoever rings is not us. `NOT_US` is the only sentence that can cost a genuine call, so
it needs a younger snapshot than the others: an agent who dialled a moment ago must not be called a fraudster. Where
there is none it reads `CANNOT_CHECK`; in both one hangs up. While one of our calls is on, whoever says that they are
on the telephone is told who of us should be at the other end, and compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from backoffice.telephony.believed import BELIEVED_FOR

FRESH_FOR = BELIEVED_FOR.total_seconds()
"""Seconds for which a state is believed."""
DENIED_WITHIN = 3.0
"""Seconds. A snapshot may be no older for `NOT_US`."""


class LiveState(StrEnum):
    NOBODY = "nobody"
    CALLING = "calling"
    TALKING = "talking"
    NOT_US = "not_us"
    CANNOT_CHECK = "cannot_check"


@dataclass(frozen=True)
class OnCall:
    """One call of ours that was dialled and is not over.

    `agent` is a given name, empty where a voice of ours speaks and not a person, `team` in the customer's words ("the
    cards team"), `number` masked. `since` is when it was answered, or dialled while it was not, and `heard` when the
    console or the provider last said that it goes on; both in seconds since 1970 (UTC).
    """

    talking: bool
    agent: str
    team: str
    case: str
    number: str
    since: float
    heard: float

    @property
    def began(self) -> datetime:
        """`since` as an aware time."""
        return datetime.fromtimestamp(self.since, UTC)


@dataclass(frozen=True)
class Live:
    """What a page may say now. `age` is that of the snapshot in seconds, and `good_for` for how many seconds this can
    still be believed. `calls` are those of ours that are on, those in which somebody talks first."""

    state: LiveState
    calls: Sequence[OnCall] = ()
    age: float = 0.0
    good_for: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether a page must show it, wherever the customer is."""
        return bool(self.calls)

    def to_somebody_on_the_telephone(self) -> Live:
        """The same for a reader who says that somebody is on the telephone now and claims to be us."""
        if self.state != LiveState.NOBODY:
            return self
        return replace(self, state=LiveState.NOT_US if self.age <= DENIED_WITHIN else LiveState.CANNOT_CHECK)

    def as_message(self) -> dict[str, Any]:
        """For the script of a page: JSON with the fields of this class and of `OnCall`. What cannot be believed is not
        told."""
        told = self.calls if self.state in (LiveState.CALLING, LiveState.TALKING) else ()
        calls = [
            {
                "talking": call.talking,
                "agent": call.agent,
                "team": call.team,
                "case": call.case,
                "number": call.number,
                "since": call.since,
            }
            for call in told
        ]
        return {
            "state": self.state,
            "on": self.is_on,
            "calls": calls,
            "age": round(self.age, 1),
            "good_for": round(self.good_for, 1),
        }


CANNOT_CHECK = Live(LiveState.CANNOT_CHECK)


def live_of(calls: Sequence[OnCall], *, age: float, now: float) -> Live:
    """What follows from the calls of a snapshot of this age, which is fresh. `now` is in seconds since 1970."""
    on = sorted(calls, key=lambda call: (not call.talking, -call.since))
    good_for = min([FRESH_FOR - age, *(FRESH_FOR - abs(now - call.heard) for call in on)])
    if good_for < 0:
        return Live(LiveState.CANNOT_CHECK, on, age)
    if not on:
        return Live(LiveState.NOBODY, (), age, good_for)
    return Live(LiveState.TALKING if on[0].talking else LiveState.CALLING, on, age, good_for)
