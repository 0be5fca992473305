"""A table as a queue: rows are claimed for a while, sent outside any transaction, and marked.

Whoever dies between claiming and marking leaves a lease that runs out, and the row is claimed again: what is sent is
sent at least once, and its receiver must know it again by its id. Any number of senders claim at the same time; what
one of them holds, or another transaction has locked, the others pass over.

The table has the columns `id`, `state` ("waiting" while there is something to do), `leased_until`, `tries`, `error`
and `sent_at`. Statements are given as text and values, for a cursor of Django as well as for an asynchronous one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Query = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class LeaseQueue:
    """`due` is the column of the time (UTC) before which a row is not sent; `given_up` the state of one that is not
    tried again. `gives` are the columns that a claim returns: of the table as `queued`, of `joined` by its own name.
    `held_back` is a condition on `queued` under which it must wait for another one, whatever its own time. `wiped` sets
    columns of a row that is over, sent or given up: what was kept for its sending alone."""

    table: str
    due: str
    given_up: str
    gives: str
    joined: str = ""
    join_on: str = "true"
    held_back: str = "false"
    wiped: str = ""

    def claim(self, *, now: datetime, lease: timedelta, most: int) -> Query:
        """Takes up to `most` rows that are due for `lease`, the longest waiting first; counts the try."""
        source = f" FROM {self.joined}" if self.joined else ""
        sql = f"""
            UPDATE {self.table} AS queued SET leased_until = %(until)s, tries = queued.tries + 1{source}
            WHERE {self.join_on} AND queued.id = ANY(ARRAY(
                SELECT queued.id FROM {self.table} AS queued
                WHERE {self._is_free()} AND NOT {self.held_back}
                ORDER BY queued.{self.due} LIMIT %(most)s FOR UPDATE SKIP LOCKED))
            RETURNING {self.gives}"""  # noqa: S608 - names of our own tables and columns
        return sql, {"now": now, "until": now + lease, "most": most}

    def sent(self, ids: Collection[object], *, now: datetime) -> Query:
        """Marks rows as sent; one row comes back, whether others wait that are due and free."""
        sql = f"""
            WITH sent AS (
                UPDATE {self.table} SET state = 'sent', sent_at = %(now)s, error = '', {self._over()}
                WHERE id = ANY(%(ids)s))
            SELECT EXISTS (SELECT 1 FROM {self.table} AS queued WHERE {self._is_free()} AND id <> ALL(%(ids)s))
            """  # noqa: S608 - the same
        return sql, {"now": now, "ids": list(ids)}

    def sent_each(self, times: Mapping[object, datetime]) -> Query:
        """Marks rows as sent, each at its own time. One that somebody else has ended meanwhile, after the lease ran
        out, stays as it is."""
        sql = f"""
            UPDATE {self.table} SET state = 'sent', error = '', {self._over()},
                sent_at = (%(times)s::timestamptz[])[array_position(%(ids)s, id)]
            WHERE id = ANY(%(ids)s) AND state = 'waiting'"""  # noqa: S608 - the same
        return sql, {"ids": list(times), "times": list(times.values())}

    def put_off(self, row_id: object, *, error: str, until: datetime, tries: int) -> Query:
        """Lets the row be tried again `until` then; `tries` is what the count is set to. One that somebody else has
        sent meanwhile, after the lease ran out, stays sent."""
        return self._fail(row_id, "waiting", "leased_until = NULL", error, until, tries)

    def give_up(self, row_id: object, *, error: str, now: datetime, tries: int) -> Query:
        """Tries the row no more. A row comes back unless somebody else has sent it meanwhile."""
        return self._fail(row_id, self.given_up, self._over(), error, now, tries)

    def _fail(self, row_id: object, state: str, changes: str, error: str, until: datetime, tries: int) -> Query:
        sql = f"""
            UPDATE {self.table} SET state = %(state)s, error = %(error)s, {self.due} = %(until)s, tries = %(tries)s,
                {changes}
            WHERE id = %(id)s AND state = 'waiting' RETURNING id"""  # noqa: S608 - the same
        return sql, {"id": row_id, "state": state, "error": error[:200], "until": until, "tries": tries}

    def _over(self) -> str:
        return f"leased_until = NULL, {self.wiped}" if self.wiped else "leased_until = NULL"

    def _is_free(self) -> str:
        return (
            f"queued.state = 'waiting' AND queued.{self.due} <= %(now)s "
            "AND (queued.leased_until IS NULL OR queued.leased_until < %(now)s)"
        )
