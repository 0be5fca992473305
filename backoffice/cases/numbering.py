"""Whether a step of a process may be applied now: the whole rule, without a database.

Each step has the number after the last one. When a worker dies after it has applied a step, but before the engine has
noted that, the process does not know of the step, and asks for it again under the same number. If something has come
meanwhile that makes the process go another way, the same number comes with different content. The process is then told
that the number is taken, and uses the next one. Any other number would skip or lose a step, and is an error that people
must see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from workflows.base.contracts import Said


class Verdict(StrEnum):
    NEXT = "next"
    """It is applied."""
    REMEMBERED = "remembered"
    """It was applied before; its first result is given again."""
    TAKEN = "taken"
    """Another step has this number."""
    FROZEN = "frozen"
    STOPPING = "stopping"
    """It is held back."""


class OutOfTurn(Exception):
    """The step's number is neither the next one nor one that the process may still ask for."""


def judge(*, number: int, mark: str, applied: int, marks: Mapping[int, str], state: str, compensating: bool) -> Verdict:
    """`applied` is the number of the last step that was done, `marks` are the marks of the steps that are remembered,
    `state` is the case's. Raises `OutOfTurn`."""
    if number in marks:
        return Verdict.REMEMBERED if marks[number] == mark else Verdict.TAKEN
    if number != applied + 1:
        raise OutOfTurn(f"step {number} after step {applied}")
    return held(state=state, compensating=compensating) or Verdict.NEXT


def held(*, state: str, compensating: bool) -> Verdict | None:
    """Why a case in this state holds every step back; None when it does not."""
    if state == "frozen":
        return Verdict.FROZEN
    if state == "stopping" and not compensating:
        return Verdict.STOPPING
    return None


def mark_of(said: Said) -> str:
    """A hash of a step without its times, which may differ when it is asked for again: 16 hex digits."""
    content = (
        said.no_return,
        [effect.name for effect in said.effects],
        said.stage,
        said.withdraws,
        said.expires,
        said.reminds,
        said.escalates,
        [item.step for item in said.opens],
        [notice.name for notice in said.notices],
        [child.step for child in said.children],
        said.close.result if said.close else "",
    )
    return hashlib.blake2b(repr(content).encode(), digest_size=8).hexdigest()
