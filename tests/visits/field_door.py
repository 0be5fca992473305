"""Plays a visit up to one step of the visitor, and their browser, for tests of their pages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from backoffice.cases import answering
from backoffice.cases.answering import Receipt
from backoffice.cases.models import WorkItem
from backoffice.trust.models import MutualCode
from backoffice.ui.submitting import submit
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit
from tests.factories import sign_in
from tests.visits import visiting


def browser_of(visit: Visit) -> Client:
    """The assigned visitor's browser, signed in with their second factor."""
    return sign_in(Client(), visiting.visitor_of(visit))


def address(visit: Visit, name: str = "visit") -> str:
    return reverse(f"field:home_visit:{name}", args=[visit.case.reference])


def see(client: Client, visit: Visit) -> str:
    return client.get(address(visit)).content.decode()


def send(client: Client, visit: Visit, item: WorkItem, *, key: uuid.UUID | None = None, **data: Any) -> HttpResponse:
    """What the page of a step sends."""
    sent = {"item": str(item.id), "key": str(key or uuid.uuid4()), **data}
    return client.post(address(visit), sent)  # type: ignore[return-value]


def showing_half() -> tuple[Visit, WorkItem]:
    """Somebody opened, and the visitor shows their half."""
    visit = visiting.at_the_door()
    visiting.asked_to_compare(visit)
    return visit, visiting.step(visit, "enter_half")


def compared() -> tuple[Visit, WorkItem]:
    """The customer has compared the visitor's half, and reads their own."""
    visit, item = showing_half()
    comparing = WorkItem.objects.get(case=visit.case, kind="compare_half")
    answering.answer(item_id=comparing.id, by=visiting.by_customer(visit), data={"half": visiting.half_b(visit)})
    return visit_of(visit.case), item


def checking_identity() -> tuple[Visit, WorkItem]:
    """Both have proven who they are."""
    visit, item = compared()
    answering.answer(item_id=item.id, by=visiting.by_visitor(visit), data={"half": visiting.half_a(visit)})
    return visit, visiting.step(visit, "id_check")


def let_the_halves_run_out(visit: Visit) -> None:
    """As if the ten minutes had passed."""
    pair = MutualCode.objects.get(case_id=visit.case_id, void_at=None)
    pair.issued_at -= timedelta(minutes=11)
    pair.expires_at -= timedelta(minutes=11)
    pair.save(update_fields=["issued_at", "expires_at"])


def submit_as(visit: Visit, item: WorkItem, key: uuid.UUID, **data: str) -> Receipt:
    """The rule behind the page, as the assigned visitor."""
    by, user = visiting.by_visitor(visit), visiting.visitor_of(visit)
    return submit(case=visit.case, item_id=item.id, key=key, by=by, user=user, data=data)
