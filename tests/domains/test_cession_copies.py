"""Copies of identity documents among the papers of a cession: who sees them in clear, their redaction, their end."""

from __future__ import annotations

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from backoffice.cases import answering, evidence, worklist
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Access
from backoffice.documents import adding, copies, storing
from backoffice.documents.copies import Covered
from backoffice.documents.models import Document, Mark, Paper
from backoffice.refusals import Conflict, Invalid, Refused
from backoffice.staff.models import Role
from tests.api.conftest import Api
from tests.documents import hostile
from tests.domains.copying import (
    HIDDEN,
    LOOKED_AT,
    NAME,
    NEVER,
    SHOWN,
    UNKNOWN,
    _folder,
    answers,
    case,
    checks,
    claims,
    copy,
    holder,
    looks,
    page,
    redact,
    scan,
)
from tests.factories import actor, make_staff, sign_in
from tests.playing import ask
from tests.portal.conftest import Person

__all__ = ["_folder", "case", "checks", "copy", "holder"]
pytestmark = pytest.mark.django_db


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
