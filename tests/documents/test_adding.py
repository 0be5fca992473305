"""Files come in where a work item asks for them, from whoever may answer it; the answer tells which there were."""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.actors import Actor
from backoffice.cases import answering, catalogue, evidence
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.documents import adding, fields, storing
from backoffice.documents.models import Document
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from tests.documents import hostile, signed_form
from tests.documents.conftest import files_in
from tests.factories import actor, make_staff, sign_in
from tests.playing import ask, close, customer_actor
from tests.portal.conftest import Person

pytestmark = pytest.mark.django_db
SCAN = hostile.picture("JPEG")
"""A picture is checked sooner than a PDF."""
HTML = b"<html></html>"


def add(item: WorkItem, by: Actor, content: bytes = SCAN, *, field: str = "signed", name: str = "form.jpg") -> Document:
    return adding.add(item_id=item.id, field=field, file=io.BytesIO(content), name=name, by=by)


def send(client: Client, item: WorkItem, content: bytes = SCAN, *, field: str = "signed", **headers: Any) -> Any:
    file = SimpleUploadedFile("My form.jpg", content)
    return client.post(reverse("documents:add", args=[item.id, field]), {"file": file}, **headers)


def page(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


# --- the rule ---------------------------------------------------------------------------------------------------------


def test_a_file_is_added_to_the_field_that_asks_for_it(holder: Person, item: WorkItem) -> None:
    document = add(item, customer_actor(holder.customer))

    assert (document.item, document.case, document.purpose) == (item, item.case, signed_form.FORM)
    assert document.customer == holder.customer
    assert add(item, customer_actor(holder.customer)) == document, "the same file again"


def test_nobody_adds_to_what_is_not_theirs(holder: Person, taker: Person, item: WorkItem) -> None:
    clerk = make_staff(role=Role.SUPPORT)
    for by in (customer_actor(taker.customer), actor(clerk)):
        with pytest.raises(NotFound):
            add(item, by)
    assert not Document.objects.exists()


def test_the_second_party_adds_to_its_own_item(taker: Person, handover: Case) -> None:
    theirs = ask(handover, "witness", stage="sent")

    assert add(theirs, customer_actor(taker.customer)).customer == taker.customer


def test_a_clerk_of_another_role_adds_nothing(handover: Case) -> None:
    check = ask(handover, "look")

    with pytest.raises(Forbidden):
        add(check, actor(make_staff(role=Role.APPROVER)))
    assert add(check, actor(make_staff(role=Role.SUPPORT))).origin == "scanned"


def test_a_field_that_takes_no_files_is_not_there(holder: Person, item: WorkItem) -> None:
    for field in ("decision", "nonsense"):
        with pytest.raises(NotFound):
            add(item, customer_actor(holder.customer), field=field)


def test_to_what_is_closed_nothing_is_added(holder: Person, item: WorkItem) -> None:
    close(item.case)

    with pytest.raises(Conflict):
        add(item, customer_actor(holder.customer))


def test_there_is_room_for_so_many_files_only(holder: Person, item: WorkItem) -> None:
    by = customer_actor(holder.customer)
    add(item, by)
    second = add(item, by, hostile.picture("JPEG", size=(9, 9)))

    with pytest.raises(Conflict, match="There are 2 files already") as refused:
        add(item, by, hostile.picture("JPEG", size=(8, 8)))
    assert refused.value.field == "file"

    adding.remove(item_id=item.id, field="signed", public_id=second.public_id, by=by)
    assert add(item, by, hostile.picture("JPEG", size=(8, 8))).is_kept


def test_what_was_added_can_be_taken_away_by_the_same_person_only(
    holder: Person, taker: Person, item: WorkItem, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    document = add(item, customer_actor(holder.customer))
    told: dict[str, Any] = {"item_id": item.id, "field": "signed", "public_id": document.public_id}
    with pytest.raises(NotFound):
        adding.remove(**told, by=customer_actor(taker.customer))
    with pytest.raises(NotFound):
        adding.remove(**{**told, "public_id": uuid.uuid4()}, by=customer_actor(holder.customer))

    with django_capture_on_commit_callbacks(execute=True):
        adding.remove(**told, by=customer_actor(holder.customer))

    assert files_in(folder) == []
    assert Event.objects.filter(case=item.case).latest("number").kind == "document.removed"


# --- the field --------------------------------------------------------------------------------------------------------


def test_the_answer_holds_what_lies_there_and_nothing_that_was_sent_with_it(
    holder: Person, taker: Person, item: WorkItem, handover: Case
) -> None:
    by = customer_actor(holder.customer)
    other = add(ask(handover, "witness"), customer_actor(taker.customer))
    data = {"decision": "agreed", "signed": str(other.public_id)}
    with pytest.raises(Invalid, match="Add the file first"):
        answering.answer(item_id=item.id, by=by, data=data)
    mine = add(item, by)

    answering.answer(item_id=item.id, by=by, data=data)

    item.refresh_from_db()
    assert item.answer is not None
    assert item.answer["signed"] == [str(mine.public_id)]
    assert list(fields.chosen(item.answer, "signed")) == [mine]


def test_the_answer_is_read_later_by_the_names_of_the_files(holder: Person, item: WorkItem) -> None:
    by = customer_actor(holder.customer)
    document = add(item, by, name="Cesja 域名.jpg")
    answering.answer(item_id=item.id, by=by, data={"decision": "agreed"})
    storing.delete(document, now=document.made_at)
    item.refresh_from_db()

    assert ("The signed form", "Cesja 域名.jpg") in evidence.lines_of(item)


def test_every_form_has_files_of_its_own(holder: Person, item: WorkItem) -> None:
    by = customer_actor(holder.customer)
    add(item, by)

    form = catalogue.answering(item).form_for(item, by=by)

    assert [len(form.fields[name].documents) for name in ("signed", "extract")] == [1, 0]  # type: ignore[attr-defined]


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_of_the_item_leads_to_the_page_for_files_and_back(holder: Person, item: WorkItem) -> None:
    asked = page(holder.client, reverse("portal:item", args=[item.id]))
    way = reverse("documents:add", args=[item.id, "signed"])
    assert way in asked
    assert "No file yet." in asked

    shown = page(holder.client, way)

    assert 'enctype="multipart/form-data"' in shown
    assert "at most 10 MB and 30 pages" in shown
    assert reverse("portal:item", args=[item.id]) in shown
    assert "Both of you sign it." in shown


def test_what_was_sent_is_shown_with_what_was_found(holder: Person, item: WorkItem) -> None:
    sent = send(holder.client, item)

    shown = page(holder.client, sent.url)
    assert "Added: My form.jpg (JPEG, 1 page)." in shown
    assert "My form.jpg" in page(holder.client, reverse("portal:item", args=[item.id]))


def test_why_a_file_was_refused_stands_on_the_field(holder: Person, item: WorkItem) -> None:
    sent = send(holder.client, item, HTML)

    shown = sent.content.decode()
    assert "neither a PDF nor a JPEG or PNG picture" in shown
    assert "aria-invalid" in shown
    assert Document.objects.get().state == "quarantined"


def test_sending_nothing_asks_for_a_file(holder: Person, item: WorkItem) -> None:
    sent = holder.client.post(reverse("documents:add", args=[item.id, "signed"]), {})

    assert "Choose a file." in sent.content.decode()


def test_a_script_is_told_in_json(holder: Person, item: WorkItem) -> None:
    taken = send(holder.client, item, headers={"accept": "application/json"})
    refused = send(holder.client, item, HTML, headers={"accept": "application/json"})

    assert json.loads(taken.content) == {"next": reverse("documents:add", args=[item.id, "signed"])}
    assert "neither a PDF" in json.loads(refused.content)["sentence"]


def test_a_large_file_is_let_through_here_and_told_why_it_is_refused(holder: Person, item: WorkItem) -> None:
    shown = send(holder.client, item, SCAN + b"\0" * (10 * 1024 * 1024)).content.decode()

    assert "larger than 10 MB" in shown


def test_what_is_far_too_large_is_not_read_at_all(holder: Person, item: WorkItem) -> None:
    sent = send(holder.client, item, headers={"content-length": str(12 * 1024 * 1024)})

    assert sent.status_code in (303, 413)
    assert not Document.objects.exists()


def test_a_file_is_removed_on_its_page(holder: Person, item: WorkItem) -> None:
    document = add(item, customer_actor(holder.customer))

    removed: Any = holder.client.post(reverse("documents:remove", args=[item.id, "signed", document.public_id]))

    assert "The file is removed." in page(holder.client, removed.url)
    assert (
        holder.client.get(reverse("documents:remove", args=[item.id, "signed", document.public_id])).status_code == 405
    )


def test_for_others_the_page_is_not_there(taker: Person, item: WorkItem) -> None:
    way = reverse("documents:add", args=[item.id, "signed"])

    assert taker.client.get(way).status_code == 404
    assert send(taker.client, item).status_code == 404
    signed_out: Any = Client().get(way)
    assert "/account/login/" in signed_out.url
    assert not Document.objects.exists()


def test_a_clerk_adds_at_the_desk(handover: Case) -> None:
    check = ask(handover, "look")
    clerk = sign_in(Client(), make_staff(role=Role.SUPPORT))
    way = reverse("documents:add", args=[check.id, "extract"])
    assert "face-desk" in page(clerk, way)

    sent = send(clerk, check, field="extract")

    assert "Added: My form.jpg" in page(clerk, sent.url)
    shown = page(clerk, reverse("admin:desk_item", args=[check.id]))
    assert reverse("documents:page", args=[Document.objects.get().public_id, 1]) in shown
    assert way in page(clerk, reverse("admin:desk_item", args=[check.id]))
    assert sign_in(Client(), make_staff(role=Role.APPROVER)).get(way).status_code == 403


def test_a_customer_sends_no_more_than_their_form_asks_although_the_token_is_missing(
    holder: Person, item: WorkItem
) -> None:
    client = Client(enforce_csrf_checks=True)
    assert holder.customer.user is not None
    client.force_login(holder.customer.user, backend="django.contrib.auth.backends.ModelBackend")

    send(client, item)

    assert not Document.objects.exists()


# --- what was typed before the file -----------------------------------------------------------------------------------


def test_what_was_typed_is_there_again_after_a_file_was_added(holder: Person, item: WorkItem) -> None:
    way = reverse("documents:keep", args=[item.id, "signed"])
    assert way in page(holder.client, reverse("portal:item", args=[item.id]))

    answer = holder.client.post(way, {"decision": "agreed", "csrfmiddlewaretoken": "x", "other": "no field"})

    assert answer["Location"] == reverse("documents:add", args=[item.id, "signed"])
    item.refresh_from_db()
    assert item.draft == {"decision": "agreed"}
    assert "checked" in page(holder.client, reverse("portal:item", args=[item.id]))


def test_at_the_desk_as_well(handover: Case) -> None:
    item, clerk = ask(handover, "look"), make_staff(role=Role.SUPPORT)
    client = sign_in(Client(), clerk)

    client.post(reverse("documents:keep", args=[item.id, "extract"]), {"decision": "agreed", "seen": "7"})

    assert "checked" in page(client, reverse("admin:desk_item", args=[item.id]))


def test_nobody_keeps_a_draft_of_what_is_not_theirs(taker: Person, item: WorkItem) -> None:
    answer = taker.client.post(reverse("documents:keep", args=[item.id, "signed"]), {"decision": "agreed"})

    assert answer.status_code == 404
    item.refresh_from_db()
    assert item.draft is None
