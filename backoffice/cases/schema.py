"""A form as JSON schema (2020-12), from the same class that makes its HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms

_TYPES: list[tuple[type[forms.Field], dict[str, Any]]] = [
    (forms.BooleanField, {"type": "boolean"}),
    (forms.IntegerField, {"type": "integer"}),
    (forms.DateTimeField, {"type": "string", "format": "date-time"}),
    (forms.DateField, {"type": "string", "format": "date"}),
    (forms.EmailField, {"type": "string", "format": "email"}),
    (forms.UUIDField, {"type": "string", "format": "uuid"}),
]


def schema_of(fields: Mapping[str, forms.Field]) -> dict[str, Any]:
    """The schema of what these fields accept: labels become titles, hints descriptions, choices enums."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: _property(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def _property(field: forms.Field) -> dict[str, Any]:
    found: dict[str, Any] = next((dict(shape) for kind, shape in _TYPES if isinstance(field, kind)), {"type": "string"})
    if field.label:
        found["title"] = str(field.label)
    if field.help_text:
        found["description"] = str(field.help_text)
    if isinstance(field, forms.ChoiceField):
        choices = cast("Iterable[tuple[Any, Any]]", field.choices)
        values = [value for value, label in choices if not isinstance(label, (list, tuple))]
        if values:
            found["enum"] = values
    if isinstance(field, forms.CharField) and field.max_length:
        found["maxLength"] = field.max_length
    if isinstance(field, forms.RegexField):
        found["pattern"] = field.regex.pattern
    return found
