"""The customers that a search found, with what tells two of the same name apart. Nothing here needs a reason to be
seen: the year of birth, the town, the masked number, and the reference and state of an open case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.actors import Actor
from backoffice.cases import keeping_from
from backoffice.cases.models import Case, CaseState
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.customers.postal import HIDDEN


@dataclass(frozen=True)
class FoundCustomer:
    """`born` is a year. What is not known is empty."""

    customer: Customer
    born: str = ""
    town: str = ""
    phone: str = ""
    case: Case | None = None
    """The open case that was opened last."""


def described(customers: Sequence[Customer], *, reader: Actor) -> Sequence[FoundCustomer]:
    """In two queries, however many customers there are. Of their cases, those that this person may see."""
    points = ContactPoint.objects.filter(
        customer__in=customers, kind__in=[ContactKind.PHONE, ContactKind.POSTAL], superseded_at=None
    )
    masked = {(point.customer_id, point.kind): point.masked for point in points.only("customer_id", "kind", "masked")}
    cases = Case.objects.filter(keeping_from.visible(reader), customer__in=customers).exclude(state=CaseState.CLOSED)
    newest = {case.customer_id: case for case in cases.order_by("customer_id", "-opened_at").distinct("customer_id")}
    return [
        FoundCustomer(
            customer=customer,
            born=customer.birth_date[:4],
            town=masked.get((customer.pk, ContactKind.POSTAL), "").removeprefix(HIDDEN).lstrip(", "),
            phone=masked.get((customer.pk, ContactKind.PHONE), ""),
            case=newest.get(customer.pk),
        )
        for customer in customers
    ]
