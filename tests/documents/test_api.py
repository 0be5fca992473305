"""Files through the API: the same rule, the same words."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from backoffice.cases.models import Case, WorkItem
from backoffice.documents.models import Document
from backoffice.staff.models import Role
from tests.api.conftest import Api
from tests.documents import hostile
from tests.factories import make_staff
from tests.playing import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(handover: Case) -> WorkItem:
    return ask(handover, "look")


def send(api: Api, content: bytes = hostile.picture("JPEG"), **data: Any) -> HttpResponse:
    told = {"file": SimpleUploadedFile("scan.jpg", content), "field": "signed", **data}
    return api.client.post("/api/v1/documents", told, headers=api.headers)  # type: ignore[return-value]


def answer_of(response: Any) -> dict[str, Any]:
    told: dict[str, Any] = response.json()
    return told


def test_a_scan_is_added_to_a_work_item(check: WorkItem) -> None:
    api = Api(make_staff(role=Role.SUPPORT))

    sent = send(api, item=str(check.id))

    assert sent.status_code == 201
    document = Document.objects.get()
    told = {"id": str(document.public_id), "type": "image/jpeg", "pages": 1}
    assert answer_of(sent) == {**told, "size": document.size, "sha256": document.sha256}
    assert api.post(f"items/{check.id}/answer", {"decision": "agreed"}).status_code == 200


def test_a_file_is_refused_in_the_same_words(check: WorkItem) -> None:
    refused = send(Api(make_staff(role=Role.SUPPORT)), b"<html>", item=str(check.id))

    assert refused.status_code == 400
    assert answer_of(refused)["code"] == "other_type"
    assert answer_of(refused)["field"] == "file"
    assert "neither a PDF" in answer_of(refused)["sentence"]


def test_nobody_else_adds_one(check: WorkItem, handover: Case) -> None:
    theirs = ask(handover, "send")

    assert send(Api(make_staff(role=Role.APPROVER)), item=str(check.id)).status_code == 403
    assert send(Api(make_staff(role=Role.SUPPORT)), item=str(theirs.id)).status_code == 404
    assert send(Api(None), item=str(check.id)).status_code == 401
    assert not Document.objects.exists()


def test_what_is_missing_is_said_at_once(check: WorkItem) -> None:
    api = Api(make_staff(role=Role.SUPPORT))

    wrong = send(api, item="nonsense", file="no file")

    assert wrong.status_code == 400
    assert set(answer_of(wrong)["errors"]) == {"file", "item"}
    assert send(api, item=str(check.id), field="decision").status_code == 404
    assert api.post("documents", {"item": str(check.id)}).status_code == 415


def test_what_is_far_too_large_is_not_read(check: WorkItem) -> None:
    api = Api(make_staff(role=Role.SUPPORT))
    headers = {**api.headers, "content-length": str(12 * 1024 * 1024)}

    sent = api.client.post("/api/v1/documents", {"item": str(check.id)}, headers=headers)

    assert sent.status_code == 413
