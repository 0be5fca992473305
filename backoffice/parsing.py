"""JSON from machines: what our forms and the database cannot hold is refused here, with 400."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from backoffice.refusals import Invalid


class StrictJSONParser(JSONParser):
    """Raises `ParseError` for content that is nested too deeply, and for halves of surrogate pairs."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            content = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        check_text(content)
        return content


def check_text(content: Any) -> None:
    """Raises `ParseError` when a text in the content is not Unicode that can be stored."""
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ParseError(_("The text is not valid Unicode.")) from None


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
