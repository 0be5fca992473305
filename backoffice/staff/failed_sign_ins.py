"""What is kept of a failed sign-in (axes). People type into the field of the name what they have at hand: a card number
there is kept by its last four digits only. It is the same for each try, so tries are still counted together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from backoffice.no_card_numbers import BY_PEOPLE, masked


def name_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The name that was typed, as axes itself would find it: `AXES_USERNAME_CALLABLE`."""
    typed = credentials or getattr(request, "data", request.POST)
    name = typed.get("username")
    return masked(name, BY_PEOPLE) if isinstance(name, str) else name
