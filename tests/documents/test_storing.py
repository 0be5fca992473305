"""Content is written once, read back with its hash checked, and deleted when its time is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case, Event
from backoffice.documents import storing
from backoffice.documents.models import Document, DocumentState, Origin, RefusedFor
from backoffice.documents.storing import What
from tests.factories import make_card, now
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 not really"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Path:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def case() -> Case:
    return open_card_case(make_card())


def what(case: Case | None, **fields: object) -> What:
    return What(**({"purpose": "cession_form", "origin": Origin.MADE, "case": case, "label": "Cesja Zażółć"} | fields))  # type: ignore[arg-type]


def keep(case: Case | None, content: bytes = PDF, **fields: object) -> Document:
    return storing.keep(what(case, **fields), content, media_type="application/pdf", pages=1, by=system(), now=now())


def refused(case: Case) -> Document:
    told = {"sha256": storing.hash_of(PDF), "size": len(PDF)}
    return storing.note_refused(what(case), **told, reason=RefusedFor.VIRUS, by=system(), now=now())  # type: ignore[arg-type]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_is_read_back(case: Case, folder: Path) -> None:
    document = keep(case)

    assert storing.read(document) == PDF
    assert document.label == "Cesja Zażółć"
    [file] = files(folder)
    assert "esja" not in str(file)
    assert str(case.id) not in str(file)


def test_the_name_is_sealed_in_the_database(case: Case) -> None:
    document = keep(case)

    with connection.cursor() as cursor:
        cursor.execute("SELECT label FROM documents_document WHERE id = %s", [document.pk])
        assert "Cesja" not in cursor.fetchone()[0]


def test_the_same_content_for_the_same_purpose_is_one_document_and_one_file(case: Case, folder: Path) -> None:
    first, again = keep(case), keep(case)

    assert first == again
    assert len(files(folder)) == 1
    assert keep(case, purpose="another") != first
    assert keep(None) != first
    assert Document.objects.count() == 3


def test_keeping_is_a_line_of_the_timeline_without_the_name(case: Case) -> None:
    keep(case)

    event = Event.objects.filter(case=case).latest("number")
    assert event.kind == "document.kept"
    assert "Cesja" not in str(event.data)
    case.refresh_from_db()
    assert timeline.verify(case) is None


def test_a_file_that_was_changed_is_never_given_out(case: Case, folder: Path) -> None:
    document = keep(case)
    files(folder)[0].write_bytes(PDF + b"!")

    with pytest.raises(storing.ContentLost, match="damaged"):
        storing.read(document)


def test_a_file_that_is_gone_is_said_to_be_damaged(case: Case) -> None:
    document = keep(case)
    default_storage.delete(document.stored)

    with pytest.raises(storing.ContentLost, match="damaged"):
        storing.read(document)


def test_of_a_refused_file_only_hash_and_reason_stay(case: Case, folder: Path) -> None:
    row = refused(case)

    row.refresh_from_db()
    assert (row.state, row.reason, row.sha256) == ("quarantined", "virus", storing.hash_of(PDF))
    assert (row.label, row.stored, row.media_type) == ("", "", "")
    assert files(folder) == []
    with pytest.raises(storing.ContentLost):
        storing.read(row)


def test_a_refused_row_cannot_hold_content(case: Case) -> None:
    row = refused(case)

    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=row.pk).update(stored="documents/x")


def test_content_is_deleted_when_its_time_is_over_and_the_row_stays(
    case: Case, folder: Path, django_capture_on_commit_callbacks: object
) -> None:
    document, other = keep(case), keep(case, b"%PDF-1.7 kept on")
    storing.retain(document, until=now() + timedelta(days=1))
    default_storage.save(f"{storing.PICTURES}/{document.public_id}/1.png", ContentFile(b"png"))

    assert storing.delete_due(now=now()) == 0
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert storing.delete_due(now=now() + timedelta(days=2)) == 1

    document.refresh_from_db()
    assert (document.state, document.stored) == (DocumentState.DELETED, "")
    assert document.deleted_at is not None
    assert document.sha256 == storing.hash_of(PDF)
    assert [path.name for path in files(folder)] == [other.stored.rpartition("/")[2]]
    assert Event.objects.filter(case=case).latest("number").kind == "document.deleted"
    with pytest.raises(storing.ContentLost, match="its time was over"):
        storing.read(document)


def test_files_of_no_document_are_swept_after_a_day(case: Case, folder: Path) -> None:
    keep(case)
    (folder / storing.FOLDER / "stray").write_bytes(b"x")

    assert storing.sweep(now=now()) == 0
    assert storing.sweep(now=now() + timedelta(days=2)) == 1
    assert len(files(folder)) == 1
