"""What must be true before cards are ordered, and before the account updater is believed: system checks of `safety`,
see `backoffice.security.checks`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from backoffice.cards.reissue.ordering import branch_address
from backoffice.refusals import Conflict
from backoffice.security.checks import TAG, Unsafe

LEAST_KEY = 24
"""In bytes, as Standard Webhooks say."""


@register(TAG)
def check_branch(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A card that the post could not deliver goes to the branch, after the point of no return: it must be a place."""
    try:
        branch_address()
    except Conflict as refused:
        return [Error(refused.sentence, id="countersign.E020")]
    return []


@register(TAG)
def check_updater(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Whoever guesses the updater's secret could report a payment as moved that was not."""
    if not settings.UPDATER_SECRET and not settings.UPDATER_URL:
        return []
    try:
        key = base64.b64decode(settings.UPDATER_SECRET.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if settings.UPDATER_SECRET.startswith("whsec_") and len(key) >= LEAST_KEY:
        return []
    told = "UPDATER_SECRET must be whsec_ and at least 24 random bytes in base64; empty only without UPDATER_URL."
    return [Error(told, id="countersign.E021")]


def refuse_if_unsafe() -> None:
    """Raises `Unsafe` when the branch is no address. Every OS process of the product runs this."""
    for problem in (*check_branch(None), *check_updater(None)):
        raise Unsafe(f"Countersign refuses to start:\n- {problem.msg}")
