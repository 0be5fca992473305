"""The pool of connections after the database was away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.waiting import until

TOGETHER = 8


@pytest.mark.django_db(transaction=True)
def test_when_every_connection_died_the_next_who_takes_one_gets_one_at_once() -> None:
    all_hold_one = Barrier(TOGETHER)

    def take() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        all_hold_one.wait(timeout=30)
        connection.close()

    connection.close()
    with ThreadPoolExecutor(TOGETHER) as threads:
        for one in [threads.submit(take) for _ in range(TOGETHER)]:
            one.result()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= TOGETHER - 1
    connection.close()
    pool = connection.pool  # type: ignore[attr-defined]

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()

    assert until(lambda: pool.get_stats()["pool_available"] == pool.get_stats()["pool_size"])
    assert pool.get_stats()["pool_size"] >= TOGETHER
