"""The workflow classes of the processes that this installation runs, from the catalogue."""

from __future__ import annotations

from typing import Any

from backoffice.cases import catalogue


def stories() -> list[type[Any]]:
    return [process.story for process in catalogue.all_processes()]
