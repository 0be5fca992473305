"""What must be true before cards are ordered: a system check of `safety`, see `backoffice.security.checks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from backoffice.cards.reissue.ordering import branch_address
from backoffice.refusals import Conflict
from backoffice.security.checks import TAG, Unsafe


@register(TAG)
def check_branch(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A card that the post could not deliver goes to the branch, after the point of no return: it must be a place."""
    try:
        branch_address()
    except Conflict as refused:
        return [Error(refused.sentence, id="countersign.E020")]
    return []


def refuse_if_unsafe() -> None:
    """Raises `Unsafe` when the branch is no address. Every OS process of the product runs this."""
    for problem in check_branch(None):
        raise Unsafe(f"Countersign refuses to start:\n- {problem.msg}")
