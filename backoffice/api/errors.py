"""Refusals in JSON: the same words as on a form, and the code, field and status that machines need."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response
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
        content = {"code": code, "sentence": _sentence(error.detail), "field": ""}
        if isinstance(error, exceptions.ValidationError):
            content["errors"] = error.detail
        response.data = content
    return response


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        detail = next(iter(detail.values()), "")
    if isinstance(detail, list):
        detail = detail[0] if detail else ""
    return str(detail)
