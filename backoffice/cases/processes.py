"""The processes that this installation runs, by name: their declarations, filled by the engine at start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from backoffice.refusals import NotFound
from workflows.base.spec import ItemKind, ProcessSpec, Stage

_declared: dict[str, ProcessSpec] = {}


def declare(declaration: ProcessSpec) -> None:
    _declared[declaration.name] = declaration


def all_processes() -> Sequence[ProcessSpec]:
    return tuple(_declared.values())


def process(name: str) -> ProcessSpec:
    """Raises `NotFound` for a process that nobody declared."""
    try:
        return _declared[name]
    except KeyError:
        sentence = _("There is no process “%(name)s”.") % {"name": name}
        raise NotFound("unknown_process", sentence, field="process") from None


def item_kind(process_name: str, kind: str) -> ItemKind[Any, Any]:
    return process(process_name).kind(kind)


def stage(process_name: str, value: str) -> Stage | None:
    """The stage of that value; None before the first one."""
    return process(process_name).stage(value)
