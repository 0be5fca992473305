"""How customers know the team of an agent: "Hanna of the cards team". A process names the team that works on its cases,
where it is declared; the rooms above know the process of a case."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OF_ALL = _("our customer service")
ProcessOf = Callable[[uuid.UUID], str]
_names: dict[str, str | Promise] = {}
_process_of: list[ProcessOf] = []


def name(process: str, team: str | Promise) -> None:
    """The team of a process in words that follow "of": "the cards team". Raises `ValueError` for a second one."""
    if process in _names:
        raise ValueError(f"{process} has a team already")
    _names[process] = team


def found_by(process_of: ProcessOf) -> None:
    """From now on this rule is asked which process the topmost case of a case has; empty where there is none."""
    _process_of[:] = [process_of]


def team_of(case_id: uuid.UUID | None) -> str:
    """In the language that is on."""
    process = _process_of[0](case_id) if case_id and _process_of else ""
    return str(_names.get(process, OF_ALL))
