"""The evidence: gathered by itself, verified from the file alone, and every change of it is named."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases import bundles, checkpoints, timeline, worklist
from backoffice.cases.models import Case, Event
from backoffice.cases.timeline import hash_of
from backoffice.cases.unit_of_work import changing
from backoffice.complaints import evidence, printing
from backoffice.complaints.models import Bundle, Complaint, Decision, Edition, Redress
from backoffice.customers import reading
from backoffice.customers.models import Customer
from backoffice.documents.models import Document
from backoffice.refusals import NotFound
from backoffice.staff.models import Role
from tests.complaints.complaining import ask_owner, begin, complain, hanna, rung, tell
from tests.factories import actor, make_card, make_customer, make_staff, now, sign_in
from tests.playing import close, customer_actor, open_card_case
from tests.portal.conftest import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(maria: Customer) -> Case:
    """About a call, and a case of hers with a document."""
    boss = make_staff(role=Role.SUPERVISOR, last_name="Aalders")
    card = open_card_case(make_card(customer=maria))
    told = {"made_at": now(), "made_by_kind": "system", "channel": "desk", "stored": f"d/{uuid.uuid4()}"}
    Document.objects.create(case=card, purpose="letter", sha256="ab" * 32, origin="made", **told)
    told["stored"] = f"d/{uuid.uuid4()}"
    Document.objects.create(case=card, purpose="letter", sha256="cd" * 32, origin="scanned", **told)
    call = rung(maria, hanna())
    rung(make_customer(), make_staff(first_name="Piet", last_name="Paulusma"))
    with changing(card.id) as locked:
        timeline.note(locked, "case.frozen", by=system(), reason="A neighbour told us.")
    case = complain(maria, contact=call.contact.reference, case=card.reference, text="They said: “zażółć” 😡 to me.")
    item = ask_owner(case)
    worklist.claim(item_id=item.id, by=actor(boss), user=boss)
    begin(case)
    return case


def bundle(case: Case, edition: Edition = Edition.FULL, moment: str = "opening") -> Bundle:
    return Bundle.objects.get(complaint_id=case.id, edition=edition, moment=moment)


def verify(path: Path) -> str:
    out = StringIO()
    call_command("verify_timeline", str(path), stdout=out)
    return out.getvalue()


def fault(path: Path) -> str:
    with pytest.raises(CommandError) as broken:
        verify(path)
    return str(broken.value)


@pytest.fixture
def file(case: Case, tmp_path: Path) -> Path:
    path = tmp_path / "evidence.json"
    path.write_text(bundle(case).content)
    return path


def changed(file: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """The fault of the file after a change to what it says."""
    read = json.loads(file.read_text())
    change(read)
    other = file.with_name("changed.json")
    other.write_text(bundles.canonical(read))
    return fault(other)


def test_it_is_made_by_itself_in_both_editions_and_its_digest_stands_in_the_timeline(case: Case) -> None:
    full, theirs = bundle(case), bundle(case, Edition.CUSTOMER)
    assert full.digest != theirs.digest
    assert Event.objects.get(case=case, kind="complaint.evidence").data["digest"] == full.digest
    begin_again = len(Bundle.objects.all())
    assert begin_again == 2


def test_it_holds_timelines_contacts_calls_and_documents(case: Case) -> None:
    read = json.loads(bundle(case).content)
    assert [one["reference"] for one in read["timelines"]] == [
        case.reference,
        Complaint.of(case).about_case.reference,  # type: ignore[union-attr]
    ]
    kinds = [one["kind"] for one in read["pieces"]]
    assert {"complaint", "contact", "call", "document"} <= set(kinds)
    call = next(one for one in read["pieces"] if one["kind"] == "call")
    assert call["content"]["agent"] == "Hanna Visser"
    assert "Paulusma" not in bundle(case).content
    hashes = {one["content"]["sha256"] for one in read["pieces"] if one["kind"] == "document"}
    assert hashes == {"ab" * 32, "cd" * 32}
    assert "cd" * 32 not in bundle(case, Edition.CUSTOMER).content


def test_it_verifies_from_the_file_alone_without_a_database(file: Path) -> None:
    with connections["default"].execute_wrapper(_no_database):
        said = verify(file)
    assert "chain intact" in said
    assert "full edition" in said


def _no_database(*args: object, **kwargs: object) -> None:
    raise AssertionError("the file alone must be enough")


def test_the_pdf_verifies_as_the_file_within_it_does(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "evidence.pdf"
    path.write_bytes(printing.as_pdf(bundle(case)))
    assert "chain intact" in verify(path)
    path.write_bytes(b"%PDF-1.7\nnothing")
    assert "PDF" in fault(path)


def test_every_changed_byte_is_found(file: Path) -> None:
    text = file.read_text()
    step = max(1, len(text) // 40)
    for at in range(0, len(text), step):
        other = "0" if text[at] != "0" else "1"
        file.write_text(text[:at] + other + text[at + 1 :])
        assert fault(file).startswith("BROKEN")
    file.write_text(text + "\n")
    assert "bytes" in fault(file)


def test_what_was_changed_is_named(case: Case, file: Path) -> None:
    where = f"line 1 of the timeline of case {case.reference}"
    assert f"{where} was changed" in changed(file, lambda read: read["timelines"][0]["lines"][0].update(reason="x"))
    assert f"{where} is missing" in changed(file, lambda read: read["timelines"][0]["lines"].pop(0))
    assert f"{where} is missing or stands elsewhere" in changed(
        file, lambda read: read["timelines"][0]["lines"].reverse()
    )
    last = len(json.loads(file.read_text())["timelines"][0]["lines"])
    assert f"line {last} of the timeline of case {case.reference} is missing at the end" in changed(
        file, lambda read: read["timelines"][0]["lines"].pop()
    )
    assert "piece 1 (complaint" in changed(file, lambda read: read["pieces"][0]["content"].update(text="All was well."))
    assert "beside the timelines" in changed(file, lambda read: read["pieces"].pop())
    assert "beside the timelines" in changed(file, lambda read: read["timelines"].pop())
    assert "another key" in changed(file, lambda read: read["seal"].update(key="A" * 43 + "="))
    assert "not signed" in changed(file, lambda read: read["seal"].update(signature="A" * 86 + "=="))
    assert "no bundle of evidence of ours" in changed(file, lambda read: read.update(format="other"))
    said = changed(file, lambda read: read["timelines"][0]["checkpoint"].update(number=0))
    assert "checkpoint" in said


def test_a_line_rewritten_with_its_hash_breaks_the_one_after_it(case: Case, file: Path) -> None:
    def rewrite(read: dict[str, Any]) -> None:
        line = read["timelines"][0]["lines"][0]
        line["reason"] = "nothing happened"
        line["hash"] = hash_of({name: value for name, value in line.items() if name not in ("hash", "says")})

    assert "line 2" in changed(file, rewrite)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '"x"', "[" * 50_000, '{"format":"countersign-evidence/1"}'], ids=lambda text: text[:9]
)
def test_what_is_no_bundle_is_refused_in_words(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    assert fault(path).startswith("BROKEN")


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    assert "cannot be read" in fault(tmp_path / "none.json")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert "BROKEN" in fault(tmp_path / "bytes")


def test_the_customers_edition_withholds_what_is_internal_and_verifies(case: Case, tmp_path: Path) -> None:
    text = bundle(case, Edition.CUSTOMER).content
    path = tmp_path / "theirs.json"
    path.write_text(text)

    assert "customer edition" in verify(path)
    assert "Hanna" not in text
    assert "Visser" not in text
    assert "A neighbour" in bundle(case).content
    assert "A neighbour" not in text
    found = bundles.verify(text, key=checkpoints.public_key())
    assert 0 < found.withheld < found.lines
    withheld = [line for one in json.loads(text)["timelines"] for line in one["lines"] if line.get("withheld")]
    assert all(set(line) <= {"number", "previous", "hash", "withheld", "says"} for line in withheld)


def test_who_of_us_entered_it_is_not_in_the_customers_edition(maria: Customer) -> None:
    desk = make_staff(first_name="Otto", last_name="Prins")
    case = complain(maria, by=actor(desk), came="phone")
    begin(case)
    assert str(desk.public_id) in bundle(case).content
    assert str(desk.public_id) not in bundle(case, Edition.CUSTOMER).content


def test_a_withheld_line_cannot_be_left_out(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    path.write_text(bundle(case, Edition.CUSTOMER).content)
    lines = json.loads(path.read_text())["timelines"][0]["lines"]
    number = next(line["number"] for line in lines if line.get("withheld"))
    assert f"line {number}" in changed(path, lambda read: read["timelines"][0]["lines"].pop(number - 1))


def test_the_evidence_of_the_answer_holds_the_answer(case: Case) -> None:
    decision = Decision.objects.create(
        complaint_id=case.id, verdict="upheld", reasons="You are right about it.", by=make_staff(), at=now()
    )
    Redress.objects.create(decision=decision, kind="money", amount_minor=2500, currency="EUR")
    tell(case, promise=True)
    read = json.loads(bundle(case, Edition.CUSTOMER, "answer").content)
    answer = next(one for one in read["pieces"] if one["kind"] == "answer")
    assert answer["content"]["reasons"] == "You are right about it."
    assert [(one["amount_minor"], bool(one["due_at"])) for one in answer["content"]["gives"]] == [(2500, True)]
    assert "amount minor 2500" in str(printing._data(bundle(case, moment="answer"))["pieces"])
    assert bundles.verify(bundle(case, moment="answer").content, key=checkpoints.public_key())


def test_customers_download_their_own_edition_and_nobody_elses(client: Client) -> None:
    maria, piotr = make_person(), make_person()
    case = complain(maria.customer)
    begin(case)
    for kind, media in (("json", "application/json"), ("pdf", "application/pdf")):
        address = reverse("portal:complaint:file", args=[case.reference, "opening", kind])
        response = maria.client.get(address)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == media
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert piotr.client.get(address).status_code == 404
        assert client.get(address).status_code == 302
    with pytest.raises(NotFound):
        evidence.download(case=case, moment="opening", edition=Edition.FULL, by=customer_actor(maria.customer))
    for moment, kind in (("answer", "json"), ("opening", "exe"), ("nothing", "pdf")):
        address = reverse("portal:complaint:file", args=[case.reference, moment, kind])
        assert maria.client.get(address).status_code == 404


def test_staff_downloads_the_full_edition_only_with_a_need_to_know(client: Client) -> None:
    owner = make_staff(role=Role.SUPERVISOR)
    case = complain(make_customer())
    begin(case)
    address = reverse("admin:complaint:file", args=[case.reference, "opening", "json"])
    sign_in(client, make_staff())
    assert client.get(address).status_code == 403
    ask_owner(case, holder=str(owner.public_id))
    sign_in(client, owner)
    response = client.get(address)
    assert response.status_code == 200
    assert json.loads(response.content)["edition"] == "full"
    close(case)
    carla = make_staff(role=Role.COMPLIANCE)
    sign_in(client, carla)
    assert client.get(address).status_code == 403
    reason = "The ombudsman asks for the file."
    reading.open_record(customer=case.customer, by=actor(carla), user=carla, now=now(), reason=reason)
    assert client.get(address).status_code == 200
