"""Taking a file: what is kept, what is refused with which words, and that nothing of it stays then (threat 14)."""

from __future__ import annotations

import io
import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.actors import ActorKind, Channel
from backoffice.cases.models import Case, Event
from backoffice.documents import checker, isolated, scanning, storing, uploads
from backoffice.documents.models import Document, DocumentState, Origin, RefusedFor
from backoffice.documents.uploads import FileRefused
from backoffice.refusals import Conflict
from backoffice.staff.models import Role
from backoffice.trust.limits import Limit
from tests.documents import hostile
from tests.factories import actor, make_card, make_staff, now
from tests.playing import customer_actor, open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.CLAMD_URL = ""
    return tmp_path


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


def take(case: Case, content: bytes, **more: Any) -> Document:
    by = more.pop("by", None) or customer_actor(case.customer)
    told = {"name": "C:\\Users\\me\\Signed form.pdf", "purpose": "signed_form", **more}
    return uploads.take(case=case, item=None, file=io.BytesIO(content), by=by, now=now(), **told)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_pdf_is_kept_byte_for_byte_for_whom_sent_it(case: Case) -> None:
    sent = hostile.pdf(pages=2)

    document = take(case, sent)

    assert storing.read(document) == sent
    assert (document.pages, document.media_type, document.origin) == (2, "application/pdf", Origin.UPLOADED)
    assert document.label == "Signed form.pdf"
    assert document.customer == case.customer
    assert document.channel == Channel.PORTAL
    assert document.made_by_kind == ActorKind.CUSTOMER


def test_a_picture_is_kept_as_it_was_drawn_anew_with_the_hash_of_what_came(case: Case) -> None:
    sent = hostile.picture("JPEG", comment=b"secret place")

    document = take(case, sent, name="scan.jpg")

    assert document.received == storing.hash_of(sent) != document.sha256
    assert b"secret place" not in storing.read(document)
    assert document.sha256 == storing.hash_of(storing.read(document))


def test_what_staff_sends_is_a_scan_that_belongs_to_the_case(case: Case) -> None:
    clerk = make_staff(role=Role.SUPPORT)

    document = take(case, hostile.pdf(), by=actor(clerk))

    assert (document.origin, document.customer) == (Origin.SCANNED, None)


REFUSED = {
    "nothing": (b"", RefusedFor.EMPTY, "empty"),
    "a large file": (b"%PDF-1.7" + b"\0" * uploads.LARGEST_FILE, RefusedFor.TOO_LARGE, "larger than 10 MB"),
    "a web page": (b"<html></html>", RefusedFor.OTHER_TYPE, "neither a PDF nor a JPEG or PNG"),
    "two kinds": (hostile.pdf() + hostile.zipped(), RefusedFor.POLYGLOT, "two kinds of file"),
    "a script": (hostile.pdf(catalog=b"/OpenAction << /S /JavaScript /JS (x) >>"), RefusedFor.ACTIVE, "holds a script"),
    "a bomb of pixels": (hostile.png_bomb(), RefusedFor.TOO_MANY_PIXELS, "too many pixels"),
    "EICAR": (hostile.EICAR, RefusedFor.VIRUS, "virus scanner found something"),
    "EICAR in a PDF": (hostile.pdf(more=(b"(" + hostile.EICAR + b")",)), RefusedFor.VIRUS, "virus scanner"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_leaves_its_hash_and_the_reason(what: str, case: Case, folder: Path) -> None:
    sent, reason, words = REFUSED[what]

    with pytest.raises(FileRefused, match=words) as refused:
        take(case, sent)

    assert (refused.value.field, refused.value.status) == ("file", 400)
    row = Document.objects.get()
    assert (row.state, row.reason, row.label) == (DocumentState.QUARANTINED, reason, "")
    assert (row.sha256, row.size) == (storing.hash_of(sent), len(sent))
    assert files(folder) == []
    event = Event.objects.filter(case=case).latest("number")
    assert (event.kind, set(event.data)) == ("document.refused", {"document"})


def test_every_reason_has_its_sentence() -> None:
    assert set(uploads.SENTENCES) == set(RefusedFor)
    assert len({str(sentence) for sentence in uploads.SENTENCES.values()}) == len(RefusedFor)


def test_a_bomb_ends_by_the_limits_of_its_process_and_not_of_ours(
    case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a second of the processor instead of twenty, for the sake of this test."""
    script = Path(checker.__file__).read_text().replace("CPU_SECONDS = 20", "CPU_SECONDS = 1")
    (folder / "checker.py").write_text(script)
    monkeypatch.setattr(isolated, "_COMMAND", ["-I", str(folder / "checker.py")])
    bomb = hostile.with_stream_bomb(10_000_000)
    assert len(bomb) < 1000

    with pytest.raises(FileRefused, match="takes too long to check"):
        take(case, bomb)

    assert Document.objects.get().reason == RefusedFor.TOO_COMPLEX


def test_a_process_that_crashes_or_hangs_means_that_the_file_is_too_complex(monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("import os; os.abort()", "import time; time.sleep(60)", "print('not json', end='')"):
        command = ["-I", "-c", code]
        monkeypatch.setattr(isolated, "_COMMAND", command)
        monkeypatch.setattr(isolated, "LONGEST", timedelta(seconds=0.5))
        with pytest.raises(isolated.CannotUse) as refused:
            isolated.check(hostile.pdf())
        assert refused.value.reason == RefusedFor.TOO_COMPLEX


def test_the_process_has_little_memory_and_no_secrets() -> None:
    script = Path(checker.__file__).read_text().replace('if __name__ == "__main__":\n', "")
    probe = (
        'resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))\nimport os\ntry:\n    b"x" * (2 * MEMORY)\n'
        'except MemoryError:\n    print("refused", len(os.environ))\nsys.exit(0)\n'
    )
    script = script.replace("    sys.exit(main(sys.argv[1:]))\n", probe)

    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, env={}, check=True)

    assert done.stdout.split()[0] == b"refused"


def test_many_files_within_an_hour_are_too_many(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "TRIES", Limit("uploads-of-a-test", times=1, per=timedelta(hours=1)))
    with pytest.raises(FileRefused):
        take(case, b"")

    with pytest.raises(Conflict, match="many files"):
        take(case, b"")


# --- the virus scanner ------------------------------------------------------------------------------------------------


class Clamd(socketserver.BaseRequestHandler):
    """As much of clamd as INSTREAM needs."""

    verdict = b"stream: OK"

    def handle(self) -> None:
        command = b""
        while not command.endswith((b"\n", b"\0")):
            command += self.request.recv(1)
        assert b"INSTREAM" in command
        while size := int.from_bytes(self.request.recv(4, 0x100), "big"):
            while size:
                size -= len(self.request.recv(size))
        self.request.sendall(self.verdict + command[-1:])


@pytest.fixture
def clamd(settings: Any) -> Iterator[type[Clamd]]:
    class Ours(Clamd):
        pass

    with socketserver.TCPServer(("127.0.0.1", 0), Ours) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield Ours
        server.shutdown()


def test_a_file_that_the_scanner_passes_is_kept(case: Case, clamd: type[Clamd]) -> None:
    assert take(case, hostile.pdf()).is_kept


def test_a_file_in_which_the_scanner_finds_something_is_refused(case: Case, clamd: type[Clamd]) -> None:
    clamd.verdict = b"stream: Win.Test.EICAR_HDB-1 FOUND"

    with pytest.raises(FileRefused, match="virus scanner found something"):
        take(case, hostile.pdf())


@pytest.mark.parametrize("verdict", [b"stream: INSTREAM size limit exceeded. ERROR", b"nonsense", b""])
def test_a_scanner_that_says_nothing_passes_nothing(case: Case, clamd: type[Clamd], verdict: bytes) -> None:
    clamd.verdict = verdict

    with pytest.raises(scanning.ScannerAway, match="Try again"):
        take(case, hostile.pdf())


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock", "http://127.0.0.1"])
def test_a_scanner_that_is_away_passes_nothing_and_leaves_no_row(case: Case, settings: Any, url: str) -> None:
    settings.CLAMD_URL = url

    with pytest.raises(scanning.ScannerAway) as refused:
        take(case, hostile.pdf())

    assert refused.value.status == 503
    assert not Document.objects.exists()


def test_the_checker_answers_in_json() -> None:
    told = subprocess.run(
        [sys.executable, "-I", checker.__file__, "check"], input=b"<html>", capture_output=True, check=True
    )

    assert json.loads(told.stdout) == {"refused": "other_type"}
