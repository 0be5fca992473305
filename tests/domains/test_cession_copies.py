"""Copies of identity documents among the papers of a cession: who sees them in clear, their redaction, their end."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from backoffice.actors import system
from backoffice.cases import answering, evidence, need_to_know, worklist
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Access
from backoffice.documents import adding, copies, redacting, storing
from backoffice.documents.copies import Covered
from backoffice.documents.models import DeletedFor, Document, DocumentState, Mark, Origin, Paper
from backoffice.domains.cession import papers
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound, Refused
from backoffice.staff import rights
from backoffice.staff.models import Role, User
from tests.api.conftest import Api
from tests.documents import hostile
from tests.domains.ceding import ADDRESS, PESEL, effect, make_domain, open_cession
from tests.factories import actor, make_staff, now, sign_in
from tests.playing import ask, close
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db
FOUND = {"names": "yes", "addresses": "yes", "signatures": "yes", "power_of_attorney": "not_needed"}
LOOKED_AT = ["covered", "shown"]
"""Page by page, and never as a download."""
SHOWN, HIDDEN, NEVER, UNKNOWN = (2 * [word] for word in ("shown", "covered", "refused", "unknown"))
COVERED = ("Only the redacted copy", "not redacted yet: only the person", "Claim this first", "looked at here")
NAME = {"page_1_area_1_left": 10, "page_1_area_1_top": 10, "page_1_area_1_width": 30, "page_1_area_1_height": 5}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT, settings.CLAMD_URL = tmp_path, ""


@pytest.fixture
def holder(db: None) -> Person:
    return make_person()


@pytest.fixture
def case(holder: Person) -> Case:
    opened = open_cession(make_domain(holder.customer), route="paper", number_kind="PESEL", number=PESEL, **ADDRESS)
    effect(opened, "make_form")
    return opened


@pytest.fixture
def checks(case: Case) -> tuple[WorkItem, WorkItem]:
    return ask(case, "check_form", stage="checked"), ask(case, "check_again")


@pytest.fixture
def copy(case: Case) -> Document:
    return scan(case, Paper.IDENTITY)


def scan(case: Case, kind: Paper, *, label: str = "passport.png", colour: str = "navy") -> Document:
    """A scan of the post room, as adding it leaves it."""
    what = storing.What(
        purpose=papers.SCANNED,
        origin=Origin.SCANNED,
        case=case,
        label=label,
        kind=kind,
        retain_until=now() + copies.COPY_LASTS if kind is Paper.IDENTITY else None,
    )
    out = io.BytesIO()
    Image.new("RGB", (310, 200 + len(kind)), colour).save(out, "PNG")
    return storing.keep(what, out.getvalue(), media_type="image/png", pages=1, by=system(), now=now())


def claims(item: WorkItem, role: Role = Role.SUPPORT) -> User:
    """A person of this role who has claimed the check."""
    user = make_staff(role=role)
    worklist.claim(item_id=item.id, by=actor(user), user=user)
    return user


def redact(copy: Document, user: User, **areas: int) -> Document:
    return redacting.redact(public_id=copy.public_id, data=areas, by=actor(user), user=user)


def answers(item: WorkItem, user: User, **more: str) -> answering.Receipt:
    return answering.answer(item_id=item.id, by=actor(user), data={**FOUND, **more})


def looks(document: Document, who: User | Client) -> list[str]:
    """What the file and the page of a document answer; staff has said why they read the case."""
    client = who if isinstance(who, Client) else sign_in(Client(), who)
    assert document.case is not None
    if isinstance(who, User) and rights.READ.allows(actor(who)):
        need_to_know.read_case(document.case, by=actor(who), user=who, now=now(), page="", reason="They called us")
    return [_answer(client, document, name, more) for name, more in (("file", []), ("page", [1]))]


def _answer(client: Client, document: Document, name: str, more: list[int]) -> str:
    response = client.get(reverse(f"documents:{name}", args=[document.public_id, *more]))
    if response.status_code == 403:
        says = response.content.decode()
        return "covered" if any(one in says for one in COVERED) and "<" not in says else "refused"
    return {200: "shown", 404: "unknown"}[response.status_code]


# --- the post room ----------------------------------------------------------------------------------------------------


class TestThePostRoom:
    def send(self, case: Case, kind: str, content: bytes = b"") -> HttpResponse:
        item = WorkItem.objects.filter(case=case, kind="receive_form").first() or ask(case, "receive_form")
        client = sign_in(Client(), make_staff())
        file = SimpleUploadedFile("scan.png", content or hostile.picture("PNG"))
        address = reverse("documents:add", args=[item.id, "scans"])
        return client.post(address, {"file": file, "kind": kind}, follow=True)  # type: ignore[return-value]

    def test_says_what_each_file_is(self, case: Case) -> None:
        shown = self.send(case, "identity").content.decode()

        document = Document.objects.get(kind=Paper.IDENTITY)
        assert document.retain_until == document.made_at + copies.COPY_LASTS
        assert "Added: scan.png (copy of an identity document, PNG, 1 page)." in shown
        assert reverse("documents:file", args=[document.public_id]) not in shown, "from now on only its checker sees it"

    def test_what_is_no_kind_of_paper_is_refused(self, case: Case) -> None:
        assert "Select a valid choice" in self.send(case, "passport").content.decode()
        with pytest.raises(Invalid) as refused:
            add(ask(case, "receive_form"), "passport")
        assert "kind" in refused.value.errors

    def test_the_same_file_is_never_two_kinds(self, case: Case) -> None:
        item = ask(case, "receive_form")
        add(item, "other")

        with pytest.raises(Conflict, match="there already, as “something else”") as refused:
            add(item, "identity")
        assert refused.value.field == "kind"

    def test_a_copy_has_few_pages(self, case: Case) -> None:
        many = hostile.pdf(pages=copies.MOST_PAGES + 1)

        shown = self.send(case, "identity", many).content.decode()

        assert "has at most 6 pages" in shown
        assert not Document.objects.filter(kind=Paper.IDENTITY).exists()

    def test_through_the_api_it_is_the_form_unless_it_is_said(self, case: Case) -> None:
        item, api = ask(case, "receive_form"), Api(make_staff())
        for kind in ({}, {"kind": "identity"}):
            file = SimpleUploadedFile("scan.png", hostile.picture("PNG", size=(9, 9 + len(kind))))
            told = {"item": str(item.id), "field": "scans", "file": file, **kind}
            assert api.client.post("/api/v1/documents", told, headers=api.headers).status_code == 201

        assert list(Document.objects.filter(item=item).order_by("id").values_list("kind", flat=True)) == [
            "form",
            "identity",
        ]

    def test_without_the_form_nothing_has_come(self, case: Case) -> None:
        item = ask(case, "receive_form")
        Document.objects.filter(pk=scan(case, Paper.IDENTITY).pk).update(item=item)
        by = actor(make_staff())

        with pytest.raises(Refused, match="None of these files is the form"):
            answering.answer(item_id=item.id, by=by, data={"envelope": "E-1", "mark": Mark.objects.get(case=case).code})

    def test_the_mark_belongs_to_the_form_whatever_came_last(self, case: Case) -> None:
        item, mark = ask(case, "receive_form"), Mark.objects.get(case=case)
        form, last = scan(case, Paper.FORM), scan(case, Paper.IDENTITY)
        Document.objects.filter(pk__in=(form.pk, last.pk)).update(item=item)

        answering.answer(item_id=item.id, by=actor(make_staff()), data={"envelope": "E-1", "mark": mark.code})

        mark.refresh_from_db()
        assert mark.used_by == form


def add(item: WorkItem, kind: str) -> Document:
    file = io.BytesIO(hostile.picture("PNG"))
    return adding.add(item_id=item.id, field="scans", file=file, name="a.png", kind=kind, by=actor(make_staff()))


# --- who sees it ------------------------------------------------------------------------------------------------------


class TestInClear:
    def test_it_is_for_who_has_claimed_a_check_and_for_nobody_else(
        self, holder: Person, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        not_yet = make_staff()
        assert looks(copy, not_yet) == HIDDEN, "nobody has claimed it"
        first, second = claims(checks[0]), claims(checks[1], Role.APPROVER)

        assert looks(copy, first) == LOOKED_AT
        assert looks(copy, second) == LOOKED_AT
        assert Access.objects.filter(user=first, customer=holder.customer, refused=False).exists()
        for role in (Role.SUPPORT, Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE):
            assert looks(copy, make_staff(role=role)) == HIDDEN, role
        for never in (make_staff(role=Role.ADMINISTRATOR), make_staff(role=None, is_superuser=True)):
            assert looks(copy, never) == NEVER
        assert looks(copy, holder.client) == UNKNOWN
        assert default_storage.exists(f"{storing.PICTURES}/{copy.public_id}") is False, "no picture of it is kept"

    def test_who_gives_the_check_back_or_has_answered_it_sees_it_no_more(
        self, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        first, other = claims(checks[0]), claims(checks[1], Role.APPROVER)
        worklist.release(item_id=checks[1].id, by=actor(other), user=other)
        redact(copy, first)

        answers(checks[0], first)

        assert looks(copy, first) == HIDDEN
        assert looks(copy, other) == HIDDEN
        copy.refresh_from_db()
        assert copy.is_kept, "the second person has not checked it"

    def test_a_part_in_the_case_closes_it_too(self, copy: Document, checks: tuple[WorkItem, WorkItem]) -> None:
        """Who has checked as the first person cannot see it as the second."""
        user = claims(checks[0])
        user.groups.add(*make_staff(role=Role.APPROVER).groups.all())
        redact(copy, user)
        answers(checks[0], user)
        WorkItem.objects.filter(pk=checks[1].pk).update(holder=user)

        with pytest.raises(Covered):
            copies.check_clear(document=copy, by=actor(user), user=user)

    def test_everybody_else_of_the_staff_sees_the_redacted_one_and_no_party_does(
        self, holder: Person, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        redacted = redact(copy, claims(checks[0]), **NAME)

        for role in (Role.SUPPORT, Role.SUPERVISOR):
            assert looks(redacted, make_staff(role=role)) == SHOWN, role
        assert looks(redacted, make_staff(role=Role.ADMINISTRATOR)) == NEVER
        assert looks(redacted, holder.client) == UNKNOWN

    def test_the_pages_at_the_desk_lead_nobody_else_to_it(
        self, case: Case, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        user = claims(checks[0])
        client, other = sign_in(Client(), user), sign_in(Client(), make_staff(role=Role.APPROVER))
        clear = reverse("documents:page", args=[copy.public_id, 1])
        of_item = reverse("admin:desk_item", args=[checks[0].id])
        of_case = reverse("admin:desk_case", args=[case.reference])

        assert clear in page(client, of_item)
        assert clear not in page(other, of_item)
        assert "not redacted yet" in page(other, of_case).lower()
        redacted = redact(copy, user)

        told = page(other, of_case)
        assert clear not in told
        assert reverse("documents:file", args=[copy.public_id]) not in told
        assert reverse("documents:page", args=[redacted.public_id, 1]) in told
        assert "Copy of an identity document: passport.png" in told

    def test_who_may_check_but_has_not_claimed_it_is_told_to(
        self, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        told = page(sign_in(Client(), make_staff()), reverse("admin:desk_item", args=[checks[0].id]))

        assert "Claim this first" in told
        assert reverse("documents:page", args=[copy.public_id, 1]) not in told

    def test_the_evidence_says_in_words_what_it_is(self, case: Case, copy: Document) -> None:
        scan(case, Paper.EXTRACT, label="krs.pdf")
        item = ask(case, "check_form")

        [form] = [shown for shown in evidence.of_item(item) if shown.name == "form"]

        told = dict(form.lines)
        assert told["Copy of an identity document"].startswith("passport.png, SHA-256 ")
        assert "Not redacted yet" in told["Copy of an identity document"]
        assert told["Register extract"].startswith("krs.pdf, SHA-256 ")


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address, follow=True).content.decode().split())


# --- redacting --------------------------------------------------------------------------------------------------------


class TestRedacting:
    def test_a_check_waits_for_it(self, copy: Document, checks: tuple[WorkItem, WorkItem]) -> None:
        first = claims(checks[0])
        for found in ({}, {"names": "no", "remark": "Another name."}):
            with pytest.raises(Invalid) as refused:
                answers(checks[0], first, **found)
            assert "passport.png" in refused.value.errors["sheets"][0]
            assert "Redact the copy" in refused.value.errors["sheets"][0]

        redact(copy, first)

        assert answers(checks[0], first).outcome == "checked"

    def test_the_same_again_is_one_and_another_takes_its_place(
        self, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        first = claims(checks[0])
        one = redact(copy, first, **NAME)

        assert redact(copy, first, **NAME) == one
        other = redact(copy, first)

        one.refresh_from_db()
        assert (one.state, other.state) == ("deleted", "kept")
        assert copies.rendition_of(copy) == other
        assert Event.objects.filter(case=copy.case, kind="document.redacted").count() == 2
        assert other.origin == Origin.SCANNED
        assert other.label == "passport (redacted)"

    def test_nobody_redacts_what_they_do_not_see(self, copy: Document, checks: tuple[WorkItem, WorkItem]) -> None:
        for role in (Role.SUPPORT, Role.SUPERVISOR):
            with pytest.raises((Covered, Forbidden)):
                redact(copy, make_staff(role=role))
        assert copies.rendition_of(copy) is None

    def test_only_a_copy_is_redacted_and_only_with_areas_on_the_page(
        self, case: Case, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        first = claims(checks[0])
        with pytest.raises(Conflict, match="no copy of an identity document"):
            redact(scan(case, Paper.EXTRACT), first)
        with pytest.raises(Invalid) as refused:
            redact(copy, first, **{**NAME, "page_1_area_1_width": 95})
        assert "beyond the page" in refused.value.errors["page_1_area_1_width"][0]

    def test_two_copies_that_look_alike_when_covered_stay_two(
        self, case: Case, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        first, twin = claims(checks[0]), scan(case, Paper.IDENTITY, colour="red")

        one, other = redact(copy, first), redact(twin, first)

        assert one.sha256 == other.sha256
        assert [copies.rendition_of(copy), copies.rendition_of(twin)] == [one, other]

    def test_the_page_keeps_what_was_typed_redacts_and_leads_back(
        self, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        user = claims(checks[0])
        client, way = sign_in(Client(), user), [checks[0].id, copy.public_id]
        kept = client.post(reverse("documents:redact_keep", args=way), {"names": "yes", "remark": "Typed before."})
        assert kept.headers["Location"] == reverse("documents:redact", args=way)

        wrong = client.post(kept.headers["Location"], {**NAME, "page_1_area_1_height": ""}, follow=True)
        assert "Fill in all four numbers of this area" in wrong.content.decode()
        done = client.post(kept.headers["Location"], NAME, follow=True)

        told = done.content.decode()
        assert "It is redacted: everybody else sees only what you opened." in told
        assert "Typed before." in told
        assert copies.rendition_of(copy) is not None

    def test_for_others_there_is_no_such_page(
        self, holder: Person, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        way = reverse("documents:redact", args=[checks[0].id, copy.public_id])

        assert holder.client.get(way).status_code == 404
        assert "/account/login/" in Client().get(way).headers["Location"]
        assert "Claim this first" in page(sign_in(Client(), make_staff()), way)
        elsewhere = ask(open_cession(make_domain(holder.customer, "rose.pl")), "confirm_old")
        other = reverse("documents:redact", args=[elsewhere.id, copy.public_id])
        assert sign_in(Client(), claims(checks[0])).get(other).status_code == 404


class TestWhatThePostRoomMissed:
    def test_a_checker_says_that_it_is_a_copy(self, case: Case, checks: tuple[WorkItem, WorkItem]) -> None:
        first, file = claims(checks[0]), scan(case, Paper.OTHER)

        copies.say_copy(public_id=file.public_id, by=actor(first), user=first)

        file.refresh_from_db()
        assert file.is_copy
        assert looks(file, make_staff(role=Role.COMPLIANCE)) == HIDDEN
        told = [one.says for one in copies.shown([file])]
        assert "Not redacted yet" in told[0]
        copies.say_copy(public_id=file.public_id, by=actor(first), user=first)
        assert Event.objects.filter(case=case, kind="document.found_copy").count() == 1

    def test_nobody_else_does_and_never_of_the_signed_form(self, case: Case, checks: tuple[WorkItem, WorkItem]) -> None:
        form, first = scan(case, Paper.FORM), claims(checks[0])
        Mark.objects.filter(case=case).update(used_at=now(), used_by=form)

        with pytest.raises(Conflict, match="stays readable as the proof"):
            copies.say_copy(public_id=form.public_id, by=actor(first), user=first)
        other = make_staff()
        with pytest.raises(Forbidden, match="claimed the check"):
            copies.say_copy(public_id=form.public_id, by=actor(other), user=other)
        made = papers.form_of(case)
        assert made is not None
        with pytest.raises((NotFound, Forbidden)):
            copies.say_copy(public_id=made.public_id, by=actor(first), user=first)


# --- its end ----------------------------------------------------------------------------------------------------------


class TestItsEnd:
    def test_the_original_goes_with_the_second_check_and_the_redacted_one_stays(
        self, case: Case, copy: Document, checks: tuple[WorkItem, WorkItem], django_capture_on_commit_callbacks: Any
    ) -> None:
        first, second = claims(checks[0]), claims(checks[1], Role.APPROVER)
        redacted, sha256, stored = redact(copy, first, **NAME), copy.sha256, copy.stored
        answers(checks[0], first)
        assert default_storage.exists(stored)

        with django_capture_on_commit_callbacks(execute=True):
            answers(checks[1], second)

        copy.refresh_from_db()
        assert (copy.state, copy.deleted_for, copy.sha256) == (DocumentState.DELETED, DeletedFor.CHECKED, sha256)
        assert not default_storage.exists(stored)
        assert storing.read(redacted)
        assert "after both checks. This is the redacted copy." in copies.says(copy)
        assert Event.objects.filter(case=case, kind="document.copy_deleted").count() == 1

    @pytest.mark.parametrize("outcome", ["withdrawn", "expired", "rejected", "failed", "done"])
    def test_it_goes_when_the_case_ends_however_it_ends(self, case: Case, copy: Document, outcome: str) -> None:
        close(case, outcome)

        copy.refresh_from_db()
        assert (copy.state, copy.deleted_for) == (DocumentState.DELETED, DeletedFor.CLOSED)
        assert "when the case had ended. There is no redacted copy." in copies.says(copy)

    def test_the_redacted_one_stays_as_long_as_the_papers_of_its_case(
        self, case: Case, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        redacted = redact(copy, claims(checks[0]))

        close(case)

        redacted.refresh_from_db()
        case.refresh_from_db()
        assert case.closed_at is not None
        assert redacted.retain_until == case.closed_at + papers.OTHERWISE

    def test_it_goes_after_thirteen_days_whatever_happens(self, case: Case, copy: Document) -> None:
        ask(case, "check_form")

        assert storing.delete_due(now=copy.made_at + copies.COPY_LASTS - timedelta(minutes=1)) == 0
        assert storing.delete_due(now=copy.made_at + copies.COPY_LASTS + timedelta(minutes=1)) == 1

        copy.refresh_from_db()
        assert "because its longest time was over" in copies.says(copy)

    def test_a_check_does_not_wait_for_what_is_gone(self, copy: Document, checks: tuple[WorkItem, WorkItem]) -> None:
        storing.delete_due(now=now() + copies.COPY_LASTS + timedelta(days=1))

        assert answers(checks[0], claims(checks[0])).outcome == "checked"

    def test_where_the_redacted_one_is_lost_the_original_waits_for_its_time(
        self, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        redacted = redact(copy, claims(checks[0]))
        default_storage.delete(redacted.stored)

        let_go(copy, DeletedFor.CHECKED)

        copy.refresh_from_db()
        assert copy.is_kept

    def test_before_it_is_redacted_nothing_lets_it_go_as_checked(self, copy: Document) -> None:
        let_go(copy, DeletedFor.CHECKED)

        copy.refresh_from_db()
        assert copy.is_kept

    def test_a_crash_before_the_redacted_one_is_committed_changes_nothing(
        self, copy: Document, checks: tuple[WorkItem, WorkItem]
    ) -> None:
        first = claims(checks[0])
        one = redact(copy, first, **NAME)

        with pytest.raises(Killed), transaction.atomic():
            killed_after(lambda: redact(copy, first))

        assert copies.rendition_of(copy) == one
        assert storing.read(one)
        copy.refresh_from_db()
        assert storing.read(copy)

    def test_a_crash_in_the_second_check_keeps_the_original(
        self, copy: Document, checks: tuple[WorkItem, WorkItem], django_capture_on_commit_callbacks: Any
    ) -> None:
        first, second = claims(checks[0]), claims(checks[1], Role.APPROVER)
        redact(copy, first)
        answers(checks[0], first)

        with django_capture_on_commit_callbacks(execute=True), pytest.raises(Killed), transaction.atomic():
            killed_after(lambda: answers(checks[1], second))

        copy.refresh_from_db()
        assert storing.read(copy)

    def test_the_database_keeps_no_copy_without_an_end(self, copy: Document) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(pk=copy.pk).update(retain_until=None)


class Killed(Exception):
    """The worker ends before it commits."""


def killed_after(act: Callable[[], object]) -> None:
    act()
    raise Killed


def let_go(copy: Document, why: DeletedFor) -> None:
    assert copy.case_id is not None
    with changing(copy.case_id) as case:
        copies.let_go(case, why=why, by=system(), now=now())
