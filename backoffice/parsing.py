"""JSON from machines: what our forms and the database cannot hold is refused here, with 400. How much of it is read is
bounded before (`raw_input.py`): Django's own limit is not applied to a content that is read as a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from backoffice.raw_input import is_readable
from backoffice.refusals import Invalid


class StrictJSONParser(JSONParser):
    """Raises `ParseError` for content that is nested too deeply, and for NUL and halves of surrogate pairs."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            content = super().parse(stream, media_type, parser_context)
            check_text(content)
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        return content


def check_text(content: Any) -> None:
    """Raises `ParseError` when a text in the content, or a name, is not Unicode that can be stored."""
    if isinstance(content, str):
        if not is_readable(content):
            raise ParseError(_("The text is not valid Unicode, or holds a NUL."))
    elif isinstance(content, dict):
        for name, value in content.items():
            check_text(name)
            check_text(value)
    elif isinstance(content, list):
        for value in content:
            check_text(value)


def as_typed(content: Any) -> dict[str, Any]:
    """JSON as data for a form: null is left out, numbers become text. Raises `Invalid` with every value that is no
    text, number, true or false."""
    if not isinstance(content, dict):
        raise Invalid({"": [_("Send a JSON object.")]})
    wrong = {
        name: [_("Send text, a number, true or false.")]
        for name, value in content.items()
        if isinstance(value, list | dict)
    }
    if wrong:
        raise Invalid(wrong)
    told = {name: value for name, value in content.items() if value is not None}
    return {name: value if isinstance(value, bool) else str(value) for name, value in told.items()}
