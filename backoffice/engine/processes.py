"""The processes that this installation runs: one line each."""

from __future__ import annotations

from backoffice.cases.processes import declare
from workflows.card_reissue.story import CardReissue
from workflows.home_visit.story import HomeVisit
from workflows.process import Process

PROCESSES: list[type[Process]] = [
    CardReissue,
    HomeVisit,
]


def declare_all() -> None:
    for process in PROCESSES:
        declare(process.declaration)
