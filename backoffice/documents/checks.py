"""What must be true before documents are judged: a system check of `safety`, see `security.checks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from backoffice.documents.signatures.trust_list import TrustListProblem, certificates, eu_lists
from backoffice.security.checks import TAG, Unsafe


@register(TAG)
def check_trusted_lists(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A trusted list that anybody may have written would let anybody sign for anybody. Whether a list is signed is
    seen when it is read, for it is brought anew every few months."""
    try:
        for _path, signers in eu_lists():
            certificates(signers)
    except TrustListProblem as problem:
        return [Error(str(problem), id="countersign.E060")]
    return []


def refuse_if_unsafe() -> None:
    """Raises `Unsafe` when the settings do not say who signs the lists. Every OS process of the product runs this."""
    problems = check_trusted_lists(None)
    if problems:
        raise Unsafe("Countersign refuses to start:\n" + "\n".join(f"- {one.msg}" for one in problems))
