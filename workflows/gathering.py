"""What a story says between two transitions, and what takes back an effect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from workflows.exchange import Close, EffectCall, OpenChild, OpenItem, Tell, Transition


@dataclass
class Gathered:
    """What the story has said since the last transition."""

    stage: str = ""
    effects: list[EffectCall] = field(default_factory=list)
    tells: list[Tell] = field(default_factory=list)
    opens: list[OpenItem] = field(default_factory=list)
    children: list[OpenChild] = field(default_factory=list)
    expires: list[str] = field(default_factory=list)
    withdraws: list[str] = field(default_factory=list)
    reminds: list[str] = field(default_factory=list)
    escalates: list[str] = field(default_factory=list)
    waiting_on: str = ""
    waiting_until: str = ""
    no_return: bool = False
    close: Close | None = None

    def transition(self, *, case: str, number: int, at: datetime, compensating: bool, held: timedelta) -> Transition:
        """`held` is for how long a freeze has held it back: what it opens is due so much later."""
        return Transition(
            case=case,
            number=number,
            at=at.isoformat(),
            stage=self.stage,
            effects=tuple(self.effects),
            tells=tuple(self.tells),
            opens=tuple(_later(item, held) for item in self.opens),
            children=tuple(self.children),
            expires=tuple(self.expires),
            withdraws=tuple(self.withdraws),
            reminds=tuple(self.reminds),
            escalates=tuple(self.escalates),
            waiting_on=self.waiting_on,
            waiting_until=self.waiting_until,
            no_return=self.no_return,
            compensating=compensating,
            close=self.close,
        )


@dataclass(frozen=True)
class Undo:
    """What takes back an effect when the case ends with one of `outcomes`; empty: with any but "done"."""

    effect: EffectCall
    outside: bool
    outcomes: tuple[str, ...]


def _later(item: OpenItem, held: timedelta) -> OpenItem:
    """The item with its due date moved by the time for which a freeze held back its opening."""
    if not held:
        return item
    return replace(item, due_at=(datetime.fromisoformat(item.due_at) + held).isoformat())
