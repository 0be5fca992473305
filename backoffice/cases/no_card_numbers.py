"""Free text never holds a card number: what people type is checked before it is stored (PCI DSS 4.0, 3.3.1).

A number counts as a card number when it has 13 to 19 digits and the check digit is right (ISO/IEC 7812, Luhn). It may
be written in groups, and other digits, such as the date of expiry, may stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backoffice.refusals import Invalid

SENTENCE = _("This looks like a card number. We never need it: please take it out.")
SHORTEST, LONGEST = 13, 19
_RUN = re.compile(r"\d+(?:[ .\-/\u00a0]{1,2}\d+)*")
_FIRST_OF_CARDS = "23456"
"""The first digits of payment cards. Checked only for a number that is part of a longer run of digits."""


def has_card_number(text: str) -> bool:
    return next(_found(text), None) is not None


def validate(text: str) -> None:
    """A validator of form fields."""
    if has_card_number(text):
        raise ValidationError(SENTENCE, code="card_number")


def refuse(text: str, *, field: str) -> None:
    """Raises `Invalid` on `field` for a text that holds a card number."""
    if has_card_number(text):
        raise Invalid({field: [str(SENTENCE)]})


def guard(form: forms.BaseForm) -> None:
    """Adds the validator to every free-text field of the form."""
    for field in form.fields.values():
        if (
            isinstance(field, forms.CharField)
            and not isinstance(field, forms.JSONField)
            and validate not in field.validators
        ):
            field.validators = [*field.validators, validate]


def without(data: Mapping[str, Any]) -> dict[str, Any]:
    """The draft of a form as it is saved: only the last four digits of a card number are kept."""
    return {
        name: [_masked(one) for one in value] if isinstance(value, list) else _masked(value)
        for name, value in data.items()
    }


def _masked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    while (span := next(_found(value), None)) is not None:
        start, end = span
        value = value[:start] + "····" + value[start:end][-4:] + value[end:]
    return value


def _found(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of each card number in the text."""
    for run in _RUN.finditer(text):
        groups = [(run.start() + group.start(), run.start() + group.end()) for group in re.finditer(r"\d+", run[0])]
        for first, (start, _end) in enumerate(groups):
            for last, (_start, end) in enumerate(groups[first:], start=first):
                digits = re.sub(r"\D", "", text[start:end])
                whole = (first, last) == (0, len(groups) - 1)
                if (whole or digits[0] in _FIRST_OF_CARDS) and _is_card_number(digits):
                    yield start, end


def _is_card_number(digits: str) -> bool:
    if not SHORTEST <= len(digits) <= LONGEST or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
