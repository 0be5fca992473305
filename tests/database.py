"""One private PostgreSQL for the whole run, thrown away after it: no port, no left-over, many runs at once.

A plugin (`-p tests.database`), since it must be there before pytest-django reads the settings.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from devstack import postgres


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    folder.chmod(0o755)
    cluster = postgres.cluster(folder)
    postgres.prepare(cluster)
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            postgres.serve_command(cluster, durable=False), cwd="/", stdout=log, stderr=log, **postgres.as_own_user()
        )
    deadline = time.monotonic() + 30
    while not postgres.is_ready(cluster):
        if time.monotonic() > deadline or server.poll() is not None:
            raise RuntimeError((folder / "postgres.log").read_text())
    return server, cluster.url("postgres")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Starts the server in the controller only; the workers inherit the environment."""
    os.environ["COUNTERSIGN_ENV"] = "test"
    if "PYTEST_XDIST_WORKER" not in os.environ and "COUNTERSIGN_TEST_DATABASE" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="countersign-test-"))
        server, url = _start(folder)
        os.environ["DATABASE_URL"] = os.environ["COUNTERSIGN_TEST_DATABASE"] = url
        os.environ["COUNTERSIGN_DATA"] = str(folder / "data")

        def stop() -> None:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)
            shutil.rmtree(folder, ignore_errors=True)
            del os.environ["COUNTERSIGN_TEST_DATABASE"]

        early_config.add_cleanup(stop)
    yield
