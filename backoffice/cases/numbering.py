"""Whether a step of a process may be applied now: the whole rule, without a database.

Each step has the number that follows the last. A worker that dies after it has applied a step, and before the engine
has noted that, leaves a step of which the process does not know; it is asked for again, under the same number. If
meanwhile something has come that makes the process take another way, that number comes with another content: the
process is told that it is taken, and takes the next. Anything else out of turn would swallow a step, or lose one, and
is an error for people to see.
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
    """A step whose number is neither the next nor one that the process may still ask for."""


def judge(*, number: int, mark: str, applied: int, marks: Mapping[int, str], state: str, compensating: bool) -> Verdict:
    """`applied` is the number of the last step that was done, `marks` those of the steps that are remembered, `state`
    the case's. Raises `OutOfTurn`."""
    if number in marks:
        return Verdict.REMEMBERED if marks[number] == mark else Verdict.TAKEN
    if number != applied + 1:
        raise OutOfTurn(f"step {number} after step {applied}")
    return held(state=state, compensating=compensating) or Verdict.NEXT


def held(*, state: str, compensating: bool) -> Verdict | None:
    """Why a case in this state lets nothing pass; None where it does."""
    if state == "frozen":
        return Verdict.FROZEN
    if state == "stopping" and not compensating:
        return Verdict.STOPPING
    return None


def mark_of(said: Said) -> str:
    """What a step is, without its times, which may differ when it is asked for again: 16 hex digits."""
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
