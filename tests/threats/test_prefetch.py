"""Threats 10 and 22 in the rooms of the registrar: whatever opens an address changes nothing, and nobody is reminded at
night."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases import catalogue
from backoffice.cases.models import Case, ItemState, PerformerKind, WorkItem
from backoffice.customers.models import Customer
from backoffice.documents import storing
from backoffice.documents.models import Document, Origin
from backoffice.domains.cession import papers
from backoffice.domains.models import Domain
from backoffice.messages.models import Message
from backoffice.staff.models import Role, User
from backoffice.trust.models import Contact
from tests.calls.calling import take_call
from tests.contact_changes.changing import open_change
from tests.domains.ceding import ADDRESS, PESEL, holder_of_a_domain, make_domain, open_cession
from tests.domains.leaving import open_by_holder
from tests.factories import make_card, make_staff, now, sign_in
from tests.playing import advance, ask
from tests.threats.hostile import Page, pages
from workflows.base.contracts import SendNotice
from workflows.base.spec import Performer

pytestmark = pytest.mark.django_db
NEW_ROOMS = ("/call/", "/domains/", "/transfer/", "/duplicate/", "/contact-change/", "/calls/", "/mail_orders/")
NOT_OF_A_CASE = {"django_session", "ui_keptanswer", "ui_kepttyping", "ui_submission"}
"""Tables of the browser's own: what is kept there changes nothing but what the same browser is shown."""


@pytest.fixture
def holder(settings: Any, tmp_path: Path) -> Customer:
    """Someone about whom all six processes are under way, each with every item that it can ask of them or of staff."""
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    domain = holder_of_a_domain()
    holder: Customer = domain.customer
    ceding = open_cession(domain, number_kind="PESEL", number=PESEL, **ADDRESS)
    leaving = open_by_holder(make_domain(holder, "rose.pl", statuses=["clientTransferProhibited"]))
    make_card(customer=holder)
    calling = take_call(customer=holder, agent=everybody(), known="tulip.pl").case
    for case in (ceding, leaving, open_change(holder)):
        for kind in catalogue.spec(case.process).kinds:
            if kind.performer in (Performer.ROLE, Performer.CUSTOMER):
                ask(case, kind.name)
    for case, notice in ((ceding, "cession_requested"), (leaving, "transfer_out_requested")):
        advance(case, notices=(SendNotice(notice, {}),))
    for case, purpose in ((ceding, papers.SCANNED), (calling, "other")):
        what = storing.What(purpose=purpose, origin=Origin.UPLOADED, case=case)
        storing.keep(what, b"%PDF-1.4", media_type="application/pdf", pages=1, by=system(), now=now())
    return holder


def everybody() -> User:
    """A member of staff with every role that reads."""
    user = make_staff(role=Role.SUPPORT)
    for role in (Role.SUPERVISOR, Role.APPROVER, Role.COMPLIANCE, Role.ADMINISTRATOR):
        user.groups.add(*make_staff(role=role).groups.all())
    return User.objects.get(pk=user.pk)


def rows() -> dict[str, str]:
    """A digest of all rows of each table."""
    tables = sorted(set(connection.introspection.table_names()) - NOT_OF_A_CASE)
    told = " UNION ALL ".join(
        f"SELECT '{table}', coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{table}\" t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(told)
        return dict(cursor.fetchall())


def addresses(page: Page, holder: Customer) -> Iterator[str]:
    """With every argument that there is."""
    cases = Case.objects.filter(customer=holder)
    documents = [str(one) for one in Document.objects.values_list("public_id", flat=True)]
    known = {
        "reference": [case.reference for case in cases],
        "item_id": [str(one.id) for one in WorkItem.objects.filter(case__in=cases, state=ItemState.OPEN)],
        "public_id": documents,
        "process": [process.spec.name for process in catalogue.all_processes()],
        "kind": ["domain", "card_reissue"],
        "key": [str(one.public_id) for one in Domain.objects.filter(customer=holder)],
        "field": ["signed", "scans"],
        "number": ["1"],
        "object_id": ["1"],
    }
    for values in itertools.product(*(known.get(name, ["1"]) for name in page.arguments)):
        yield page.at(dict(zip(page.arguments, values, strict=True)))


def is_theirs(page: Page) -> bool:
    return page.route.startswith(("/portal/", "/documents/", "/stop/", "/join/", "/check/"))


def is_of_new_rooms(page: Page) -> bool:
    return page.route.startswith("/desk/") and any(room in page.route for room in NEW_ROOMS)


def changed_by(client: Client, found: list[str]) -> tuple[list[str], int]:
    """The tables that opening these addresses changed, and how many of them were there."""
    before, there = rows(), 0
    for address in found:
        there += client.get(address).status_code == 200
    after = rows()
    return [table for table in after if after[table] != before[table]], there


def test_opening_any_page_of_a_customer_changes_nothing(holder: Customer) -> None:
    client = Client(raise_request_exception=False)
    assert holder.user is not None
    client.force_login(holder.user, backend="django.contrib.auth.backends.ModelBackend")

    changed, there = changed_by(client, [one for page in pages() if is_theirs(page) for one in addresses(page, holder)])

    assert changed == []
    assert there >= 25


def test_opening_any_page_of_the_new_rooms_at_the_desk_changes_nothing_but_the_note_of_who_looked(
    holder: Customer,
) -> None:
    client = sign_in(Client(raise_request_exception=False), everybody())
    found = [one for page in pages() if is_of_new_rooms(page) for one in addresses(page, holder)]
    items = WorkItem.objects.filter(case__customer=holder, performer=PerformerKind.ROLE)

    changed, there = changed_by(client, [*found, *(f"/desk/item/{item.id}/" for item in items)])

    assert changed == ["customers_access"]
    assert there >= 10


def test_who_opens_the_page_to_stop_a_case_with_its_code_stops_nothing(holder: Customer) -> None:
    told = Contact.objects.filter(customer=holder, purpose__endswith="_requested")
    number = holder.contact_points.get(kind="phone").value
    found = [f"{reverse('stop')}?code={one.reference}&last_three={number[-3:]}&confirmed=yes" for one in told]

    changed, there = changed_by(Client(), found)

    assert changed == []
    assert there == len(found) >= 2


def test_nobody_is_reminded_at_night(holder: Customer) -> None:
    april = datetime(now().year + 1, 4, 1, tzinfo=UTC)
    sunday = april - timedelta(days=april.isoweekday() % 7 or 7)
    late = sunday - timedelta(minutes=30)
    """In Amsterdam and Warsaw the night in which an hour is left out."""
    for case in Case.objects.filter(customer=holder).exclude(process="card_reissue"):
        theirs = (PerformerKind.CUSTOMER, PerformerKind.PARTY)
        steps = WorkItem.objects.filter(case=case, performer__in=theirs, state=ItemState.OPEN)
        advance(case, at=late, reminds=tuple(steps.values_list("step", flat=True)))

    reminders = Message.objects.filter(contact__at__gte=late)
    assert reminders.count() >= 6
    for one in reminders:
        hour = one.send_after.astimezone(ZoneInfo("Europe/Amsterdam"))
        assert hour.date() == sunday.date()
        assert 8 <= hour.hour < 21
