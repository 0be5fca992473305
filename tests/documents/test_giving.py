"""Who sees a document, and in what clothes it leaves us: never anything that a browser would run in our origin."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from PIL import Image

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.customers.models import Access, Customer
from backoffice.documents import isolated, making, pages, seeing, storing
from backoffice.documents.models import Document, Origin
from backoffice.documents.storing import What
from backoffice.staff.models import Role
from tests.documents import papers
from tests.factories import make_staff, now, sign_in
from tests.playing import ask
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db


def kept(
    case: Case | None, customer: Customer | None = None, *, purpose: str = "form", origin: Origin = Origin.MADE
) -> Document:
    made = making.make(papers.CESSION, papers.cession().as_data(), "pl")
    what = What(purpose=purpose, origin=origin, case=case, customer=customer, label='Cesja "域名".pl')
    return storing.keep(what, made, media_type="application/pdf", pages=1, by=system(), now=now())


def get(client: Client, document: Document, name: str = "file", *more: int) -> Any:
    return client.get(reverse(f"documents:{name}", args=[document.public_id, *more]))


def test_the_file_is_a_download_that_acts_nowhere_and_is_kept_by_nobody(holder: Person, handover: Case) -> None:
    document = kept(handover)

    given = get(holder.client, document)

    assert given.content == storing.read(document)
    headers = given.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Disposition"].endswith(".pdf")
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]


def test_a_page_is_a_picture_that_is_drawn_once(
    holder: Person, handover: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = kept(handover)

    first = get(holder.client, document, "page", 1)

    assert first.headers["Content-Type"] == "image/png"
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert "no-store" in first.headers["Cache-Control"]
    with Image.open(io.BytesIO(first.content)) as picture:
        assert picture.width == pages.WIDTH
    monkeypatch.setattr(isolated, "_COMMAND", ["-c", "raise SystemExit(1)"])
    assert get(holder.client, document, "page", 1).content == first.content
    assert get(holder.client, document, "page", 2).status_code == 404
    assert get(holder.client, document, "page", 0).status_code == 404


def test_a_page_that_cannot_be_drawn_says_so(holder: Person, handover: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_COMMAND", ["-c", "raise SystemExit(1)"])

    shown = get(holder.client, kept(handover), "page", 1)

    assert shown.status_code == 409
    assert shown.content == b"This page cannot be drawn. Download the file to look at it."


def test_both_parties_see_what_is_for_both_and_neither_what_is_the_others(
    holder: Person, taker: Person, handover: Case
) -> None:
    stranger = make_person()
    both, mine = kept(handover), kept(handover, holder.customer, purpose="mine")
    theirs = kept(handover, taker.customer, purpose="theirs")
    sees = {
        person.customer.pk: [get(person.client, one).status_code for one in (both, mine, theirs)]
        for person in (holder, taker, stranger)
    }

    assert sees == {
        holder.customer.pk: [200, 200, 404],
        taker.customer.pk: [200, 404, 200],
        stranger.customer.pk: [404, 404, 404],
    }
    assert list(seeing.of_case(handover, customer=taker.customer)) == [both, theirs]
    assert list(seeing.of_case(handover, customer=stranger.customer)) == []
    assert get(stranger.client, both, "page", 1).status_code == 404


def test_what_came_by_letter_is_for_those_who_check_it_alone(holder: Person, taker: Person, handover: Case) -> None:
    scan = kept(handover, origin=Origin.SCANNED)

    for party in (holder, taker):
        assert get(party.client, scan).status_code == 404
        assert get(party.client, scan, "page", 1).status_code == 404
        assert scan not in seeing.of_case(handover, customer=party.customer)


def test_without_signing_in_nobody_sees_anything(handover: Case) -> None:
    document = kept(handover)

    for given in (get(Client(), document), get(Client(), document, "page", 1)):
        assert "/account/login/" in given.url


def test_staff_sees_it_with_a_need_to_know_which_is_noted(handover: Case) -> None:
    document, clerk = kept(handover), make_staff(role=Role.SUPPORT)
    client = sign_in(Client(), clerk)
    asked = get(client, document)
    assert asked.status_code == 403
    assert b"%PDF" not in asked.content
    assert "Say why" in asked.content.decode() or "why you" in asked.content.decode()

    ask(handover, "look")

    assert get(client, document).status_code == 200
    assert Access.objects.filter(user=clerk, customer=handover.customer, refused=False).exists()


def test_a_role_that_never_reads_sees_nothing(handover: Case) -> None:
    document = kept(handover)
    ask(handover, "look")

    for role in (Role.ADMINISTRATOR, Role.FIELD):
        assert get(sign_in(Client(), make_staff(role=role)), document).status_code == 403


def test_a_document_of_nobody_is_for_those_who_read_cases(db: None) -> None:
    scan = kept(None)

    assert get(sign_in(Client(), make_staff(role=Role.SUPPORT)), scan).status_code == 200
    assert get(sign_in(Client(), make_staff(role=Role.FIELD)), scan).status_code == 403


def test_a_file_that_is_damaged_or_deleted_is_never_given_out(holder: Person, handover: Case) -> None:
    document = kept(handover)
    default_storage.delete(document.stored)
    lost = get(holder.client, document)
    assert (lost.status_code, b"damaged" in lost.content) == (409, True)

    storing.delete(document, now=now())

    gone = get(holder.client, document)
    assert (gone.status_code, b"its time was over" in gone.content) == (409, True)
    assert get(holder.client, document, "page", 1).status_code == 409


def test_the_pages_stand_large_beside_a_list(handover: Case) -> None:
    document = kept(handover)

    shown = render_to_string("documents/pages.html", {"documents": [document]})

    assert reverse("documents:page", args=[document.public_id, 1]) in shown
    assert "Page 1 of 1" in shown
    assert "There is no document." in render_to_string("documents/pages.html", {"documents": []})
