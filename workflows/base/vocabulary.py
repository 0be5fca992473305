"""The closed sets of a spec: stages, outcomes, results, endings, performers, channels. Texts are English sources for
gettext."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


def N_(text: str) -> str:  # noqa: N802 - the conventional name that gettext's extractor looks for
    """Marks a text for translation. The code that shows it translates it."""
    return text


class Stage(StrEnum):
    """A stage of a process: value, name for staff, name for the customer. They are declared in the order of the story.
    A stage without a name for the customer is not shown to them. A stage that only some cases reach is `optional`.
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


class Outcome(StrEnum):
    """A possible result of a work item: its value, such as "approved", and its words for staff."""

    words: str

    def __new__(cls, value: str, words: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member


class Result(StrEnum):
    """How a case can end."""

    DONE = "done"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REJECTED = "rejected"
    FAILED = "failed"


class Ending(StrEnum):
    """A named way in which a story ends early: code, result of the case, and the reason in words for staff."""

    result: Result
    words: str

    def __new__(cls, value: str, result: Result, words: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.result = result
        member.words = words
        return member


class Performer(StrEnum):
    """Who does a work item; the values are those of `cases.models.PerformerKind`."""

    CUSTOMER = "customer"
    ROLE = "role"
    PERSON = "person"
    PARTY = "party"


class WhenDue(StrEnum):
    """What happens to a work item that nobody answers in time."""

    EXPIRE = "expire"
    """It closes, and the process goes on with the outcome "expired"."""
    ESCALATE = "escalate"
    """It goes to the supervisors' worklist too, and stays open."""


EXPIRED = "expired"
"""The outcome of a work item that closed by itself. Each kind that expires has it among its outcomes."""


class MessageChannel(StrEnum):
    MAIL = "mail"
    SMS = "sms"
    LETTER = "letter"
