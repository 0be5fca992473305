"""Bills, pages on which somebody pays them, and what the payers and the process do."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import urllib3

from backoffice.actors import system
from backoffice.cases import transitions
from backoffice.cases.models import Case
from backoffice.domains.invoices import paying
from backoffice.domains.invoices.models import Invoice
from backoffice.money import Money
from backoffice.payments.bills import looking, opening, pages
from backoffice.payments.bills.models import BillPage
from backoffice.payments.provider.ports import provider
from tests.devstack.payment_simulator.simulator import GOOD
from tests.factories import make_invoice, now
from tests.playing import advance
from workflows.base.contracts import DoEffect, MakeCall, Said, Transition

WHOLE = Money(7080, "EUR")
"""What `make_invoice` comes to: 40.00 with 23 % and 20.00 with 8 %."""


def open_page(invoice: Invoice | None = None, *, amount: Money = WHOLE, at: datetime | None = None) -> BillPage:
    """Somebody who has the bill before them opens a page for it."""
    reference = (invoice or make_invoice()).number
    return opening.open_page(reference=reference, amount=amount, network="", by=pages.anybody(), now=at or now())


def pay_on(page: BillPage, number: str = GOOD) -> str:
    """Types a card on the provider's page, as a browser does; gives the provider's id of the payment, if there is
    one."""
    asked = provider()
    assert asked is not None
    hosted = asked.look_at_page(page.provider_page)
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"number": number, "expiry": "12/99", "cvc": "123"})
    urllib3.request("POST", hosted.url, body=body, headers=form, redirect=False, retries=False)
    return asked.look_at_page(page.provider_page).payment


def look_at(page: BillPage) -> looking.Seen:
    seen = looking.look(page_id=page.pk, by=pages.anybody(), now=now())
    assert seen is not None
    return seen


def paid_page(invoice: Invoice | None = None) -> BillPage:
    """A page on which the money came, with its case."""
    page = open_page(invoice)
    pay_on(page)
    return look_at(page).page


def case_of(page: BillPage) -> Case:
    page.refresh_from_db()
    assert page.case is not None
    return page.case


def book(page: BillPage) -> bool:
    """The first step of the process; whether the payment was booked."""
    done = advance(case_of(page), stage="received", effects=(DoEffect("book_payment", {}),))
    return bool(done.facts["booked"])


def refund(page: BillPage) -> Any:
    """The step in which the process pays the money back."""
    case = case_of(page)
    call = MakeCall("refund_payment", f"{case.id}:refund_payment:1", now(), {}, Said(no_return=True))
    return transitions.apply(Transition(str(case.id), case.applied + 1, now(), Said(stage="returned"), calls=(call,)))


def transfer(invoice: Invoice, amount: str, key: str = "t1") -> None:
    """The bill is paid in another way."""
    paid = paying.Paid(key=key, amount=Decimal(amount), currency="EUR", paid_on=invoice.issued_on)
    paying.record_payment(invoice=invoice, paid=paid, by=system(), now=now())
