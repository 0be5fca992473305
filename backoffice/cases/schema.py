"""A work item's form as JSON schema (2020-12), from the same class that is its HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from backoffice.cases.forms import ItemForm

_TYPES: list[tuple[type[forms.Field], dict[str, Any]]] = [
    (forms.BooleanField, {"type": "boolean"}),
    (forms.IntegerField, {"type": "integer"}),
    (forms.DateTimeField, {"type": "string", "format": "date-time"}),
    (forms.DateField, {"type": "string", "format": "date"}),
    (forms.EmailField, {"type": "string", "format": "email"}),
    (forms.UUIDField, {"type": "string", "format": "uuid"}),
]


def schema_of(form: ItemForm) -> dict[str, Any]:
    """The schema of what an answer takes: labels as titles, hints as descriptions, choices as enums."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: _property(field) for name, field in form.fields.items()},
        "required": [name for name, field in form.fields.items() if field.required],
        "additionalProperties": False,
    }


def _property(field: forms.Field) -> dict[str, Any]:
    found: dict[str, Any] = next((dict(shape) for kind, shape in _TYPES if isinstance(field, kind)), {"type": "string"})
    found["title"] = str(field.label or "")
    if field.help_text:
        found["description"] = str(field.help_text)
    if isinstance(field, forms.ChoiceField):
        choices = cast("Iterable[tuple[Any, Any]]", field.choices)
        found["enum"] = [value for value, label in choices if not isinstance(label, (list, tuple))]
    if isinstance(field, forms.CharField) and field.max_length:
        found["maxLength"] = field.max_length
    if isinstance(field, forms.RegexField):
        found["pattern"] = field.regex.pattern
    return found
