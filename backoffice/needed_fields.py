"""Fields that are not required by their form, and yet not optional for the person who fills them in."""

from __future__ import annotations

from typing import TypeVar

from django import forms

FieldT = TypeVar("FieldT", bound=forms.Field)


def needed(field: FieldT, is_needed: bool = True) -> FieldT:
    """The field, which is required with some answers and not used with others, or whose absence a rule names in words
    of its own: so a page does not call it optional."""
    field.needed = is_needed  # type: ignore[attr-defined]
    return field
