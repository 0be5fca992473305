"""Free text never holds a card number: what people type is checked before it is stored, and what machines send is
masked (PCI DSS 4.0, 3.3.1).

A number counts as a card number when it has 13 to 19 digits and the check digit is right (ISO/IEC 7812, Luhn). It may
be written in groups, in digits of any script, and with characters between them that nobody sees; other digits, such as
the date of expiry, may stand beside it. What else may stand between its digits depends on who writes: `Writing`.

An id of ours (a UUID with a letter in it) that stands alone is none, whatever its digits: forms carry the ids of what
is chosen, and the key by which a page that is sent twice counts once.

The time grows with the length of the text: from the end of each group of digits, at most twenty are read backwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backoffice.refusals import Invalid
from backoffice.sealed import keyed_hash
from backoffice.text import digits_of, kept, plain_dashes

SENTENCE = _("This looks like a card number. We never need it: please take it out.")
SHORTEST, LONGEST = 13, 19
_DIGITS = re.compile(r"\d+")
_ID = re.compile(r"(?=[0-9-]*[a-f])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""RFC 9562. Of a card number written in this form, no person would think."""
MASK = "····"
MOST_READ, MOST_BETWEEN = LONGEST + 1, 1_000
"""How many digits of a group are read, and how many characters between two groups."""
_FIRST_OF_CARDS = frozenset("23456")
"""The first digits of payment cards. Checked only for a number that is part of a longer run of digits."""


@dataclass(frozen=True)
class Writing:
    """How a number is written. At most `most_between` characters that can be seen stand between two groups of its
    digits, each of them of `separators`; None: each that is neither letter nor digit. `anywhere`: it may begin and end
    within a longer row of digits."""

    most_between: int
    separators: frozenset[str] | None
    anywhere: bool

    def joins(self, between: str) -> bool:
        if len(between) > self.most_between:
            return False
        if self.separators is None:
            return not any(one.isalnum() for one in between)
        return self.separators.issuperset(between)


BY_PEOPLE = Writing(3, frozenset(" .-/"), anywhere=False)
"""As in `4111 - 1111`."""
BY_MACHINES = Writing(6, None, anywhere=True)
"""As in `["4111", "1111"]`, or between zeros that fill a field."""


@dataclass(frozen=True)
class _Group:
    """Digits without anything between them that can be seen; `start` and `end` are places in the text. Of more digits
    than a card number has, only the first are read."""

    start: int
    end: int
    digits: str


def has_card_number(text: str) -> bool:
    return next(_found(text, BY_PEOPLE), None) is not None


@dataclass(frozen=True)
class NoCardNumber:
    """A validator of form fields. A text that is longer than its field is refused for that alone, and not read."""

    longest: int | None = None

    def __call__(self, text: str) -> None:
        if (self.longest is None or len(text) <= self.longest) and has_card_number(text):
            raise ValidationError(SENTENCE, code="card_number")


def refuse(text: str, *, field: str) -> None:
    """Raises `Invalid` on `field` for a text that holds a card number."""
    if has_card_number(text):
        raise Invalid({field: [str(SENTENCE)]})


def guard(form: forms.BaseForm) -> None:
    """Adds the validator to every free-text field of the form. A UUID is none: it is checked as such."""
    for field in form.fields.values():
        if isinstance(field, forms.CharField) and not isinstance(field, forms.JSONField | forms.UUIDField):
            validator = NoCardNumber(field.max_length)
            if validator not in field.validators:
                field.validators = [*field.validators, validator]


def as_key(key: str) -> str:
    """The key by which something that a client sends twice counts once. One that could be a card number is kept as a
    keyed hash: it need not be refused, for nobody reads it."""
    return keyed_hash("key of a client", key) if has_card_number(key) else key


def without(data: Mapping[str, Any]) -> dict[str, Any]:
    """The draft of a form as it is saved: only the last four digits of a card number are kept."""
    return {
        name: [_typed(one) for one in value] if isinstance(value, list) else _typed(value)
        for name, value in data.items()
    }


def masked(text: str, writing: Writing) -> str:
    """The text with only the last four digits of each card number. Where a number may stand anywhere, the digits around
    it go with it: nobody can tell where it begins."""
    parts, place = [], 0
    for start, end, last_four in _found(text, writing):
        parts += [text[place:start], MASK, last_four]
        place = end
    return "".join([*parts, text[place:]])


def _typed(value: Any) -> Any:
    return masked(value, BY_PEOPLE) if isinstance(value, str) else value


def _found(text: str, writing: Writing) -> Iterator[tuple[int, int, str]]:
    """The start and end of each card number in the text, and its last four digits. None overlaps another, and without
    them no card number is left."""
    if _ID.fullmatch(text):
        return
    for run in _runs(text, writing):
        if not writing.anywhere:
            yield from _in_run(run)
        elif found := list(_in_run(run)):
            yield run[0].start, run[-1].end, found[-1][2]


def _in_run(run: Sequence[_Group]) -> Iterator[tuple[int, int, str]]:
    pending: list[_Group] = []
    for group in run:
        pending.append(group)
        first = _first_of_card(pending)
        if first is not None:
            yield from _whole(pending[:first])
            card = _span(pending[first:])
            yield card
            pending = [_Group(group.end, group.end, card[2])]
    yield from _whole(pending)


def _span(groups: Sequence[_Group]) -> tuple[int, int, str]:
    return groups[0].start, groups[-1].end, "".join(group.digits for group in groups)[-4:]


def _whole(groups: Sequence[_Group]) -> Iterator[tuple[int, int, str]]:
    """A run without other digits is a card number whatever its first digit."""
    if groups and _first_of_card(groups, alone=True) == 0:
        yield _span(groups)


def _first_of_card(groups: Sequence[_Group], *, alone: bool = False) -> int | None:
    """The place of the first group of the longest card number that ends with the last group."""
    found, total, read, differ, last = None, 0, 0, False, groups[-1].digits[-1]
    for place in range(len(groups) - 1, -1, -1):
        digits = groups[place].digits
        for digit in reversed(digits):
            if read == LONGEST:
                return found
            read += 1
            total += _LUHN[read % 2][digit]
            differ = differ or digit != last
        is_card = differ and read >= SHORTEST and total % 10 == 0
        if is_card and (alone or digits[0] in _FIRST_OF_CARDS):
            found = place
    return found


_LUHN = [{str(number): number * 2 - 9 * (number > 4) for number in range(10)}, {str(one): one for one in range(10)}]
"""What a digit adds to the sum of ISO/IEC 7812: doubled at even places, counted from the end."""


def _runs(text: str, writing: Writing) -> Iterator[list[_Group]]:
    """The groups of digits that may belong to one number."""
    run: list[_Group] = []
    for found in _DIGITS.finditer(text):
        between = _between(text[run[-1].end : found.start()][:MOST_BETWEEN]) if run else ""
        if run and not writing.joins(between):
            yield run
            run = []
        if writing.anywhere:
            run += [_Group(at, at + 1, digits_of(text[at])) for at in range(found.start(), found.end())]
        elif run and not between:
            last = run.pop()
            run.append(_Group(last.start, found.end(), (last.digits + digits_of(found[0]))[:MOST_READ]))
        else:
            run.append(_Group(found.start(), found.end(), digits_of(found[0])[:MOST_READ]))
    if run:
        yield run


@lru_cache(maxsize=256)
def _between(gap: str) -> str:
    """What the eye sees between two digits: no marks, no invisible characters, every dash and blank a plain one."""
    seen = plain_dashes(kept(f"0{gap}0"))[1:-1]
    return "".join(one for one in seen if unicodedata.category(one)[0] != "M")
