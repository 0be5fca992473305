"""How customers know the team of an agent: "Hanna of the cards team". It follows from what the call is about: a process
names the team that works on its cases, where it is declared, and a topic has one, too. The rooms above know the process
of a case."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OF_ALL = _("our customer service")
ProcessOf = Callable[[uuid.UUID], str]
_names: dict[str, str | Promise] = {}
_process_of: list[ProcessOf] = []


def name(about: str, team: str | Promise) -> None:
    """The team of a process or a topic in words that follow "of": "the cards team". Raises `ValueError` for a second
    one."""
    if about in _names:
        raise ValueError(f"{about} has a team already")
    _names[about] = team


def found_by(process_of: ProcessOf) -> None:
    """From now on this rule is asked which process the topmost case of a case has; empty where there is none."""
    _process_of[:] = [process_of]


def team_of(matter: str) -> str:
    """The team for what a call is about (`models.Call.matter`), in the language that is on."""
    try:
        about = _process_of[0](uuid.UUID(matter)) if _process_of else ""
    except ValueError:
        about = matter
    return str(_names.get(about, OF_ALL))
