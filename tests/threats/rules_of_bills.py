"""The calls of `rule_calls` for the rules of bills that somebody pays without saying who they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import uuid4

from backoffice.actors import Actor
from backoffice.domains.invoices import bills
from backoffice.money import Money
from backoffice.payments.bills import looking, opening, settling
from backoffice.payments.bills.models import BillPage
from backoffice.staff.models import User
from tests.factories import make_invoice, now
from tests.threats.people import World, key

SUM = Money(7080, "EUR")


def page(world: World) -> BillPage:
    """A page for a bill of the customer."""
    told = {"amount": SUM.minor, "currency": SUM.currency, "opened_at": now(), "looked_at": now(), "ends_at": now()}
    return BillPage.objects.create(kind="invoice", bill=key(), reference="FV/1", customer=world.customer(), **told)


CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    "domains.invoices.bills.settle": lambda w, by, user: bills.settle(
        key=str(make_invoice(customer=w.customer()).public_id), payment=key(), amount=SUM, by=by, now=now()
    ),
    "domains.invoices.bills.take_back": lambda w, by, user: bills.take_back(
        key=str(make_invoice(customer=w.customer()).public_id), payment=key(), by=by, now=now()
    ),
    "payments.bills.looking.forget": lambda w, by, user: looking.forget(by=by, now=now()),
    "payments.bills.looking.look": lambda w, by, user: looking.look(page_id=uuid4(), by=by, now=now()),
    "payments.bills.looking.see_to_pages": lambda w, by, user: looking.see_to_pages(by=by, now=now()),
    "payments.bills.looking.stop": lambda w, by, user: looking.stop(page_id=uuid4(), by=by, now=now()),
    "payments.bills.opening.open_page": lambda w, by, user: opening.open_page(
        reference=key(), amount=SUM, network=key(), by=by, now=now()
    ),
    "payments.bills.settling.settle": lambda w, by, user: settling.settle(
        page_id=page(w).pk, payment=key(), by=by, now=now()
    ),
}
