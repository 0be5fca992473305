"""The processes that this installation runs, by name: their declarations, filled by the engine at start."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from backoffice.refusals import NotFound
from workflows.declarations import COMMON_KINDS, ItemKind, ProcessDeclaration, Stage

_declared: dict[str, ProcessDeclaration] = {}


def declare(declaration: ProcessDeclaration) -> None:
    _declared[declaration.name] = declaration


def all_processes() -> Sequence[ProcessDeclaration]:
    return tuple(_declared.values())


def process(name: str) -> ProcessDeclaration:
    """Raises `NotFound` for a process that nobody declared."""
    try:
        return _declared[name]
    except KeyError:
        sentence = _("There is no process “%(name)s”.") % {"name": name}
        raise NotFound("unknown_process", sentence, field="process") from None


def item_kind(process_name: str, kind: str) -> ItemKind:
    declaration = process(process_name)
    return next(known for known in (*declaration.kinds, *COMMON_KINDS) if known.name == kind)


def stage(process_name: str, value: str) -> Stage | None:
    """The stage of that value; None before the first one."""
    return next((stage for stage in process(process_name).stages if stage.value == value), None)
