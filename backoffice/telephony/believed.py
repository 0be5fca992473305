"""How long a state of a call is believed. It stands alone, because the streams' process loads no models."""

from __future__ import annotations

from datetime import timedelta

BELIEVED_FOR = timedelta(seconds=15)
"""After it was last heard of (trust.md, "call state")."""
