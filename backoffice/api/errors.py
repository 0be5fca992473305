"""Refusals in JSON: with the same words as on a form, and with the code, field and status that machines need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from backoffice.refusals import Invalid, Refused


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"code", "sentence", "field"}`, and for a form `errors`: field to sentences ("" is the whole form)."""
    if isinstance(error, Refused):
        content: dict[str, Any] = {"code": error.code, "sentence": error.sentence, "field": error.field}
        if isinstance(error, Invalid):
            content["errors"] = error.errors
        return Response(content, status=error.status)
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else "invalid"
        content = {"code": code, "sentence": str(error.detail), "field": ""}
        if isinstance(error, exceptions.ValidationError):
            errors = dict(by_field(error.detail))
            field, sentences = next(iter(errors.items()), ("", [""]))
            content |= {"sentence": sentences[0], "field": field, "errors": errors}
        response.data = content
    return response


def by_field(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """The sentences of each field, nested ones by their path: `payments.0.amount`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from by_field(inner, ".".join(part for part in (path, step) if part))
    elif any(isinstance(inner, dict | list) for inner in detail):
        for number, inner in enumerate(detail):
            yield from by_field(inner, f"{path}.{number}" if path else str(number))
    elif detail:
        yield path, [str(sentence) for sentence in detail]
