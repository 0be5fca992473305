"""A database with all migrations, made once and copied: to make one from nothing takes eight seconds of a core.

The first process of a run that needs a database migrates its own, from nothing, and leaves it for the others: as a
template in the run's server, and as a dump in `.pytest_cache` for later runs and for the stacks of the tests. The name
of the dump is made from the migrations and the pinned packages; another run may read it or make it meanwhile. Whoever
copies it migrates all the same, and finds nothing to do; what is done after each migration is done again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

from devstack import postgres

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".pytest_cache"
TEMPLATE = "migrated"
_LOCK = 20_261_129
"""Of the run's server: held by whoever makes the template."""


class Making:
    """Between `begin` and `end` Django makes this process's test database: as a copy of the template, if there is one.
    Otherwise others wait meanwhile, and it becomes the template."""

    def __init__(self) -> None:
        self._server: psycopg.Connection[tuple[object, ...]] | None = None

    def begin(self) -> None:
        server = psycopg.connect(_address("postgres"), autocommit=True)
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if _has_template(server) or _restored(server):
            connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE
            server.close()
        else:
            self._server = server

    def end(self) -> None:
        if self._server is not None:
            with self._server as server:
                _leave(server, str(connection.settings_dict["NAME"]))


def dump() -> Path | None:
    """The kept dump of a database with today's migrations; None when there is none yet."""
    path = _path()
    return path if path.exists() else None


def fill(target: postgres.Cluster) -> None:
    """Copies the dump, if there is one, into the empty database of a cluster, before a stack serves it."""
    kept = dump()
    if kept is None:
        return
    postgres.prepare(target)
    server = subprocess.Popen(
        postgres.serve_command(target, durable=False), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        **postgres.as_own_user(),
    )  # fmt: skip
    try:
        while not postgres.is_ready(target):
            if server.poll() is not None:
                raise RuntimeError(f"the server of {target.data} ended")
        _restore(kept, target.url().replace("postgres://", "postgresql://"))
    finally:
        server.send_signal(2)
        server.wait(timeout=20)


def _has_template(server: psycopg.Connection[tuple[object, ...]]) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None


def _restored(server: psycopg.Connection[tuple[object, ...]]) -> bool:
    kept = dump()
    if kept is None:
        return False
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    _restore(kept, _address(TEMPLATE))
    return True


def _leave(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Makes a template of the database, which nobody else uses yet, and the dump."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined] # of the PostgreSQL backend
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(TEMPLATE), sql.Identifier(name)))
    server.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    KEPT.mkdir(exist_ok=True)
    draft = KEPT / f"database-{os.getpid()}.draft"
    _run("pg_dump", "--no-owner", f"--file={draft}", _address(TEMPLATE))
    for old in set(KEPT.glob("database-*.sql")) - {_path()}:
        old.unlink(missing_ok=True)
    draft.rename(_path())


def _restore(kept: Path, address: str) -> None:
    _run("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={kept}", address)


def _run(program: str, *arguments: str) -> None:
    command = [str(postgres.programs() / program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PGOPTIONS": ""})


def _path() -> Path:
    state = hashlib.sha256((ROOT / "requirements-dev.txt").read_bytes())
    for path in sorted((ROOT / "backoffice").glob("**/migrations/*.py")):
        state.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return KEPT / f"database-{state.hexdigest()[:16]}.sql"


def _address(database: str) -> str:
    given = os.environ["COUNTERSIGN_TEST_DATABASE"].replace("postgres://", "postgresql://")
    return given.replace("/postgres?", f"/{database}?")
