"""What processes do to the world, by the names of process and effect: "card_reissue.assess_risk". An app registers the
code of its effects in its `activities.py`; what it takes and gives is typed as the process's spec declares it.

An effect on our own records runs inside the transaction of its transition. A call outside is made before: its function
makes the call, with the idempotency key, and returns what records the answer in the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from backoffice.cases.models import Case
from workflows.base.spec import Facts

Shown = dict[str, str]
"""What a message may show."""

Record = Callable[[Case, datetime], Facts | None]
"""Writes what the outside system answered; what it returns are the facts that the process learns."""


class OwnEffect(Protocol):
    def __call__(self, *, case: Case, args: Any, now: datetime) -> Facts: ...


class OutsideEffect(Protocol):
    """`asked_at` is when the process first asked for it (UTC), however often since."""

    def __call__(self, *, case: Case, args: Any, key: str, asked_at: datetime, now: datetime) -> Record: ...


class Opening(Protocol):
    def __call__(self, *, case: Case, args: Mapping[str, str], now: datetime) -> Facts: ...


class OutsideRefused(Exception):
    """An outside system refused for good; `code` is its code, without personal data. A person decides what now."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.key = ""
        """The key of the call, once it is known."""


class OutsideUnavailable(Exception):
    """An outside system does not answer, or what it did is not known: try again with the same key."""

    def __init__(self, code: str = "unavailable") -> None:
        super().__init__(code)
        self.code = code


_own: dict[str, OwnEffect] = {}
_outside: dict[str, OutsideEffect] = {}
_openings: dict[str, Opening] = {}
_closings: dict[str, Callable[[Case], None]] = {}
_telling: dict[str, Callable[[Case, str], Shown]] = {}


def effect(name: str) -> Callable[[OwnEffect], OwnEffect]:
    def register(function: OwnEffect) -> OwnEffect:
        _own[name] = function
        return function

    return register


def outside(name: str) -> Callable[[OutsideEffect], OutsideEffect]:
    def register(function: OutsideEffect) -> OutsideEffect:
        _outside[name] = function
        return function

    return register


def opening(process: str) -> Callable[[Opening], Opening]:
    """Registers what is done when a case of this process opens: its checks and its particulars. `args` are the
    opening's content; what it returns are the facts that the process starts with."""

    def register(function: Opening) -> Opening:
        _openings[process] = function
        return function

    return register


def own_effect(name: str) -> OwnEffect:
    return _own[name]


def outside_effect(name: str) -> OutsideEffect:
    return _outside[name]


def opening_of(process: str) -> Opening:
    return _openings[process]


def closing(process: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Registers what an app does with its particulars when a case of this process closes, whatever its outcome."""

    def register(function: Callable[[Case], None]) -> Callable[[Case], None]:
        _closings[process] = function
        return function

    return register


def closing_of(process: str) -> Callable[[Case], None] | None:
    return _closings.get(process)


def telling(process: str) -> Callable[[Callable[[Case, str], Shown]], Callable[[Case, str], Shown]]:
    """Registers what the messages of a process may show besides what its process says: the last four of a card. Its
    function gets the case and the message's template; it is asked when the message is written, so that what it tells is
    in no history of the engine."""

    def register(function: Callable[[Case, str], Shown]) -> Callable[[Case, str], Shown]:
        _telling[process] = function
        return function

    return register


def telling_of(case: Case, template: str) -> Shown:
    found = _telling.get(case.process)
    return found(case, template) if found else {}
