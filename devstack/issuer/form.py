"""The form encoding of the Stripe API: `shipping[address][city]=…` and `expand[]=…` become nested values."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from devstack.issuer.errors import ApiError

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
    return form


def _put(form: dict[str, Any], name: str, value: str) -> None:
    head, bracket, _ = name.partition("[")
    parts = [head, *_PART.findall(name[len(head) :])] if bracket else [head]
    spot = form
    for part, following in pairwise(parts):
        spot = spot.setdefault(part, [] if following == "" or following.isdigit() else {})
        if isinstance(spot, list):
            spot.append(value)
            return
        if not isinstance(spot, dict):
            raise ApiError(f"Invalid {name}", param=name)
    spot[parts[-1]] = value
