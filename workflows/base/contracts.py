"""What crosses between a process and the back office: ids, codes, times and typed facts, never personal data.

Both sides declare the rest in the process's spec, so it is not sent. Unknown fields are passed over, so that versions
of both sides mix. Facts cross as plain data (`Wire`) and are typed again by what the spec declares.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from workflows.base.spec import Facts

Wire = dict[str, Any]
"""Facts as they cross: what JSON can hold."""
F = TypeVar("F", bound=Facts)


def to_wire(facts: Facts) -> Wire:
    """Times become ISO 8601 text, enums their values; what is as by default is left out."""
    wire: Wire = msgspec.to_builtins(facts)
    return wire


def from_wire(wire: Wire, kind: type[F]) -> F:
    """Raises `msgspec.ValidationError` where they are not facts of this kind."""
    return msgspec.convert(wire, kind)


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """The base of all that crosses."""


# --- to the process ---------------------------------------------------------------------------------------------------


class Opened(Contract, frozen=True):
    """The start of a case. `requester` is the opaque id of the member of staff who asked, or empty. `state` is what
    lasts of a case that continues as new."""

    case: str
    facts: Wire = {}
    requester: str = ""
    state: State | None = None


class Answered(Contract, frozen=True):
    """A work item was answered. `command` is the id of the command that brings it: the same one counts once. `by` is
    the opaque id of a member of staff, `party` the role of a second party, both empty for the customer."""

    case: str
    command: str
    step: str
    outcome: str
    by: str = ""
    part: str = ""
    party: str = ""
    facts: Wire = {}


class Happened(Contract, frozen=True):
    """Something that the process's spec declares as a signal happened outside it."""

    case: str
    command: str
    kind: str
    facts: Wire = {}


class ChildClosed(Contract, frozen=True):
    """The case under this one that was opened as `step` has ended. `parts` is who had which part in it: four eyes are
    counted over the family."""

    case: str
    command: str
    step: str
    result: str
    facts: Wire = {}
    parts: dict[str, str] = {}


class Turned(Contract, frozen=True):
    """The case was frozen, unfrozen or withdrawn; the rows say so already."""

    case: str
    command: str
    reason: str = ""


class SystemBack(Contract, frozen=True):
    """An outside system answers again: what waits for it need not wait longer."""

    case: str
    command: str
    system: str


# --- to the back office -----------------------------------------------------------------------------------------------


class DoEffect(Contract, frozen=True):
    name: str
    args: Wire = {}


class SendNotice(Contract, frozen=True):
    """`shows` are the values that the notice may show, as the process knows them."""

    name: str
    shows: Wire = {}


class Why(Contract, frozen=True):
    """Why a work item is needed now: a code, and what it is about."""

    code: str
    about: str = ""


class OpenItem(Contract, frozen=True):
    """A work item to open; what its kind declares is not repeated. `holder` is the opaque id of the person it is given
    to, `party` the role of the second party that it is for."""

    kind: str
    step: str
    due_at: datetime
    holder: str = ""
    party: str = ""
    why: Why | None = None


class OpenChild(Contract, frozen=True):
    process: str
    step: str
    facts: Wire = {}


class Close(Contract, frozen=True):
    """The end of a case, and what its parent learns of it. `result` is one of `spec.Result`, `reason` a code."""

    result: str
    reason: str = ""
    facts: Wire = {}
    parts: dict[str, str] = {}


class Said(Contract, frozen=True):
    """What a story said between two steps, done in one transaction. `no_return` is the point of no return."""

    no_return: bool = False
    effects: tuple[DoEffect, ...] = ()
    stage: str = ""
    waiting_on: str = ""
    waiting_until: datetime | None = None
    withdraws: tuple[str, ...] = ()
    expires: tuple[str, ...] = ()
    reminds: tuple[str, ...] = ()
    escalates: tuple[str, ...] = ()
    opens: tuple[OpenItem, ...] = ()
    notices: tuple[SendNotice, ...] = ()
    children: tuple[OpenChild, ...] = ()
    close: Close | None = None


class MakeCall(Contract, frozen=True):
    """A call of an outside system. `key` is the system's idempotency key and the name of the record: the same over all
    attempts, another one only after a final refusal that a person chose to try again. `asked_at` is when the story
    first asked for it. `before` is what the story said until then, done once, with the record or before it."""

    name: str
    key: str
    asked_at: datetime
    args: Wire = {}
    before: Said = Said()


class OutsideCall(Contract, frozen=True):
    """One call by itself. `brief` is the first short try, after which a longer one follows where it fails.
    `compensating` lets it pass in a case that is being stopped."""

    case: str
    at: datetime
    call: MakeCall
    brief: bool = False
    compensating: bool = False


class Transition(Contract, frozen=True):
    """One step of a case, done whole or not at all, once for each `number`, with the calls that go with it: these are
    made first, and recorded in the same transaction.

    `at` is the process's own clock. `known` is the highest number whose result the engine surely keeps: the rows may
    forget it.
    """

    case: str
    number: int
    at: datetime
    said: Said = Said()
    calls: tuple[MakeCall, ...] = ()
    known: int = 0
    compensating: bool = False


class Done(Contract, frozen=True):
    """What came of a step. `held` is "" when it was done, "frozen" or "stopping" when the case does not let it pass.
    `taken` says that another step has this number, of which the process does not know: it takes the next one.
    `facts` are what the last effect, or the call, answered; `late` the steps that were answered before they could
    expire; `made` the keys of the calls that were made, though the rest was held."""

    held: str = ""
    taken: bool = False
    facts: Wire = {}
    late: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


# --- what lasts when a case continues as new --------------------------------------------------------------------------


class Freeze(Contract, frozen=True):
    """`until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


class Inbox(Contract, frozen=True):
    """All that came. `seen` are the ids of its commands, `parts` is who has which part in the family of cases, by
    opaque id."""

    seen: tuple[str, ...] = ()
    answers: dict[str, Answered] = {}
    happenings: tuple[Happened, ...] = ()
    children: dict[str, ChildClosed] = {}
    parts: dict[str, str] = {}
    freezes: tuple[Freeze, ...] = ()
    withdrawn: Turned | None = None


class Entry(Contract, frozen=True):
    """What one await of a story gave. `of` says what was awaited, `what` what ended it: the step that was answered, the
    command of what happened, how a call failed; empty where time ran out, or all went well."""

    at: datetime
    of: str
    branch: str = ""
    what: str = ""
    code: str = ""
    facts: Wire = {}
    late: tuple[str, ...] = ()


class State(Contract, frozen=True):
    """All that lasts: when the story began, what it has lived through, what came, the number of the last step, and
    which changes of the story this case knows of."""

    began_at: datetime
    number: int
    journal: tuple[Entry, ...] = ()
    inbox: Inbox = Inbox()
    changes: dict[str, bool] = {}
