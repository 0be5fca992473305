"""The form encoding of the Stripe API: `shipping[address][city]=…`, `expand[]=…` and `line_items[0][price]=…` become
nested values."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from devstack.stripe_api.errors import ApiError

_PART = re.compile(r"\[([^\[\]]*)\]")


def read(body: bytes) -> dict[str, Any]:
    """The nested form of an encoded body or query; `ApiError` if it is not one."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=200)
    except ValueError:
        raise ApiError("Invalid form encoding.") from None
    form: dict[str, Any] = {}
    for name, value in pairs:
        _put(form, name, value)
    return {name: _with_lists(value) for name, value in form.items()}


def _put(form: dict[str, Any], name: str, value: str) -> None:
    head, bracket, _ = name.partition("[")
    parts = [head, *_PART.findall(name[len(head) :])] if bracket else [head]
    spot = form
    for number, part in enumerate(parts):
        key = part or str(len(spot))
        if number == len(parts) - 1:
            spot[key] = value
            return
        spot = spot.setdefault(key, {})
        if not isinstance(spot, dict):
            raise ApiError(f"Invalid {name}", param=name)


def _with_lists(value: Any) -> Any:
    """What has numbers for names is a list."""
    if not isinstance(value, dict):
        return value
    read = {name: _with_lists(inner) for name, inner in value.items()}
    if read and all(name.isdecimal() and name.isascii() for name in read):
        return list(read.values())
    return read
