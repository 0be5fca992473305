"""A Valkey for the state of calls, and this process's reader of it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backoffice.telephony.live import reading, store
from devstack import probes, servers
from tests.waiting import until


class Valkey:
    """A server that a test may stop and start again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{servers.valkey_socket(folder)}?db=1"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is None:
            servers.prepare_valkey(self._folder)
            command = servers.valkey_command(self._folder)
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            assert until(lambda: probes.valkey_answers(servers.valkey_socket(self._folder)), seconds=20)

    def hang_up(self) -> None:
        """Ends the connections of whoever listens: a reader that is to end would wait for the next news otherwise."""
        if self._process is not None:
            with store.client() as client:
                client.client_kill_filter(_type="pubsub")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="package")
def server() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="countersign-live-") as folder:
        valkey = Valkey(Path(folder))
        valkey.start()
        yield valkey
        valkey.stop()


@pytest.fixture
def valkey(server: Valkey, settings: Any) -> Iterator[Valkey]:
    """Empty, and named in the settings. The reader of this process ends with the test."""
    server.start()
    settings.LIVE_STORE = server.url
    with store.client() as client:
        client.flushall()
    yield server
    server.hang_up()
    reading.forget()
