"""A pool that looks at all of its connections as soon as one is found dead.

Whoever finds a dead connection in psycopg's pool waits longer for each further one (1, 2, 4 seconds), so after a
restart of the database twenty dead connections cost a minute of refused requests. When one is dead the others mostly
are; the pool's own `check` replaces them all at once.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Named so, and in a module of this name, because Django looks for it there."""

    _connection_pools: ClassVar[dict[str, ConnectionPool[Connection[Any]]]] = {}

    @property
    def pool(self) -> ConnectionPool[Connection[Any]] | None:
        """Of this process, for this database; None where the settings ask for none."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            # Where several threads make one at once, the first stays. None is open yet.
            self._connection_pools.setdefault(self.alias, self._make_pool(options))
        return self._connection_pools[self.alias]

    def _make_pool(self, options: dict[str, Any]) -> ConnectionPool[Connection[Any]]:
        def check(one: Connection[Any]) -> None:
            try:
                ConnectionPool.check_connection(one)
            except Error:
                # In a thread of its own: a connection whose network is gone may answer late.
                threading.Thread(target=pool.check, name="check of the pool", daemon=True).start()
                raise

        pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            kwargs={**self.get_connection_params(), "autocommit": True},
            open=False,
            configure=self._configure_connection,  # type: ignore[attr-defined]
            check=check,
            **options,
        )
        return pool
