"""The processes that this installation runs: one line each."""

from __future__ import annotations

from typing import Any

from backoffice.cases.processes import declare
from workflows.base.process import Process
from workflows.card_reissue.story import CardReissue
from workflows.home_visit.story import HomeVisit

PROCESSES: list[type[Process[Any]]] = [
    CardReissue,
    HomeVisit,
]


def declare_all() -> None:
    for process in PROCESSES:
        declare(process.spec)
