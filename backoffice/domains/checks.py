"""What must be true before anything is done for a domain: a system check of `safety`, see `security.checks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from backoffice.domains import policies
from backoffice.security.checks import TAG, Unsafe


@register(TAG)
def check_policies(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A wrong figure gives a domain away too early, or keeps it from its holder."""
    try:
        policies.policies()
    except policies.PolicyError as error:
        return [Error(f"backoffice/domains/policies.toml: {one}.", id="countersign.E030") for one in error.problems]
    return []


def refuse_if_unsafe() -> None:
    """Raises `Unsafe` when the policies cannot be used. Every OS process of the product runs this."""
    problems = check_policies(None)
    if problems:
        raise Unsafe("Countersign refuses to start:\n" + "\n".join(f"- {one.msg}" for one in problems))
