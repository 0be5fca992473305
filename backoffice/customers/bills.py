"""The kinds of bills that other apps send to customers, and that somebody else may pay. Whoever takes payments finds
and settles bills without knowing these apps. Each app registers its kind when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backoffice.actors import Actor
from backoffice.customers.models import Customer
from backoffice.money import Money


@dataclass(frozen=True)
class Bill:
    """A bill as it stands now. `key` names it within its kind, `reference` is what stands on it, and `to_pay` is what
    is still to be paid of it, which can be nothing."""

    customer: Customer
    key: str
    reference: str
    to_pay: Money


class Settles(Protocol):
    """Books a payment of a bill, in the transaction of the caller. Nothing is booked unless exactly `amount` is still
    to be paid; gives whether it was. `payment` is the id by which it is booked once. `now` is aware UTC."""

    def __call__(self, *, key: str, payment: str, amount: Money, by: Actor, now: datetime) -> bool: ...


class TakesBack(Protocol):
    """The payment that was booked by this id does not count any more, because a bank took the money back; whether there
    was such a payment. Once more it does nothing. In the transaction of the caller; `now` is aware UTC."""

    def __call__(self, *, key: str, payment: str, by: Actor, now: datetime) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class BillKind:
    """`find` gives the bill whose reference was typed, `look` the one of a key. `currencies` are those that such bills
    can be in."""

    name: str
    currencies: Collection[str]
    find: Callable[[str], Bill | None]
    look: Callable[[str], Bill | None]
    settle: Settles
    take_back: TakesBack


_kinds: dict[str, BillKind] = {}


def register(kind: BillKind) -> None:
    """Raises `ValueError` for a second kind of the same name."""
    if kind.name in _kinds:
        raise ValueError(f"two kinds of bills are called “{kind.name}”")
    _kinds[kind.name] = kind


def kind_of(name: str) -> BillKind:
    """Raises `KeyError` for a kind that is not installed here."""
    return _kinds[name]


def all_kinds() -> Sequence[BillKind]:
    return tuple(_kinds.values())


def currencies() -> Sequence[str]:
    """In which any bill can be, in the order of their codes."""
    return sorted({one for kind in _kinds.values() for one in kind.currencies})
