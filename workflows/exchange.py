"""What goes between a process and the back office: plain data, ids and references only, never personal data."""

from __future__ import annotations

from dataclasses import dataclass, field

Facts = dict[str, str]
"""Small facts that a process decides by: outcomes, times (ISO 8601, UTC), references. Never personal data."""


@dataclass(frozen=True)
class Opened:
    """The start of a case: its id, the facts of its opening, and who asked (opaque id of a member of staff or "")."""

    case: str
    facts: Facts = field(default_factory=dict)
    requester: str = ""


@dataclass(frozen=True)
class Answered:
    """A work item was answered. `command` is the id of the command that brings it: the same one counts once."""

    case: str
    command: str
    step: str
    outcome: str
    by: str = ""
    part: str = ""
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Happened:
    """Something happened outside the process: a card was delivered, a child case closed."""

    case: str
    command: str
    kind: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Turned:
    """The case was frozen, unfrozen or withdrawn; the rows say so already."""

    case: str
    command: str
    reason: str = ""


@dataclass(frozen=True)
class EffectCall:
    name: str
    args: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Tell:
    """A message to the customer, by the name of its template."""

    template: str
    channels: tuple[str, ...] = ("mail",)
    urgent: bool = False
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class OpenItem:
    """A work item to open. `due_at` is ISO 8601, UTC. `holder` is the opaque id of the person it is given to."""

    kind: str
    step: str
    performer: str
    due_at: str
    role: str = ""
    holder: str = ""
    level: int = 1
    part: str = ""
    why: str = ""


@dataclass(frozen=True)
class OpenChild:
    process: str
    step: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Close:
    """The end of a case; `outcome` is one of `cases.models.CaseOutcome`. `facts` go to the parent case."""

    outcome: str
    reason: str = ""
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Transition:
    """One step of a case, done whole or not at all in one database transaction, once for each `number`.

    `at` is the process's own clock (ISO 8601, UTC). `compensating` lets it pass in a case that is being stopped.
    """

    case: str
    number: int
    at: str
    stage: str = ""
    effects: tuple[EffectCall, ...] = ()
    tells: tuple[Tell, ...] = ()
    opens: tuple[OpenItem, ...] = ()
    children: tuple[OpenChild, ...] = ()
    expires: tuple[str, ...] = ()
    withdraws: tuple[str, ...] = ()
    reminds: tuple[str, ...] = ()
    escalates: tuple[str, ...] = ()
    waiting_on: str = ""
    waiting_until: str = ""
    no_return: bool = False
    compensating: bool = False
    close: Close | None = None


@dataclass(frozen=True)
class OutsideCall:
    """A call of an outside system, and the row that records its answer. `at` is when the process first asked for it,
    however often since (ISO 8601, UTC). `key` is the outside system's idempotency key: the same over all attempts,
    another one only after a final refusal that a person chose to try again. `before` is what the process said until
    then: it is done first, once, in the transaction that looks whether the call may be made."""

    case: str
    number: int
    at: str
    effect: EffectCall
    key: str
    compensating: bool = False
    before: Transition | None = None


@dataclass(frozen=True)
class Done:
    """What came of a transition. `held` is "" when it was done, "frozen" or "stopping" when the case does not let it
    pass, and then nothing was written. `late` names the steps that were answered before they could expire."""

    held: str = ""
    facts: Facts = field(default_factory=dict)
    late: tuple[str, ...] = ()
