"""What requests may hold, and how their values are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from devstack.stripe_api.errors import ApiError, missing, not_one_of, unknown_parameter
from devstack.stripe_api.store import Json

LONGEST_NAME, LONGEST_VALUE, MOST_NAMES = 40, 500, 50
"""Of metadata: https://docs.stripe.com/api/metadata."""


def only(form: Json, allowed: Iterable[str], *, inside: str = "") -> None:
    for name in sorted(set(form) - set(allowed)):
        raise unknown_parameter(f"{inside}[{name}]" if inside else name)


def one_of(form: Json, name: str, allowed: tuple[str, ...], *, default: str = "") -> str:
    value = form.get(name) or default
    if not value:
        raise missing(name)
    if value not in allowed:
        raise not_one_of(name, allowed)
    return str(value)


def truth(form: Json, name: str) -> bool:
    return one_of(form, name, ("true", "false"), default="false") == "true"


def integer(value: Any, *, param: str) -> int:
    """A whole number above nought, at most eight digits."""
    if value in (None, ""):
        raise missing(param)
    if not str(value).isdecimal() or not str(value).isascii() or len(str(value)) > 8:
        raise ApiError(f"Invalid integer: {param}", code="parameter_invalid_integer", param=param)
    if int(value) == 0:
        raise ApiError("This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param)
    return int(value)


def metadata_of(form: Json) -> dict[str, str]:
    told = form.get("metadata") or {}
    if not isinstance(told, dict) or len(told) > MOST_NAMES:
        raise ApiError("Invalid metadata.", param="metadata")
    for name, value in told.items():
        if len(name) > LONGEST_NAME or not isinstance(value, str) or len(value) > LONGEST_VALUE:
            raise ApiError("Invalid metadata.", param=f"metadata[{name}]")
    return dict(told)
