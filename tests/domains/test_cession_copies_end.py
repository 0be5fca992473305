"""Copies of identity documents among the papers of a cession: their redaction, and the end of their originals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.documents import copies, pages, storing
from backoffice.documents.copies import Covered
from backoffice.documents.models import DeletedFor, Document, DocumentState, Mark, Origin, Paper
from backoffice.domains.cession import papers
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from tests.domains.ceding import make_domain, open_cession
from tests.domains.copying import (
    HIDDEN,
    NAME,
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
from tests.factories import actor, make_staff, now, sign_in
from tests.playing import ask, close
from tests.portal.conftest import Person

__all__ = ["_folder", "case", "checks", "copy", "holder"]
pytestmark = pytest.mark.django_db


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
    def test_a_checker_says_that_it_is_a_copy(
        self, case: Case, checks: tuple[WorkItem, WorkItem], django_capture_on_commit_callbacks: Any
    ) -> None:
        first, file = claims(checks[0]), scan(case, Paper.OTHER)
        pages.picture(file, 1)

        with django_capture_on_commit_callbacks(execute=True):
            copies.say_copy(public_id=file.public_id, by=actor(first), user=first)

        assert default_storage.listdir(f"{storing.PICTURES}/{file.public_id}") == ([], [])
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
