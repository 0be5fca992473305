"""Holds rows, so that whoever works on a case cannot go on at a chosen moment; for the modules that `inside` runs."""

from __future__ import annotations

import os
from typing import Any

import psycopg

_held: dict[tuple[str, str], psycopg.Connection[Any]] = {}
_UNCHECKED = "-c session_replication_role=replica"


def hold_rows(sql: str, *parameters: str, case_id: str, before: str, unchecked: bool = False) -> None:
    """Locks rows in a transaction that stays open until `let_go` of the same case and moment. With `unchecked` a row
    that is inserted locks nothing of what it refers to: only who inserts the same key has to wait."""
    held = psycopg.connect(os.environ["DATABASE_URL"], options=_UNCHECKED if unchecked else "")
    held.execute(sql, parameters)
    _held[case_id, before] = held


def let_go(*, case_id: str, before: str) -> None:
    held = _held.pop((case_id, before))
    held.rollback()
    held.close()


def let_all_go() -> None:
    for case_id, before in list(_held):
        let_go(case_id=case_id, before=before)
