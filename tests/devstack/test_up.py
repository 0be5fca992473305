"""The whole stack under `manage.py up`, as somebody at a terminal starts, kills and stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backoffice import embedded
from backoffice.telephony.adapters.voice_gateway import GatewayClient
from backoffice.telephony.ports import NoAnswer, NotSent, ProviderRefused
from backoffice.voice.contract import Look
from devstack.forget import forget
from tests.devstack.running import outside_environment, running_for
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
PARTS = [
    *("postgres", "valkey", "temporal", "inbox", "issuer", "payments", "updater", "registry", "telephony", "voice"),
    *("web", "worker", "celery", "beat", "intake", "publisher", "streams"),
]
pytestmark = pytest.mark.stack


class Terminal:
    """Somebody who runs `manage.py up` for one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ready = folder / "data", folder / "ready"
        self.environment = outside_environment() | {"COUNTERSIGN_DATA": str(self.folder), "VOICE_LANGUAGES": "en"}
        self.running: list[subprocess.Popen[str]] = []

    def up(self, *arguments: str) -> subprocess.Popen[str]:
        self.ready.unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--ready-file", str(self.ready), *arguments],
            cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(process)
        return process

    def up_and_ready(self) -> subprocess.Popen[str]:
        process = self.up()
        assert until(lambda: self.ready.exists() or process.poll() is not None, seconds=120)
        assert process.poll() is None, process.communicate()[1]
        return process

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.ready.read_text())
        return told


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path_factory.mktemp("up"))
    yield terminal
    for process in terminal.running:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)
    forget(terminal.folder)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def why_voice_tells_nothing(terminal: Terminal, url: str) -> str:
    """The answer of the gateway, as the back office gets it, about a call that there is not."""
    secret = embedded.keys(terminal.folder)["VOICE_CONTROL_SECRET"]
    try:
        GatewayClient(url=url, secret=secret).ask(Look(key="look", conversation="none"))
    except (NoAnswer, NotSent, ProviderRefused) as why:
        return str(why)
    return ""


def test_up_through_a_kill_and_a_second_start_to_a_clean_stop(terminal: Terminal) -> None:
    first = terminal.up_and_ready()
    told = terminal.told()
    assert list(told["pids"]) == PARTS
    web, voice = told["addresses"]["PUBLIC_URL"], told["addresses"]["VOICE_CONTROL_URL"]
    assert status(web + "/livez") == 200

    refused = terminal.up()
    assert f"already served by process {first.pid}" in refused.communicate(timeout=60)[1]
    assert refused.returncode == 1

    os.kill(told["pids"]["voice"], signal.SIGKILL)
    assert until(lambda: why_voice_tells_nothing(terminal, voice) == "no_connection")
    os.kill(told["pids"]["web"], signal.SIGKILL)
    assert until(lambda: status(web + "/livez") == 0)
    assert until(lambda: status(web + "/livez") == 200, seconds=60)
    assert until(lambda: why_voice_tells_nothing(terminal, voice) == "unknown", seconds=60)

    first.kill()
    first.communicate(timeout=30)
    assert until(lambda: running_for(terminal.folder) == [], seconds=30), running_for(terminal.folder)

    second = terminal.up_and_ready()
    assert terminal.told()["addresses"] == told["addresses"]
    assert status(web + "/livez") == 200

    second.terminate()
    said = second.communicate(timeout=60)[1]
    assert second.returncode == 0
    assert said.splitlines()[-1] == "All stopped."
    assert [line for line in said.splitlines() if "killed" in line] == []
    assert running_for(terminal.folder) == []
