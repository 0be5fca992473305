"""Machines at the cards' own API."""

from __future__ import annotations

from tests.api.conftest import anybody
from tests.cards.signing import known_secrets

__all__ = ["anybody", "known_secrets"]
