"""Free text in forms: what is typed passes `text.kept` before it is checked, so that no form stores anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from backoffice.text import kept, kept_lines

FAR_TOO_LONG = 10
"""Times what a field takes: so much of a text may be characters that nobody sees."""


class KeptTexts(forms.BaseForm):
    """A form whose texts are kept as `backoffice.text` says: in several lines where the field is an area, in one line
    elsewhere. A required field in which nothing is left that can be seen is refused as an empty one. Passwords stay as
    they were typed."""

    def full_clean(self) -> None:
        for field in self.fields.values():
            if is_free_text(field) and not isinstance(field.to_python, _Keeping):
                field.to_python = _Keeping(field)  # type: ignore[method-assign]
        super().full_clean()


def is_free_text(field: forms.Field) -> bool:
    """Whether people write in it what they like, and see what they write."""
    return (
        isinstance(field, forms.CharField)
        and not isinstance(field, forms.JSONField)
        and not isinstance(field.widget, forms.PasswordInput)
    )


class _Keeping:
    """A field's own reading of what was sent, and then `kept`."""

    def __init__(self, field: forms.Field) -> None:
        assert isinstance(field, forms.CharField)
        self._read: Callable[[Any], Any] = field.to_python
        self._empty = field.empty_value
        self._longest = field.max_length
        self._rule = kept_lines if isinstance(field.widget, forms.Textarea) else kept

    def __call__(self, value: Any) -> Any:
        read = self._read(value)
        if not isinstance(read, str) or self._is_far_too_long(read):
            return read
        return self._rule(read) or self._empty

    def _is_far_too_long(self, text: str) -> bool:
        """Such a text is refused by its length, so nothing is spent on it."""
        return self._longest is not None and len(text) > FAR_TOO_LONG * self._longest
