"""A customer on one page, and the question why the record is opened."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.actors import Actor
from backoffice.cases import keeping_from
from backoffice.cases.models import Case
from backoffice.customers import contact_points, new_addresses, reading, records
from backoffice.customers.models import Customer
from backoffice.customers.reasons import ReasonForm
from backoffice.customers.records import Record, RecordKind, Start
from backoffice.desk import customer_panels
from backoffice.refusals import NotFound
from backoffice.ui import headlines, openings
from backoffice.ui.staff import ask_why, back, may_read_customer, page, signed_in

CASES_SHOWN = 20


@dataclass(frozen=True)
class Way:
    """A way to open a case: its label, its page, and why it cannot be used now."""

    label: str
    url: str
    why_not: str
    takes: str = ""


@dataclass(frozen=True)
class ShownRecord:
    record: Record
    ways: Sequence[Way]
    url: str
    """Its own page; empty where it has none."""


@dataclass(frozen=True)
class ShownKind:
    """The customer's records of one kind."""

    kind: RecordKind
    records: Sequence[ShownRecord]


def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything about one customer. A reader who has no open case of theirs is asked why."""
    customer, me, now = customer_of(public_id), signed_in(request), timezone.now()
    if not may_read_customer(customer, me=me, page="desk:customer", now=now):
        return ask_why(request, customer)
    seen, told = keeping_from.visible(me.actor), keeping_from.visible(me.actor, case="case_id")
    context = {
        "customer": customer,
        "points": customer_panels.point_lines(customer, now=now),
        "new_addresses": new_addresses.pages(customer, me.actor),
        "may_check_parts": contact_points.may_check_parts(customer, me.actor),
        "offers": [
            Way(offer.label, _opening_page(customer, offer.process), offer.why_not)
            for offer in openings.offers(customer, by=me.actor)
        ],
        "kinds": [_shown(kind, customer, by=me.actor) for kind in records.all_kinds()],
        "cases": [
            (case, headlines.title(case))
            for case in Case.objects.filter(seen, customer=customer).order_by("-opened_at")[:CASES_SHOWN]
        ],
        "contacts": customer_panels.contact_lines(Q(customer=customer) & told),
        "readings": customer_panels.readings(customer, reader=me.actor),
    }
    return page(request, "desk/customer.html", customer.name, context)


def record(request: HttpRequest, public_id: str, kind: str, key: str) -> HttpResponse:
    """One record of a customer on its own page. It asks why, as the customer's page does."""
    customer, me = customer_of(public_id), signed_in(request)
    if not may_read_customer(customer, me=me, page="desk:record", now=timezone.now()):
        return ask_why(request, customer)
    known = records.kind_of(kind)
    detail = known.detail_for_staff(customer, key) if known else None
    if known is None or detail is None:
        raise NotFound("unknown_record", _("This customer has no such record."))
    starts = [start for start in detail.record.starts if openings.may_open(start.process, by=me.actor)]
    context = {"customer": customer, "detail": detail, "ways": [_way(customer, start) for start in starts]}
    return page(request, "desk/thing.html", detail.record.title, context)


def _shown(kind: RecordKind, customer: Customer, *, by: Actor) -> ShownKind:
    found = kind.of_customer(customer)
    may = {start.process for record in found for start in record.starts if openings.may_open(start.process, by=by)}
    return ShownKind(
        kind,
        [
            ShownRecord(
                record,
                [_way(customer, start) for start in record.starts if start.process in may],
                _page_of(customer, kind, record),
            )
            for record in found
        ],
    )


def _way(customer: Customer, start: Start) -> Way:
    return Way(start.label, _opening_page(customer, start.process, **start.initial), start.why_not, start.takes)


def _page_of(customer: Customer, kind: RecordKind, record: Record) -> str:
    return reverse("admin:desk_record", args=[customer.public_id, kind.name, record.key]) if record.key else ""


def _opening_page(customer: Customer, process: str, **initial: str) -> str:
    return reverse("admin:desk_open", args=[customer.public_id, process], query=initial or None)


@require_POST
def why(request: HttpRequest, public_id: str) -> HttpResponse:
    """Notes the reason and opens the record for half an hour."""
    customer, me = customer_of(public_id), signed_in(request)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return ask_why(request, customer, form=form, next_page=request.GET.get("next", ""))
    reading.open_record(
        customer=customer, by=me.actor, user=me.user, now=timezone.now(), reason=form.reason(), page="desk:why"
    )
    return back(request, reverse("admin:desk_customer", args=[customer.public_id]))


def customer_of(typed: str) -> Customer:
    """Raises `NotFound`, also for a malformed id."""
    try:
        wanted = uuid.UUID(typed)
    except ValueError:
        wanted = uuid.UUID(int=0)
    customer = Customer.objects.filter(public_id=wanted).first()
    if customer is None:
        raise NotFound("unknown_customer", _("There is no such customer."))
    return customer
