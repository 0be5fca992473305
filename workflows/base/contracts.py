"""What crosses between a process and the back office: ids, codes, times and typed facts, never personal data.

Both sides have the rest in the process's spec, so it is not sent. Unknown fields are ignored, so that different
versions of both sides work together. Facts cross as plain data (`Wire`), and become typed again by what the spec
declares.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from workflows.base.spec import Facts

Wire = dict[str, Any]
"""Facts as they cross: values that JSON can hold."""
F = TypeVar("F", bound=Facts)


def to_wire(facts: Facts) -> Wire:
    """Times become ISO 8601 text, and enums their values. Default values are left out."""
    wire: Wire = msgspec.to_builtins(facts)
    return wire


def from_wire(wire: Wire, kind: type[F]) -> F:
    """Raises `msgspec.ValidationError` when the data does not fit this kind of facts."""
    return msgspec.convert(wire, kind)


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """The base of everything that crosses."""


# --- to the process ---------------------------------------------------------------------------------------------------


class Opened(Contract, frozen=True):
    """The start of a case. `requester` is the opaque id of the member of staff who asked, or empty. `state` is the
    state of a case that continues as new."""

    case: str
    facts: Wire = {}
    requester: str = ""
    state: State | None = None


class Answered(Contract, frozen=True):
    """A work item was answered. `command` is the id of the command that carries the answer: the same id counts once.
    `by` is the opaque id of a member of staff, `party` the role of a second party; both are empty for the customer."""

    case: str
    command: str
    step: str
    outcome: str
    by: str = ""
    part: str = ""
    party: str = ""
    facts: Wire = {}


class Happened(Contract, frozen=True):
    """Something outside the process happened that its spec declares as a signal."""

    case: str
    command: str
    kind: str
    facts: Wire = {}


class ChildClosed(Contract, frozen=True):
    """The case under this one that was opened as `step` has ended. `parts` says who had which part in it, because four
    eyes are counted over the family."""

    case: str
    command: str
    step: str
    result: str
    facts: Wire = {}
    parts: dict[str, str] = {}


class Turned(Contract, frozen=True):
    """The case was frozen, unfrozen or withdrawn; our rows are already changed."""

    case: str
    command: str
    reason: str = ""


class SystemBack(Contract, frozen=True):
    """An outside system answers again, so calls of it can be made at once."""

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
    """A work item to open, without what its kind declares. `holder` is the opaque id of the person who gets it, `party`
    the role of the second party that it is for."""

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
    """Everything that a story said between two steps, to do in one transaction. `no_return` marks the point of no
    return."""

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
    """A call of an outside system. `key` is the system's idempotency key and the name of the record. It stays the same
    over all attempts; only when a person tries again after a final refusal is there a new one. `asked_at` is when the
    story asked for the call; after a worker was killed before the engine knew of that, it is later. `before` is what
    the story had said until then; it is done once, with the record or before it."""

    name: str
    key: str
    asked_at: datetime
    args: Wire = {}
    before: Said = Said()


class OutsideCall(Contract, frozen=True):
    """A single call. `brief` marks a first short try; if it fails, a longer one follows. `compensating` allows it in a
    case that is being stopped."""

    case: str
    at: datetime
    call: MakeCall
    brief: bool = False
    compensating: bool = False


class Transition(Contract, frozen=True):
    """One step of a case. It is done completely or not at all, and once for each `number`. Its calls are made first,
    and recorded in the same transaction. `at` is the process's own clock. `known` is the highest number whose result
    the engine certainly has, so our rows may forget it.
    """

    case: str
    number: int
    at: datetime
    said: Said = Said()
    calls: tuple[MakeCall, ...] = ()
    known: int = 0
    compensating: bool = False


class Done(Contract, frozen=True):
    """The result of a step. `held` is "" when it was done, and "frozen" or "stopping" when the case holds it back.
    `taken` means that another step, which the process does not know, has this number: the process uses the next one.
    `facts` are the answer of the last effect or the call. `late` are the steps that were answered before they could
    expire. `made` are the keys of calls that were made although the rest was held back."""

    held: str = ""
    taken: bool = False
    facts: Wire = {}
    late: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


# --- the state of a case that continues as new ------------------------------------------------------------------------


class Freeze(Contract, frozen=True):
    """A freeze of the case. `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


class Inbox(Contract, frozen=True):
    """Everything that came from outside. `seen` are the ids of its commands. `parts` says who has which part in the
    family of cases, by opaque id."""

    seen: tuple[str, ...] = ()
    answers: dict[str, Answered] = {}
    happenings: tuple[Happened, ...] = ()
    children: dict[str, ChildClosed] = {}
    parts: dict[str, str] = {}
    freezes: tuple[Freeze, ...] = ()
    withdrawn: Turned | None = None


class Entry(Contract, frozen=True):
    """The result of one await of a story. `of` says what was awaited. `what` says what ended it: the step that was
    answered, the command of an event, or how a call failed. It is empty when time ran out, or everything went well."""

    at: datetime
    of: str
    branch: str = ""
    what: str = ""
    code: str = ""
    facts: Wire = {}
    late: tuple[str, ...] = ()


class State(Contract, frozen=True):
    """The whole state: when the story began, its journal, its inbox, the number of the last step, and the changes of
    the story that this case knows."""

    began_at: datetime
    number: int
    journal: tuple[Entry, ...] = ()
    inbox: Inbox = Inbox()
    changes: dict[str, bool] = {}
