"""Reading the library's PDF objects: `held` follows references, `raw` does not. A dictionary's own `get` looks as if it
followed them, and does not."""

from __future__ import annotations

from typing import Any


def held(holder: Any, key: str, default: Any = None) -> Any:
    try:
        return holder[key]
    except KeyError:
        return default


def raw(holder: Any, key: str) -> Any:
    return holder.raw_get(key) if key in holder else None
