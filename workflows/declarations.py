"""What a process declares about itself: its stages, the kinds of its work items, its durations.

Plain data without Django and without Temporal. The stepper on every face, the API's schema, the admin's filters and
the table in the documentation are made from it; nothing repeats it. Texts are English sources for gettext.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Self


def N_(text: str) -> str:  # noqa: N802 - the conventional name that gettext's extractor looks for
    """Marks a text for translation; the faces translate it."""
    return text


class Stage(StrEnum):
    """A stage of a process in the order of its story: value, name for staff, name for the customer.

    A stage without a name for the customer is not shown to him. A stage that only some cases reach is `optional`.
    """

    staff: str
    customer: str
    optional: bool

    def __new__(cls, value: str, staff: str, customer: str = "", optional: bool = False) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.staff = staff
        member.customer = customer
        member.optional = optional
        return member


class Performer(StrEnum):
    """Who does a work item; the values are those of `cases.models.PerformerKind`."""

    CUSTOMER = "customer"
    ROLE = "role"
    PERSON = "person"
    PARTY = "party"


class WhenDue(StrEnum):
    """What happens to a work item that nobody answered in time."""

    EXPIRE = "expire"
    """It closes, and the process goes on with the outcome "expired"."""
    ESCALATE = "escalate"
    """It goes to the supervisors' worklist too, and waits on."""


EXPIRED = "expired"
"""The outcome of a work item that closed by itself."""


@dataclass(frozen=True, kw_only=True)
class ItemKind:
    """A kind of work item. `level` is the level of assurance that an answer needs (0 to 3). `part` is the part in the
    case that its answerer takes: nobody has two parts in one family of cases (four eyes).

    `remind` is counted from the opening; None means at 50 % and 85 % of `due`.
    """

    name: str
    title: str
    performer: Performer
    outcomes: tuple[str, ...]
    due: timedelta
    customer_title: str = ""
    role: str = ""
    level: int = 1
    part: str = ""
    remind: tuple[timedelta, ...] | None = None
    when_due: WhenDue = WhenDue.ESCALATE
    reminder: str = "item_reminder"
    """The template of the reminder to the customer."""
    while_frozen: bool = False
    """It is answered while the case is frozen: looking into the suspicion itself."""

    def reminders(self, due: timedelta) -> tuple[timedelta, ...]:
        if self.remind is not None:
            return tuple(mark for mark in self.remind if mark < due)
        return (due * 0.5, due * 0.85)


@dataclass(frozen=True, kw_only=True)
class ProcessDeclaration:
    """`withdrawable` says in the customer's words what stopping the case means."""

    name: str
    title: str
    customer_title: str
    stages: type[Stage]
    kinds: tuple[ItemKind, ...]
    durations: Mapping[str, timedelta] = field(default_factory=dict)
    stopping: str = ""

    def kind(self, name: str) -> ItemKind:
        return next(kind for kind in self.kinds if kind.name == name)


RESOLVE_FAILURE = ItemKind(
    name="resolve_failure",
    title=N_("Resolve what an outside system refused"),
    performer=Performer.ROLE,
    role="supervisor",
    outcomes=("retry", "give_up"),
    due=timedelta(hours=4),
)
"""Every process can ask for it: an outside system refused for good, and a person decides what now."""

COMMON_KINDS = (RESOLVE_FAILURE,)
