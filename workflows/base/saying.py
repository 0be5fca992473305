"""What a story says between two steps, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from workflows.base.contracts import Close, DoEffect, MakeCall, OpenChild, OpenItem, Said, SendNotice, Wire
from workflows.base.spec import Call, Effect, Result

Held = Callable[[datetime], timedelta]
"""How long the case was frozen between then and now."""
STOPPED = frozenset(Result) - {Result.DONE}


@dataclass(frozen=True)
class Undo:
    """Takes something back when the case ends with one of `results`."""

    by: Effect[Any, Any] | Call[Any, Any]
    args: Wire
    results: frozenset[Result] = STOPPED


@dataclass(frozen=True)
class Planned:
    """A call that the story asks for. `before` is what the story had said until then."""

    call: Call[Any, Any]
    key: str
    asked_at: datetime
    args: Wire
    before: Saying
    irrevocable: bool = False
    undo: Undo | None = None

    def request(self, held: Held) -> MakeCall:
        said = self.before.said(held)
        if self.irrevocable:
            said = msgspec.structs.replace(said, no_return=True)
        return MakeCall(self.call.name, self.key, self.asked_at, self.args, said)


@dataclass
class Saying:
    """What the story has said since the last step, and the `calls`, each with what was said before it."""

    calls: list[Planned] = field(default_factory=list)
    effects: list[DoEffect] = field(default_factory=list)
    undos: list[Undo] = field(default_factory=list)
    stage: str = ""
    waiting_on: str = ""
    waiting_until: datetime | None = None
    withdraws: list[str] = field(default_factory=list)
    expires: list[str] = field(default_factory=list)
    reminds: list[str] = field(default_factory=list)
    escalates: list[str] = field(default_factory=list)
    opens: list[tuple[OpenItem, datetime]] = field(default_factory=list)
    """Each item with the time at which it was asked for. If a freeze delays its opening, it is due later by that
    time."""
    notices: list[SendNotice] = field(default_factory=list)
    children: list[OpenChild] = field(default_factory=list)
    close: Close | None = None

    @property
    def is_empty(self) -> bool:
        return self == Saying()

    def said(self, held: Held) -> Said:
        """What was said as a contract, without the calls."""
        return Said(
            effects=tuple(self.effects),
            stage=self.stage,
            waiting_on=self.waiting_on,
            waiting_until=self.waiting_until,
            withdraws=tuple(self.withdraws),
            expires=tuple(self.expires),
            reminds=tuple(self.reminds),
            escalates=tuple(self.escalates),
            opens=tuple(
                msgspec.structs.replace(item, due_at=item.due_at + held(asked_at)) for item, asked_at in self.opens
            ),
            notices=tuple(self.notices),
            children=tuple(self.children),
            close=self.close,
        )
