"""The embedded registry as a process of its own: its control over HTTP, its clock, and what survives a kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.waiting import until

DAY = 86_400


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A process on two free ports."""

    data: Path
    port: int = field(default_factory=_free_port)
    control: int = field(default_factory=_free_port)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "devstack.registry", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, "--epp-port", str(self.port), "--control-port", str(self.control)],
            env={**os.environ, "REGISTRY_PASSWORD": "secret-of-tests"}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert until(self._answers, seconds=30)

    def end(self, number: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode

    def call(self, method: str, path: str, content: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        body = None if content is None else json.dumps(content)
        sent = {"content-type": "application/json", **headers}
        url = f"http://127.0.0.1:{self.control}{path}"
        return urllib3.request(method, url, body=body, headers=sent, retries=False)

    def told(self, method: str, path: str, content: Any = None) -> Any:
        answer = self.call(method, path, content)
        assert answer.status == 200, answer.data
        return answer.json()

    def _answers(self) -> bool:
        try:
            return self.call("GET", "/healthz").status == 200
        except urllib3.exceptions.HTTPError:
            return False


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("registry"))
    running.start()
    yield running
    assert running.end(signal.SIGTERM) == 0


def test_what_was_seeded_asked_for_and_switched_on_survives_a_kill(running: Running) -> None:
    running.told("POST", "/_sim/clear", {})
    running.told("POST", "/_sim/domains", {"domains": [{"name": "a.pl", "authinfo": "A-code-77"}, {"name": "b.pl"}]})
    asked = {"do": "request", "name": "a.pl", "by": "rival", "authinfo": "A-code-77"}
    assert running.told("POST", "/_sim/act", asked) == {"code": 1001}
    running.told("POST", "/_sim/faults", {"kind": "drop", "on": "update"})
    running.told("POST", "/_sim/clock", {"advance": 2 * DAY})
    before, now = running.told("GET", "/_sim/domains/a.pl"), running.told("GET", "/_sim/state")["now"]
    certificate = (running.data / "pki" / "registry.pem").read_bytes()

    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    running.start()

    assert running.told("GET", "/_sim/domains/a.pl") == before
    state = running.told("GET", "/_sim/state")
    assert (state["queue"], state["faults"][0]["kind"]) == (1, "drop")
    assert state["now"] >= now
    assert (running.data / "pki" / "registry.pem").read_bytes() == certificate


def test_a_transfer_that_nobody_decides_happens_after_five_days(running: Running) -> None:
    running.told("POST", "/_sim/clear", {})
    running.told("POST", "/_sim/domains", {"name": "c.pl", "authinfo": "A-code-77"})
    asked = {"do": "request", "name": "c.pl", "authinfo": "A-code-77"}
    assert running.told("POST", "/_sim/act", {**asked, "authinfo": "wrong"}) == {"code": 2202}
    assert running.told("POST", "/_sim/act", asked) == {"code": 1001}
    assert running.told("POST", "/_sim/act", asked) == {"code": 2300}

    running.told("POST", "/_sim/clock", {"advance": 5 * DAY - 60})
    waiting = running.told("GET", "/_sim/domains/c.pl")
    running.told("POST", "/_sim/clock", {"advance": 120})
    gone = running.told("GET", "/_sim/domains/c.pl")

    assert (waiting["sponsor"], waiting["statuses"]) == ("countersign", ["pendingTransfer"])
    assert (gone["sponsor"], gone["statuses"], gone["authinfo"]) == ("rival", [], False)
    assert gone["transfer"]["state"] == "serverApproved"
    assert gone["transferred"] == gone["transfer"]["until"]
    assert running.told("GET", "/_sim/state")["queue"] == 2


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("/_sim/faults", {"kind": "fire"}, "There is no fault “fire”."),
        ("/_sim/faults", {"kind": "drop", "times": "often"}, "“times” does not fit."),
        ("/_sim/faults", {"kind": "drop", "acts": 1}, "“acts” does not fit."),
        ("/_sim/clock", {"advance": -1}, "advance is a number of seconds, forwards"),
        ("/_sim/clock", {"advance": True}, "advance is a number of seconds, forwards"),
        ("/_sim/domains", {"name": "d.pl", "colour": "red"}, "A domain has authinfo,"),
        ("/_sim/domains", {"name": "d.pl", "expires": "tomorrow"}, "expires is a time in ISO 8601."),
        ("/_sim/domains", {"name": "d.pl", "expires": "2027-01-01T00:00"}, "expires has no zone."),
        ("/_sim/domains", {"domains": "d.pl"}, "domains is a list of objects."),
        ("/_sim/act", {"do": "dance"}, "“do” is one of request,"),
        ("/_sim/act", [], "Send an object."),
    ],
)
def test_what_the_control_does_not_understand_is_said(running: Running, path: str, content: Any, said: str) -> None:
    answer = running.call("POST", path, content)

    assert answer.status == 400
    assert answer.json()["error"].startswith(said)


def test_a_page_of_another_site_cannot_play(running: Running) -> None:
    assert running.call("GET", "/_sim/state", host="rebound.example").status == 421
    assert running.call("POST", "/_sim/clear", {}, **{"content-type": "text/plain"}).status == 415
    assert running.call("POST", "/_sim/nothing", {}).status == 404
    assert running.call("GET", "/_sim/domains/nobody.pl").status == 400


def test_the_page_shows_what_there_is_and_lets_nothing_in(running: Running) -> None:
    running.told("POST", "/_sim/domains", {"name": "e.pl", "registrant": "<b>H"})

    answer = running.call("GET", "/")

    assert b"<td>e.pl</td><td>&lt;b&gt;H</td><td>countersign</td>" in answer.data
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'self'"


def test_only_their_owner_reads_the_keys(running: Running) -> None:
    for name in ("registry.key", "registrar.key"):
        assert (running.data / "pki" / name).stat().st_mode & 0o077 == 0


def test_without_a_password_it_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "devstack.registry", "--epp-port", "0", "--control-port", "0", "--data"]
    environment = {name: value for name, value in os.environ.items() if name != "REGISTRY_PASSWORD"}

    ended = subprocess.run([*command, str(tmp_path)], env=environment, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (1, "Set REGISTRY_PASSWORD in the environment.\n")
