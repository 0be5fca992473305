"""What else the voice menu of our number offers: branches, which rooms above this one fill. Each takes one digit.

A branch keeps by itself which conversations it has. It is told every event of calls that come in which is not of the
menu, and says for which of them it has the gateway do something next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.actors import Actor
from backoffice.staff.rights import Text
from backoffice.voice.contract import INCOMING, Command, Event

CHECK_DIGIT = "1"
"""Of the check whether one of us is calling: it comes first in the menu."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One branch. `offer` is a whole sentence, and ends in the digit: “To add money to your balance, press 2.” While
    `is_open` says no, the menu does not offer it.

    All times are aware. `begin` takes over a conversation: the same one twice is taken over once. `hear` takes an event
    in, and says whether the conversation is the branch's; the branch itself has its next step woken
    (`waking.proceed_in_branch`). `proceed` gives what the gateway is to do in the state that the conversation is in:
    the same state gives the same keys, so that it is done once.
    """

    name: str
    digit: str
    offer: Text
    is_open: Callable[[], bool]
    begin: Callable[[str, datetime], None]
    hear: Callable[[Event, Actor, datetime], bool]
    proceed: Callable[[str, datetime], Sequence[Command]]


_branches: dict[str, Branch] = {}


def offer(branch: Branch) -> None:
    """Adds the branch to the menu. Raises `ValueError` for a digit or a name that another one has."""
    others = [one for one in _branches.values() if one != branch]
    if branch.digit == CHECK_DIGIT or any(one.digit == branch.digit for one in others):
        raise ValueError(f"the digit {branch.digit} of the voice menu is taken")
    if any(one.name == branch.name for one in others):
        raise ValueError(f"the voice menu has a branch {branch.name} already")
    _branches[branch.name] = branch


def open_now() -> Sequence[Branch]:
    """Those that the menu offers now, by their digits."""
    return sorted((one for one in _branches.values() if one.is_open()), key=lambda one: one.digit)


def behind(digit: str) -> Branch | None:
    """The branch that is offered under this digit now."""
    return next((one for one in open_now() if one.digit == digit), None)


def hear(event: Event, by: Actor, now: datetime) -> bool:
    """Tells the branches of an event of a call that came in. Whether one of them has this conversation."""
    return event.conversation.startswith(INCOMING) and any(one.hear(event, by, now) for one in _branches.values())


def proceed(name: str, conversation: str, now: datetime) -> Sequence[Command]:
    """What the gateway is to do next in a conversation of this branch. Raises `KeyError` for one that is not there."""
    return _branches[name].proceed(conversation, now)
