"""The embedded account updater: it answers by the files, with each fault, and loses nothing when it is killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from pytest_django import Settings

from backoffice.cards.autopay import calls, files
from backoffice.cards.autopay.updater import HttpUpdater, UpdaterRefusal, UpdaterUnavailable
from devstack.updater.store import Store
from tests.cards.autopay.updating import make_renewed, open_update
from workflows.base.spec import Nothing

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIz"
NOBODY = "http://127.0.0.1:9"


def request_of(*billers: str) -> files.Request:
    lines = [files.AskedLine(uuid.uuid4(), "ic_old", "ic_new", "4242", "0005", biller) for biller in billers]
    return files.Request(uuid.uuid4(), datetime.now(UTC).replace(microsecond=0), lines)


class Running:
    """The simulator as its own process, which answers after an hour of its clock."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "devstack.updater", "--port", self.url.rpartition(":")[2]]
        self.process = subprocess.Popen(
            [*command, "--data", str(self.folder), "--public-url", NOBODY, "--answer-after", "3600"],
            env={**os.environ, "UPDATER_SECRET": SECRET},
        )
        until = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < until

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def tell(self, path: str, content: object) -> int:
        return int(urllib3.request("POST", self.url + path, json=content, retries=False).status)

    def ask(self, request: files.Request, *, secret: str = SECRET) -> None:
        HttpUpdater(url=self.url, secret=secret).send(request.batch, files.write_request(request))

    def _answers(self) -> bool:
        try:
            return urllib3.request("GET", self.url + "/healthz", retries=False, timeout=1).status == 200
        except urllib3.exceptions.HTTPError:
            return False


@pytest.fixture(scope="module")
def updater(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("updater"))
    running.start()
    yield running
    running.kill()


def written(folder: Path, batch: uuid.UUID) -> list[tuple[str, files.Response]]:
    """The responses to a batch that were written, each with its state."""
    store = Store(folder / "updater.sqlite3")
    told = "select state, body from responses where batch = ? order by due, number"
    rows = store.db.execute(told, (batch.hex,)).fetchall()
    store.close()
    return [(row["state"], files.read_response(row["body"])) for row in rows]


@pytest.mark.parametrize(
    ("fault", "numbers", "lines"),
    [
        ("", [1], 3),
        ("twice", [1, 1], 6),
        ("again", [1, 2], 6),
        ("partly", [1, 2], 3),
        ("out_of_order", [2, 1], 3),
        ("unknown_line", [1], 4),
        ("drop", [], 0),
        ("late", [1], 3),
    ],
)
def test_it_answers_with_each_fault(fault: str, numbers: list[int], lines: int, updater: Running) -> None:
    request = request_of("NET1", "NET2", "")
    updater.tell("/_sim/codes", {"NET2": "Q"})
    for _again in range(2):
        updater.ask(request)
    updater.tell("/_sim/faults", {fault: {}} if fault else {})
    updater.tell("/_sim/clock", {"advance": 3600})

    found = written(updater.folder, request.batch)
    assert sorted(response.number for _state, response in found) == sorted(numbers)
    assert sum(len(response.lines) for _state, response in found) == lines
    told = {line.id: line.answer for _state, response in found for line in response.lines}
    ours = [told[line.id] for line in request.lines if line.id in told]
    assert ours == (["A", "Q", "P"] if numbers else [])
    assert [state for state, _response in found].count("held") == (1 if fault == "partly" else 0)


def test_it_tells_once_of_a_biller_that_has_the_old_card_and_that_nobody_asked_about(updater: Running) -> None:
    known = [
        {"card": card, "biller": biller, "name": "Example Gym", "answer": "N"}
        for card, biller in (("ic_old", "NEWGYM1"), ("ic_old", "NET1"), ("ic_other", "NEWGYM1"))
    ]
    requests = [request_of("NET1"), request_of("NET1")]
    assert updater.tell("/_sim/finds", known) == 200
    assert updater.tell("/_sim/finds", [{"card": "ic_old"}]) == 400
    for request in requests:
        updater.ask(request)
    updater.tell("/_sim/clock", {"advance": 3600})

    (first,), (second,) = (written(updater.folder, request.batch) for request in requests)
    assert (len(first[1].lines), first[1].finds) == (1, [files.Find("ic_old", "NEWGYM1", "Example Gym", "N")])
    assert second[1].finds == []


def test_what_is_not_signed_or_is_another_batch_is_not_taken(updater: Running) -> None:
    request = request_of("NET1")
    with pytest.raises(UpdaterRefusal, match="http_401"):
        updater.ask(request, secret="whsec_" + "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw")
    updater.ask(request)
    with pytest.raises(UpdaterRefusal, match="http_409"):
        updater.ask(files.Request(request.batch, request.made_at, []))
    updater.tell("/_sim/faults", {"down": {}})
    with pytest.raises(UpdaterUnavailable, match="http_503"):
        updater.ask(request)
    updater.tell("/_sim/faults", {"lost_answer": {"seconds": 0}})
    another = request_of("NET1")
    with pytest.raises(UpdaterUnavailable):
        updater.ask(another)
    state = urllib3.request("GET", updater.url + "/_sim/state", retries=False).json()
    assert state["batches"][-2:] == [request.batch.hex, another.batch.hex]
    assert updater.tell("/_sim/faults", {"no such": {}}) == 400


@pytest.mark.django_db
def test_a_batch_that_is_sent_again_after_days_is_the_same_file(updater: Running, settings: Settings) -> None:
    """Whoever takes over from a killed worker knows neither when it was asked for nor when it was sent."""
    settings.UPDATER_URL, settings.UPDATER_SECRET = updater.url, SECRET
    case, now = open_update(make_renewed(), lines_=1), datetime.now(UTC)

    for late in (timedelta(0), timedelta(days=2)):
        calls.send_batch(case=case, args=Nothing(), key="k", asked_at=now + late, now=now + late)


def test_killed_in_the_middle_of_a_batch_it_answers_each_line_once(tmp_path: Path) -> None:
    """And our side, which got no answer, asks again with the same batch."""
    request, running = request_of("NET1", "NET2"), Running(tmp_path)
    with pytest.raises(UpdaterUnavailable):
        running.ask(request)
    running.start()
    running.ask(request)
    running.kill()
    running.start()
    running.tell("/_sim/clock", {"advance": 3600})
    running.kill()

    [(_state, response)] = written(tmp_path, request.batch)
    assert [line.id for line in response.lines] == [line.id for line in request.lines]
